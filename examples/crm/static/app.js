// The CRM's one page: login or desk; on the desk the header, the pages and the phone.

import { get, post } from "./api.js";
import { Calls } from "./calls.js";
import { Customers } from "./customers.js";
import { makeDock } from "./dock.js";
import { h, icon, toast } from "./dom.js";
import { endNow, leave } from "./leave.js";
import { loading, showLogin } from "./login.js";
import { duration, endWords, ON_A_CALL, resultOf, stateWords } from "./words.js";

const root = document.querySelector("#root");

async function start(notice = "") {
  root.replaceChildren(loading());
  try {
    const { me } = await get("me");
    if (me) await new Desk(me).open();
    else showLogin(root, notice, (entered) => new Desk(entered).open());
  } catch (error) {
    showLogin(root, error.message, (entered) => new Desk(entered).open());
  }
}

class Desk {
  #me;
  #customers = new Customers();
  #calls = new Calls(this.#customers);
  #dock;
  #state = "connecting";
  #shown = new AbortController();
  #page = h("div.page");
  #strip = h("div.strips");
  #pill = h("span.pill.wait", { role: "status" }, "Connecting");
  #leaving = h("div.leaving", { hidden: true, role: "status" });
  #exit = h("button.quiet", { type: "button", onclick: () => this.#leave() }, icon("exit"), h("span", {}, "Log out"));

  constructor(me) {
    this.#me = me;
    this.#dock = makeDock(me.phone, () => this.#over("", true));
  }

  async open() {
    const { signal } = this.#shown;
    const { link } = this.#dock;
    try {
      await Promise.all([this.#customers.load(), this.#calls.load()]);
    } catch (error) {
      if (error.status === 401) return this.#over(error.message);
      toast(error.message, true);
    }
    link.on("ready", (message) => this.#ready(message));
    link.on("agent.stateChanged", ({ state, reason }) => this.#stateIs(state, reason));
    for (const type of ["call.incoming", "call.ringing", "call.answered", "call.ended"]) {
      link.on(type, ({ call }) => this.#callMoved(type, call));
    }
    link.on("lead.shown", (lead) => this.#pop(lead));
    link.on("session.ended", ({ cause }) => this.#over(endWords(cause)));
    addEventListener("hashchange", () => this.#route(true), { signal });
    const ticking = setInterval(() => this.#showStrip(), 1_000);
    signal.addEventListener("abort", () => clearInterval(ticking));
    this.#showLeaving(this.#me.leaving);
    root.replaceChildren(this.#frame()); // from here on the phone loads
    this.#route();
  }

  #frame() {
    const tab = (to, what, words) => h("a", { href: to }, icon(what), h("span", {}, words));
    const { username, assignment, loginType } = this.#me;
    return h(
      "div.desk",
      {},
      h(
        "header",
        {},
        h("a.logo", { href: "#/customers" }, h("img", { src: "static/icon.svg", alt: "", width: 28, height: 28 }), "Example Travel"),
        h("nav", { "aria-label": "Main" }, tab("#/customers", "people", "Customers"), tab("#/calls", "clock", "Calls")),
        h("div.agent", {}, this.#pill, h("div.whoami", {}, h("strong", {}, username), h("span.hint", {}, assignment || loginType))),
        this.#dock.toggle,
        this.#exit,
      ),
      h("main", { tabIndex: -1 }, this.#leaving, this.#strip, this.#page),
      this.#dock.element,
    );
  }

  /** Show the page of the address; `moved` when the agent (or a call) went there. */
  #route(moved = false) {
    const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
    const [section, id] = path.split("/");
    const dial = (number) => this.#dial(number);
    const contact = section === "customers" && id ? this.#customers.find(id) : undefined;
    let content;
    if (section === "calls") content = this.#calls.page(dial);
    else if (section === "new") content = this.#customers.newPage(new URLSearchParams(query).get("number") ?? "", ({ id: made }) => (location.hash = `#/customers/${made}`));
    else if (contact) content = this.#customers.page(contact, dial, this.#calls.of(contact, dial));
    else content = this.#customers.listPage(dial);
    this.#page.replaceChildren(...content);
    const title = this.#page.querySelector("h1").textContent;
    document.title = `${title} · Example Travel CRM`;
    for (const tab of root.querySelectorAll("nav a")) {
      const here = tab.hash === (section === "calls" ? "#/calls" : "#/customers");
      if (here) tab.setAttribute("aria-current", "page");
      else tab.removeAttribute("aria-current");
    }
    if (moved && section !== "new") root.querySelector("main").focus({ preventScroll: true });
  }

  #ready({ agent, state, reason, call }) {
    const name = root.querySelector(".whoami strong");
    if (agent.name) name.textContent = name.title = agent.name;
    if (state) this.#stateIs(state, reason);
    this.#calls.resumed(call ?? null, state === "talking" || state === "held");
    this.#showStrip();
  }

  #stateIs(state, reason) {
    this.#state = state;
    const { words, tone } = stateWords(state, reason);
    this.#pill.className = `pill ${tone}`;
    if (this.#pill.textContent !== words) this.#pill.textContent = this.#pill.title = words;
  }

  #callMoved(type, call) {
    const entry = this.#calls.heard(type, call);
    this.#showStrip();
    if (type === "call.incoming") this.#pop(call);
    if (type === "call.ended") toast(`${this.#calls.name(call)}: ${call.talkMs ? duration(call.talkMs) : resultOf(entry).toLowerCase()}`);
  }

  /** Screen pop: whoever calls, or is called from a list, is on the screen before hello. A form that is open is not taken away. */
  #pop({ number }) {
    this.#dock.show(true);
    const contact = this.#customers.withNumber(number);
    if (contact && !location.hash.startsWith("#/new")) location.hash = `#/customers/${contact.id}`;
  }

  /** Every second only the time is new: the buttons stay, and with them the focus. */
  #showStrip() {
    const strip = this.#calls.strip(() => this.#dock.link.hangup());
    const old = this.#strip.firstElementChild;
    if (strip?.dataset.is !== old?.dataset.is) this.#strip.replaceChildren(...(strip ? [strip] : []));
    else if (strip?.querySelector("time")) old.querySelector("time").textContent = strip.querySelector("time").textContent;
  }

  async #dial(number) {
    this.#dock.show(true);
    try {
      await this.#dock.link.dial(number);
    } catch (refusal) {
      toast(refusal.message, true);
    }
  }

  async #leave() {
    this.#exit.disabled = true;
    const became = await leave(this.#calls.current !== null || ON_A_CALL.has(this.#state));
    this.#exit.disabled = false;
    if (became === "left") this.#over("You are logged out.");
    if (became === "waiting") this.#showLeaving(true);
  }

  #showLeaving(leaving) {
    if (this.#shown.signal.aborted) return;
    const now = async () => (await endNow()) === "left" && this.#over("You are logged out.");
    this.#leaving.hidden = !leaving;
    this.#exit.hidden = leaving;
    if (leaving) {
      this.#leaving.replaceChildren("You are logged out after this call.", h("button.danger", { type: "button", onclick: now }, "End now"));
    }
  }

  /** The session is over: back to the login page, which says why. `unasked` when the phone itself said nothing. */
  async #over(words, unasked = false) {
    if (this.#shown.signal.aborted) return;
    this.#shown.abort();
    this.#dock.link.close();
    await this.#calls.close();
    const { phone } = this.#me;
    if (unasked) await post("logout").catch(() => {});
    await post("session-over", { phone }).catch(() => {});
    await start(words);
  }
}

start();
