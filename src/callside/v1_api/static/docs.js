// Shows openapi.json as a page. Everything is set as text, nothing as HTML; nothing is loaded from elsewhere.
"use strict";

const make = (tag, options = {}, ...children) => {
  const { text, ...rest } = options;
  const element = Object.assign(document.createElement(tag), rest);
  if (text !== undefined) element.textContent = text;
  element.append(...children.filter(Boolean));
  return element;
};

const follow = (api, schema) =>
  schema?.$ref
    ? schema.$ref
        .replace("#/", "")
        .split("/")
        .reduce((at, key) => at[key], api)
    : (schema ?? {});

const nameOfType = (api, schema) => {
  if (schema.$ref) return schema.$ref.split("/").pop();
  if (schema.anyOf) return schema.anyOf.map((one) => nameOfType(api, one)).join(" or ");
  if (schema.enum) return schema.enum.map((one) => `"${one}"`).join(" or ");
  if (schema.type === "array") return `list of ${nameOfType(api, schema.items || {})}`;
  return schema.format ? `${schema.type} (${schema.format})` : schema.type || "any";
};

const limits = (schema) =>
  [
    ["minimum", "at least"],
    ["maximum", "at most"],
    ["minLength", "length at least"],
    ["maxLength", "length at most"],
    ["pattern", "pattern"],
  ]
    .filter(([key]) => schema[key] !== undefined)
    .map(([key, words]) => `${words} ${schema[key]}`)
    .join(", ");

const plainExamples = { string: "…", integer: 0, number: 0, boolean: true, object: {}, array: [] };

const givenExample = (schema) => [...(schema.examples ?? []), schema.default, ...(schema.enum ?? [])][0];

const exampleOf = (api, schema, depth = 0) => {
  const real = follow(api, schema);
  const given = givenExample(real);
  if (given !== undefined) return given;
  if (depth > 5) return null;
  const inside = (one) => exampleOf(api, one, depth + 1);
  if (real.anyOf) return inside(real.anyOf[0]);
  if (real.items) return [inside(real.items)];
  if (real.properties) {
    return Object.fromEntries(Object.entries(real.properties).map(([key, one]) => [key, inside(one)]));
  }
  return real.format === "date-time" ? "2026-01-31T09:30:00Z" : (plainExamples[real.type] ?? null);
};

const fieldsTable = (api, rows) => {
  const body = make("tbody");
  for (const { name, schema, needed, description } of rows) {
    const note = [
      (description || "").replace(/\.$/, ""),
      limits(schema),
      schema.default !== undefined ? `default ${JSON.stringify(schema.default)}` : "",
    ]
      .filter(Boolean)
      .join("; ");
    body.append(
      make(
        "tr",
        {},
        make("td", {}, make("code", { text: name, className: needed ? "needed" : "" })),
        make("td", { text: nameOfType(api, schema) }),
        make("td", { text: note, className: "note" }),
      ),
    );
  }
  const head = make("tr", {}, ...["Field", "Type", "Notes"].map((text) => make("th", { text, scope: "col" })));
  return make("table", {}, make("thead", {}, head), body);
};

const bodyOf = (api, content) => {
  const schema = content?.["application/json"]?.schema;
  if (!schema) return [];
  const real = follow(api, schema);
  const rows = Object.entries(real.properties || {}).map(([name, one]) => ({
    name,
    schema: one,
    needed: (real.required || []).includes(name),
    description: one.description,
  }));
  return [
    rows.length ? fieldsTable(api, rows) : null,
    make("h3", { text: "Example" }),
    make("pre", { tabIndex: 0 }, make("code", { text: JSON.stringify(exampleOf(api, schema), null, 2) })),
  ];
};

const operationCard = (api, path, method, operation) => {
  const inside = make("div", { className: "inside" });
  if (operation.description) inside.append(make("p", { text: operation.description }));
  if (operation.parameters?.length) {
    inside.append(make("h3", { text: "Parameters" }));
    inside.append(
      fieldsTable(
        api,
        operation.parameters.map((one) => ({
          name: `${one.name} (${one.in})`,
          schema: one.schema || {},
          needed: one.required,
          description: one.description,
        })),
      ),
    );
  }
  if (operation.requestBody) {
    inside.append(make("h3", { text: "Body" }), ...bodyOf(api, operation.requestBody.content).filter(Boolean));
  }
  for (const [status, answer] of Object.entries(operation.responses)) {
    const good = status.startsWith("2");
    if (good) {
      inside.append(make("h3", { text: `Answer ${status}` }), ...bodyOf(api, answer.content).filter(Boolean));
    }
  }
  const refusals = Object.entries(operation.responses).filter(([status]) => !status.startsWith("2"));
  if (refusals.length) {
    const rows = refusals.map(([status, answer]) =>
      make("tr", {}, make("td", {}, make("code", { text: status })), make("td", { text: answer.description })),
    );
    inside.append(make("h3", { text: "Refusals" }), make("table", {}, make("tbody", {}, ...rows)));
  }
  const summary = make(
    "summary",
    {},
    make("span", { className: `method ${method}`, text: method.toUpperCase() }),
    make("code", { text: `/v1${path}` }),
    make("span", { className: "what", text: operation.summary || "" }),
  );
  const card = make("details", { id: operation.operationId }, summary, inside);
  card.dataset.words = `${method} ${path} ${operation.summary} ${operation.operationId}`.toLowerCase();
  return card;
};

const operationsOf = (api) =>
  Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );

const tagSection = (api, tag) => {
  const mine = operationsOf(api).filter(({ operation }) => operation.tags.includes(tag.name));
  const cards = mine.map(({ path, method, operation }) => operationCard(api, path, method, operation));
  const heading = [make("h2", { text: tag.name }), make("p", { text: tag.description })];
  return make("section", { id: `tag-${tag.name}` }, ...heading, ...cards);
};

const search = (place, text) => {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  for (const card of place.querySelectorAll("details")) {
    card.hidden = !words.every((word) => card.dataset.words.includes(word));
  }
  for (const section of place.querySelectorAll("section")) {
    section.hidden = !section.querySelector("details:not([hidden])");
  }
};

const show = (api) => {
  document.getElementById("version").textContent = api.info.version;
  document.getElementById("about").textContent = api.info.description.replaceAll("`", "");
  const place = document.getElementById("operations");
  place.append(...api.tags.map((tag) => tagSection(api, tag)));
  const links = api.tags.map((tag) => make("a", { href: `#tag-${tag.name}`, text: tag.name }));
  document.getElementById("tags").append(...links);
  document.getElementById("search").addEventListener("input", (event) => search(place, event.target.value));
};

fetch("openapi.json")
  .then((answer) => answer.json())
  .then(show)
  .catch(() => {
    document.getElementById("about").textContent = "openapi.json could not be loaded; reload the page to try again.";
  });
