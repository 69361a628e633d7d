// Builds elements. Text goes in as text, never as HTML: names and numbers come from callers.

const SHAPES = {
  people: "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Zm-6 9c0-3.3 2.7-6 6-6s6 2.7 6 6M16 4.5a3.5 3.5 0 0 1 0 6.6M18 14.4c1.9.9 3 3 3 5.6",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Zm0-14v5l3.5 2",
  phone: "M5 3h3.5l1.7 4.6-2.3 1.7a12 12 0 0 0 6.8 6.8l1.7-2.3L21 15.5V19a2 2 0 0 1-2.2 2A17 17 0 0 1 3 5.2 2 2 0 0 1 5 3Z",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14Zm9 2-4-4",
  plus: "M12 5v14M5 12h14",
  back: "M19 12H5m6-6-6 6 6 6",
  in: "M17 7 7 17m0-8v8h8",
  out: "M7 17 17 7m-8 0h8v8",
  exit: "M14 4h4a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2h-4M4 12h11m-4-4 4 4-4 4",
  pin: "M12 21s7-6 7-11.5a7 7 0 0 0-14 0C5 15 12 21 12 21Zm0-9a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z",
  mail: "M3 6h18v12H3zM3 7l9 7 9-7",
  case: "M3 8h18v12H3zM8 8V5a1 1 0 0 1 1-1h6a1 1 0 0 1 1 1v3M3 13h18",
  dock: "M3 4h18v16H3zM15 4v16",
};

/** An icon for the eye only. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("icon");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", SHAPES[name]);
  svg.append(path);
  return svg;
}

/** `h("button.primary", {type: "submit", onclick}, "Save")`: properties that exist are set, others become attributes. */
export function h(what, properties = {}, ...children) {
  const [tag, ...classes] = what.split(".");
  const element = document.createElement(tag);
  if (classes.length) element.classList.add(...classes);
  for (const [key, value] of Object.entries(properties)) {
    if (key in element) element[key] = value;
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** A word at the edge of the screen that goes by itself; `bad` ones stay longer and are read out at once. */
export function toast(text, bad = false) {
  const shown = h(bad ? "p.toast.bad" : "p.toast", bad ? { role: "alert" } : {}, text);
  document.querySelector("#toasts").append(shown);
  setTimeout(() => shown.remove(), bad ? 9_000 : 5_000);
}

/** Initials in a calm colour of their own. */
export function avatar(name) {
  const initials = name.split(/\s+/).filter(Boolean).map((word) => word[0]).slice(0, 2).join("").toUpperCase();
  const hue = [...name].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 6, 7);
  return h(`span.avatar.hue-${hue}`, { "aria-hidden": "true" }, initials || "?");
}
