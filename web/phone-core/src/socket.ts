/** The phone socket: views in, verbs out with one reply each, and back again by itself when it drops. */

import { Backoff } from "./backoff";
import type { Clock, OpenWire, Wire } from "./ports";
import {
  CloseCode,
  type EndCause,
  endCause,
  type ReplyFrame,
  readFrame,
  SUBPROTOCOL,
  type VerbName,
  type Verbs,
  type VerbValue,
  type View,
} from "./protocol";
import { Cell, type Readable, type Stop } from "./store";

const PATH = "/phone/socket";
/** The server pings every 15 s; twice that and a bit without a word means that nobody is there. */
const SILENCE_MS = 40_000;
const REPLY_MS = 10_000;
const OPEN_MS = 10_000;
/** Whoever is there answers sooner than this, or is not waited for. */
const PROBE_MS = 3_000;
const LIMITS = { firstMs: 400, longestMs: 8_000 };

export type LinkState = "connecting" | "open" | "reconnecting" | "closed";

export type SocketEnd =
  | { readonly name: "superseded" }
  | { readonly name: "ended"; readonly cause: EndCause }
  | { readonly name: "bearer" };

/** A verb was refused, or could not be asked. */
export class VerbError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = "VerbError";
    this.code = code;
  }
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: VerbError): void;
  stopTimer: Stop;
}

export class PhoneSocket {
  onview: ((view: View) => void) | null = null;
  /** The server has closed for good; the socket does not come back by itself. */
  onend: ((end: SocketEnd) => void) | null = null;

  readonly #clock: Clock;
  readonly #openWire: OpenWire;
  readonly #bearer: string;
  readonly #backoff: Backoff;
  readonly #link = new Cell<LinkState>("connecting");
  readonly #waiting = new Map<number, Waiting>();
  #wire: Wire | null = null;
  #lastId = 0;
  /** Frames that have come so far, on whichever wire. */
  #heard = 0;
  #stopTimer: Stop | null = null;

  constructor(clock: Clock, openWire: OpenWire, bearer: string) {
    this.#clock = clock;
    this.#openWire = openWire;
    this.#bearer = bearer;
    this.#backoff = new Backoff(LIMITS, () => clock.random());
  }

  get link(): Readable<LinkState> {
    return this.#link;
  }

  connect(): void {
    const wire = this.#openWire(PATH, [SUBPROTOCOL, `bearer.${this.#bearer}`]);
    this.#wire = wire;
    wire.onmessage = (text) => this.#received(text);
    wire.onclose = (code, reason) => this.#closed(code, reason);
    this.#timer(OPEN_MS, () => this.#drop());
  }

  /**
   * Try now instead of at the next turn (the network is back, the page is shown again). A wire that looks open may be one of
   * the network before, dead without a word: it is asked for a sign of life.
   */
  hurry(): void {
    if (this.#wire === null && this.#link.get() === "reconnecting") {
      this.#backoff.reset();
      this.connect();
    } else if (this.#link.get() === "open") {
      this.request("ping", {}).catch(() => undefined);
      this.#unlessHeard(PROBE_MS, () => this.#drop());
    }
  }

  /** Close for good, from our side. */
  close(): void {
    const wire = this.#wire;
    this.#forget("closed");
    wire?.close();
  }

  /** Ask the server to do something.
   * @throws VerbError */
  request<V extends VerbName>(verb: V, fields: Verbs[V]): Promise<VerbValue<V>> {
    const wire = this.#wire;
    if (wire === null || this.#link.get() !== "open") {
      return Promise.reject(new VerbError("disconnected", "Not connected just now. Try again in a moment."));
    }
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      const stopTimer = this.#clock.after(REPLY_MS, () => {
        this.#waiting.delete(id);
        reject(new VerbError("timeout", "The server did not answer in time. Try again."));
      });
      this.#unlessHeard(REPLY_MS, () => this.#drop());
      this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject, stopTimer });
      wire.send(JSON.stringify({ id, do: verb, ...fields }));
    });
  }

  /** `then`, if nothing at all has come on this wire by then. */
  #unlessHeard(ms: number, then: () => void): void {
    const { wire, heard } = { wire: this.#wire, heard: this.#heard };
    this.#clock.after(ms, () => {
      if (this.#wire === wire && this.#heard === heard) then();
    });
  }

  #received(text: string): void {
    this.#heard += 1;
    this.#timer(SILENCE_MS, () => this.#drop());
    const frame = readFrame(text);
    if (frame === null) return;
    if (frame.type === "ping") {
      this.#wire?.send('{"do":"pong"}');
    } else if (frame.type === "reply") {
      this.#replied(frame);
    } else {
      this.#backoff.reset();
      this.#link.set("open");
      this.onview?.(frame.view);
    }
  }

  #replied(frame: ReplyFrame): void {
    const waiting = this.#waiting.get(frame.id);
    if (waiting === undefined) return;
    this.#waiting.delete(frame.id);
    waiting.stopTimer();
    if (frame.ok) waiting.resolve(frame.value);
    else waiting.reject(new VerbError(frame.error.code, frame.error.message));
  }

  #closed(code: number, reason: string): void {
    const end = endOf(code, reason);
    if (end !== null) {
      this.#forget("closed");
      this.onend?.(end);
      return;
    }
    this.#forget("reconnecting");
    this.#timer(this.#backoff.next(), () => this.connect());
  }

  /** The wire is there but nobody answers on it: count it as closed, without waiting for its close frame. */
  #drop(): void {
    const wire = this.#wire;
    this.#closed(0, "");
    wire?.close();
  }

  #forget(link: LinkState): void {
    if (this.#wire !== null) {
      this.#wire.onmessage = null;
      this.#wire.onclose = null;
      this.#wire = null;
    }
    this.#stopTimer?.();
    this.#stopTimer = null;
    this.#link.set(link);
    const lost = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const waiting of lost) {
      waiting.stopTimer();
      waiting.reject(new VerbError("disconnected", "The connection dropped. Try again in a moment."));
    }
  }

  #timer(ms: number, callback: () => void): void {
    this.#stopTimer?.();
    this.#stopTimer = this.#clock.after(ms, callback);
  }
}

function endOf(code: number, reason: string): SocketEnd | null {
  if (code === CloseCode.SUPERSEDED) return { name: "superseded" };
  if (code === CloseCode.SESSION_ENDED) return { name: "ended", cause: endCause(reason) };
  if (code === CloseCode.BEARER_NOT_VALID) return { name: "bearer" };
  return null;
}
