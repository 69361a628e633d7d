// Customers: the list, one customer's page, a new one.

import { get, post } from "./api.js";
import { avatar, h, icon, toast } from "./dom.js";
import { prettyNumber, sameNumber, when } from "./words.js";

export class Customers {
  #all = [];
  #drafts = new Map();
  #words = "";

  async load() {
    this.#all = (await get("contacts")).contacts;
  }

  find(id) {
    return this.#all.find((contact) => contact.id === id);
  }

  /** Whose number it is; undefined for a stranger's. */
  withNumber(number) {
    return this.#all.find((contact) => contact.numbers.some((one) => sameNumber(one.number, number)));
  }

  /** The list with its search. */
  listPage(dial) {
    const rows = h("ul.people");
    const none = h("p.empty", { hidden: true, role: "status" });
    const search = h("input", { type: "search", placeholder: "Name, company or number", "aria-label": "Search customers", value: this.#words });
    const fill = () => {
      this.#words = search.value;
      const found = this.#matching(search.value);
      rows.replaceChildren(...found.map((contact) => personRow(contact, dial)));
      none.hidden = found.length > 0;
      none.textContent = `Nobody matches “${search.value.trim()}”.`;
    };
    search.addEventListener("input", fill);
    fill();
    return [
      h("div.title", {}, h("h1", {}, "Customers"), h("a.button", { href: "#/new" }, icon("plus"), "New customer")),
      h("div.search", {}, icon("search"), search),
      rows,
      none,
    ];
  }

  #matching(words) {
    const wanted = words.trim().toLowerCase();
    const digits = wanted.replace(/\D/g, "");
    return this.#all.filter(
      ({ name, company, city, numbers }) =>
        !wanted ||
        `${name} ${company} ${city}`.toLowerCase().includes(wanted) ||
        (digits.length >= 3 && numbers.some((one) => one.number.includes(digits))),
    );
  }

  /** One customer; `calls` is the element with their calls. */
  page(contact, dial, calls) {
    return [
      h("a.backlink", { href: "#/customers" }, icon("back"), "Customers"),
      h("div.person", {}, avatar(contact.name), h("div", {}, h("h1", {}, contact.name), h("p.hint", {}, contact.company || "Private customer"))),
      h("div.columns", {}, h("section.panel", {}, h("h2", {}, "Details"), details(contact, dial)), this.#notes(contact)),
      h("section", {}, h("h2", {}, "Calls"), calls),
    ];
  }

  /** Notes; what is typed and not saved yet is still there after another customer popped up. */
  #notes(contact) {
    const list = h("ul.notes");
    const text = h("textarea", { rows: 3, maxLength: 2000, "aria-label": "New note", placeholder: "What was it about?", value: this.#drafts.get(contact.id) ?? "" });
    const save = h("button.primary", { type: "submit", disabled: !text.value.trim() }, "Save note");
    text.addEventListener("input", () => {
      this.#drafts.set(contact.id, text.value);
      save.disabled = !text.value.trim();
    });
    const fill = () => list.replaceChildren(...contact.notes.map(noteRow));
    fill();
    const onsubmit = async (event) => {
      event.preventDefault();
      save.disabled = true;
      try {
        contact.notes = (await post(`contacts/${contact.id}/notes`, { text: text.value })).contact.notes;
        text.value = "";
        this.#drafts.delete(contact.id);
        fill();
      } catch (error) {
        toast(error.message, true);
      }
      save.disabled = !text.value.trim();
    };
    return h("section.panel", {}, h("h2", {}, "Notes"), h("form.note", { onsubmit }, text, save), list);
  }

  /** A new customer, with the number of whoever calls filled in. */
  newPage(number, made) {
    const name = h("input", { id: "new-name", required: true, maxLength: 80, autocomplete: "off" });
    const company = h("input", { id: "new-company", maxLength: 80, autocomplete: "off" });
    const phone = h("input", { id: "new-number", type: "tel", required: true, maxLength: 32, autocomplete: "off", value: number });
    const onsubmit = async (event) => {
      event.preventDefault();
      try {
        const { contact } = await post("contacts", { name: name.value, company: company.value, number: phone.value });
        this.#all = [...this.#all, contact].sort((a, b) => a.name.localeCompare(b.name));
        made(contact);
      } catch (error) {
        toast(error.message, true);
      }
    };
    setTimeout(() => name.focus());
    return [
      h("a.backlink", { href: "#/customers" }, icon("back"), "Customers"),
      h("h1", {}, "New customer"),
      h(
        "form.panel.new",
        { onsubmit },
        h("div.field", {}, h("label", { htmlFor: "new-name" }, "Name"), name),
        h("div.field", {}, h("label", { htmlFor: "new-company" }, "Company"), company),
        h("div.field", {}, h("label", { htmlFor: "new-number" }, "Phone number"), phone),
        h("button.primary", { type: "submit" }, "Save customer"),
      ),
    ];
  }
}

/** A number to click. */
export const dialButton = (number, who, dial) =>
  h("button.dial", { type: "button", "aria-label": `Call ${who} ${prettyNumber(number)}`, onclick: () => dial(number) }, icon("phone"), prettyNumber(number));

function personRow(contact, dial) {
  const more = [contact.company, contact.city].filter(Boolean).join(" · ");
  return h(
    "li",
    {},
    avatar(contact.name),
    h("div.who", {}, h("a", { href: `#/customers/${contact.id}` }, contact.name), h("p.hint", {}, more || "New customer")),
    contact.hint && h("span.tag", { title: "What this number of the demo does" }, contact.hint),
    dialButton(contact.numbers[0].number, contact.name, dial),
  );
}

function details(contact, dial) {
  const line = (what, words) => words && h("p.line", {}, icon(what), words);
  return h(
    "div.details",
    {},
    contact.numbers.map(({ label, number }) => h("p.line", {}, dialButton(number, contact.name, dial), h("span.hint", {}, label))),
    line("mail", contact.email),
    line("pin", contact.city),
    line("case", contact.trip),
    contact.hint && h("p.hint", {}, `In the demo: ${contact.hint.toLowerCase()}.`),
  );
}

const noteRow = ({ text, author, at }) => h("li", {}, h("p", {}, text), h("p.hint", {}, `${author}, ${when(at)}`));
