// The CRM side of the phone's message contract. Copy this file: it stands alone.
//
//   const iframe = document.querySelector("iframe");
//   const link = new PhoneLink(iframe, "https://phone.example.com");
//   link.on("call.incoming", ({ call }) => showContact(call.number));
//   link.on("agent.stateChanged", ({ state, reason }) => showState(state, reason));
//   try { await link.dial("+15550100100"); } catch (refusal) { tell(refusal.message); }
//
// What it takes care of:
// - Messages are taken from the phone's exact origin AND from our iframe's window only. Any page that got hold of a
//   reference to this window can post to it; whoever checks neither, or only one of the two, obeys strangers.
// - Messages are sent to the phone's exact origin, never to "*": the frame may have been navigated elsewhere.
// - A message without the contract's shape is not heard at all. Numbers and names are what callers claim: show them as
//   text (textContent), never as HTML.
// - `hello` is sent when the frame has loaded and then again until `ready` comes: the phone may start listening later
//   than it loads, and some browsers do not tell it which page frames it.
// - Every request is answered or times out; nothing waits for ever.

const VERSION = 1;
const HELLO_EVERY_MS = 1_000;
const SILENT_AFTER_MS = 12_000;
const REPLY_WITHIN_MS = 10_000;

const isText = (value) => typeof value === "string";
const isTextOrNone = (value) => value === undefined || value === null || isText(value);
const isThing = (value) => typeof value === "object" && value !== null;
const isCall = (call) =>
  isThing(call) && [call.id, call.number, call.direction].every(isText) && [call.name, call.via].every(isTextOrNone);
const isReason = (reason) => reason === undefined || reason === null || (isThing(reason) && isText(reason.label));
const isState = (message) => isTextOrNone(message.state) && isReason(message.reason);

/** What the phone may say, and the shape each message must have. */
const SHAPES = {
  ready: (m) => isThing(m.agent) && isText(m.loginType) && isState(m) && (!m.call || isCall(m.call)),
  "agent.stateChanged": (m) => isText(m.state) && isState(m),
  "lead.shown": (m) => [m.leadId, m.number, m.name].every(isText) && isThing(m.fields),
  "call.incoming": (m) => isCall(m.call),
  "call.ringing": (m) => isCall(m.call),
  "call.answered": (m) => isCall(m.call),
  "call.ended": (m) => isCall(m.call) && isText(m.call.cause),
  "dial.accepted": (m) => isText(m.requestId),
  "dial.refused": (m) => isText(m.requestId) && isTextOrNone(m.code) && isTextOrNone(m.message),
  "session.ended": (m) => isText(m.cause),
};

/** The phone did not take a request; `code` is for programs, `message` for people. */
export class PhoneRefusal extends Error {
  constructor(code, message) {
    super(message);
    this.name = "PhoneRefusal";
    this.code = code;
  }
}

export class PhoneLink {
  #iframe;
  #origin;
  #listeners = new Map();
  #requests = new Map();
  #ready = false;
  #loadedAt = 0;
  #helloTimer = 0;
  #closed = new AbortController();

  /**
   * @param {HTMLIFrameElement} iframe the phone's frame; make the link before it is in the page, so that no load is missed
   * @param {string} origin the phone's origin, exactly: scheme, host and port, no slash at the end
   */
  constructor(iframe, origin) {
    if (new URL(origin).origin !== origin) throw new TypeError(`not an origin: ${origin}`);
    this.#iframe = iframe;
    this.#origin = origin;
    const { signal } = this.#closed;
    addEventListener("message", (event) => this.#received(event), { signal });
    iframe.addEventListener("load", () => this.#loaded(), { signal });
  }

  /** Whether the phone has answered since its page was loaded. */
  get ready() {
    return this.#ready;
  }

  /**
   * Call `listener(message)` for each message of that type: ready, agent.stateChanged, lead.shown, call.incoming,
   * call.ringing, call.answered, call.ended, session.ended; and `silent` when the phone was loaded and does not answer.
   * @returns {() => void} stops it
   */
  on(type, listener) {
    if (!this.#listeners.has(type)) this.#listeners.set(type, new Set());
    this.#listeners.get(type).add(listener);
    return () => this.#listeners.get(type).delete(listener);
  }

  /**
   * Have the phone dial. Resolves when it does.
   * @throws {PhoneRefusal} it does not, and why; or it gave no answer (code "timeout")
   */
  dial(number) {
    if (!this.#ready) return Promise.reject(new PhoneRefusal("not_ready", "The phone is not ready yet."));
    const requestId = crypto.randomUUID();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#settle(requestId, "reject", new PhoneRefusal("timeout", "The phone did not answer. Look at it, then try again."));
      }, REPLY_WITHIN_MS);
      this.#requests.set(requestId, { resolve, reject, timer });
      this.#post({ type: "dial", number, requestId });
    });
  }

  /** Hang up the call that is on; `call.ended` follows. */
  hangup() {
    if (this.#ready) this.#post({ type: "hangup" });
  }

  /** Hear and say nothing any more. */
  close() {
    this.#closed.abort();
    clearTimeout(this.#helloTimer);
    this.#ready = false;
    for (const requestId of [...this.#requests.keys()]) {
      this.#settle(requestId, "reject", new PhoneRefusal("closed", "The phone was closed."));
    }
    this.#listeners.clear();
  }

  #loaded() {
    this.#ready = false;
    this.#loadedAt = performance.now();
    clearTimeout(this.#helloTimer);
    this.#hello();
  }

  #hello() {
    if (this.#ready || this.#closed.signal.aborted) return;
    const waited = performance.now() - this.#loadedAt;
    if (waited > SILENT_AFTER_MS) {
      this.#tell({ type: "silent" });
      return;
    }
    this.#post({ type: "hello" });
    this.#helloTimer = setTimeout(() => this.#hello(), HELLO_EVERY_MS);
  }

  #post(message) {
    this.#iframe.contentWindow?.postMessage({ callside: VERSION, ...message }, this.#origin);
  }

  #received(event) {
    if (event.origin !== this.#origin || event.source !== this.#iframe.contentWindow) return;
    const message = event.data;
    if (!isThing(message) || message.callside !== VERSION) return;
    if (!Object.hasOwn(SHAPES, message.type) || !SHAPES[message.type](message)) return;
    if (message.type === "ready") this.#ready = true;
    if (message.type === "dial.accepted") this.#settle(message.requestId, "resolve");
    if (message.type === "dial.refused") {
      const words = message.message || "The phone does not dial this number.";
      this.#settle(message.requestId, "reject", new PhoneRefusal(message.code || "refused", words));
    }
    this.#tell(message);
  }

  #settle(requestId, how, value) {
    const request = this.#requests.get(requestId);
    if (!request) return;
    this.#requests.delete(requestId);
    clearTimeout(request.timer);
    request[how](value);
  }

  #tell(message) {
    for (const listener of [...(this.#listeners.get(message.type) ?? [])]) listener(message);
  }
}
