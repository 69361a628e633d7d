// Calls: what the phone tells, kept as a log, and the strip that shows the call that is on.

import { get, post } from "./api.js";
import { avatar, h, icon, toast } from "./dom.js";
import { dialButton } from "./customers.js";
import { duration, prettyNumber, resultOf, sameNumber, when } from "./words.js";

export class Calls {
  /** The call that is on, or null. */
  current = null;
  #log = [];
  #customers;
  #refresh = () => {};

  constructor(customers) {
    this.#customers = customers;
  }

  async load() {
    this.#log = (await get("calls")).calls;
  }

  /** The phone said something about a call; the entry with all that is known of it. */
  heard(type, call) {
    const now = Date.now();
    const entry = this.#log.find((one) => one.id === call.id) ?? { startedAt: now };
    if (!entry.id) this.#log.unshift(entry);
    for (const key of ["id", "direction", "number", "name", "via", "cause", "hungUpBy", "talkMs"]) {
      if (call[key] !== undefined && call[key] !== null) entry[key] = call[key];
    }
    if (type === "call.answered") entry.answeredAt ??= now;
    if (type === "call.ended") entry.endedAt ??= now;
    this.current = type === "call.ended" ? (this.current?.id === call.id ? null : this.current) : entry;
    post("calls", entry).catch((error) => toast(error.message, true));
    this.#refresh();
    return entry;
  }

  /** The phone came up (again) and says what is on: `call` or null. Whatever else was open has ended unseen. */
  resumed(call, answered) {
    this.current = null;
    for (const entry of this.#log.filter((one) => !one.endedAt && one.id !== call?.id)) entry.endedAt = entry.answeredAt ?? entry.startedAt;
    if (call) this.heard(answered ? "call.answered" : "call.ringing", call);
    this.#refresh();
  }

  /** The session is over, and with it a call whose end the phone could not tell any more. */
  async close() {
    if (!this.current) return;
    this.current.endedAt = Date.now();
    await post("calls", this.current).catch(() => {}); // the log is the least of the worries then
    this.current = null;
  }

  name(call) {
    return this.#customers.withNumber(call.number)?.name ?? (call.name || "Unknown caller");
  }

  page(dial) {
    const none = "No calls yet. They are listed here as soon as you have had one.";
    return [h("h1", {}, "Calls"), this.#list(() => this.#log, dial, none)];
  }

  of(contact, dial) {
    const theirs = (call) => contact.numbers.some((one) => sameNumber(one.number, call.number));
    return this.#list(() => this.#log.filter(theirs), dial, "No calls with this customer yet.");
  }

  /** A list that keeps itself up to date while it is shown. The focus stays where it was. */
  #list(chosen, dial, none) {
    const box = h("div");
    this.#refresh = () => {
      const focused = box.contains(document.activeElement) ? document.activeElement.closest("li")?.dataset.call : undefined;
      const rows = chosen().map((call) => this.#row(call, dial));
      box.replaceChildren(rows.length ? h("ul.calls", {}, rows) : h("p.empty", {}, none));
      if (focused) rows.find((row) => row.dataset.call === focused)?.querySelector("button").focus();
    };
    this.#refresh();
    return box;
  }

  #row(call, dial) {
    const contact = this.#customers.withNumber(call.number);
    const who = contact ? h("a", { href: `#/customers/${contact.id}` }, contact.name) : h("span", {}, this.name(call));
    const inbound = call.direction === "inbound";
    const talk = call.talkMs || (call.endedAt && call.answeredAt ? call.endedAt - call.answeredAt : 0);
    const good = call.answeredAt || call.talkMs || !call.endedAt;
    return h(
      "li",
      { "data-call": call.id },
      h(`span.way${good ? "" : ".missed"}`, { role: "img", "aria-label": inbound ? "Incoming" : "Outgoing" }, icon(inbound ? "in" : "out")),
      h("div.who", {}, who, h("p.hint", {}, [when(call.startedAt), call.via].filter(Boolean).join(" · "))),
      h("span.result", {}, resultOf(call), talk ? h("span.hint", {}, duration(talk)) : null),
      dialButton(call.number, this.name(call), dial),
    );
  }

  /** The strip; null while no call is on. */
  strip(hangup) {
    const call = this.current;
    if (!call) return null;
    const contact = this.#customers.withNumber(call.number);
    const inbound = call.direction === "inbound";
    const words = call.answeredAt ? "Talking" : inbound ? "Incoming call" : "Calling";
    const to = contact ? `#/customers/${contact.id}` : `#/new?number=${encodeURIComponent(call.number)}`;
    return h(
      `section.strip${call.answeredAt ? ".talking" : ".ringing"}`,
      { "aria-label": "Call", "data-is": [call.id, Boolean(call.answeredAt), contact?.id].join(" ") },
      avatar(contact?.name ?? "?"),
      h("div.who", {}, h("strong", {}, this.name(call)), h("p", {}, [prettyNumber(call.number), call.via].filter(Boolean).join(" · "))),
      h("span.now", {}, words, call.answeredAt ? h("time", {}, duration(Date.now() - call.answeredAt)) : null),
      h("a.button", { href: to }, contact ? "Open customer" : "New customer"),
      (call.answeredAt || !inbound) && h("button.danger", { type: "button", onclick: hangup }, "Hang up"),
    );
  }
}
