/** The whole phone without its looks: redeems the session, keeps socket and line, and holds the one state that views show. */

import { Backoff } from "./backoff";
import { diffViews, readyEvent } from "./events";
import { HostBridge, type HostRequest } from "./host";
import { LineKeeper, type LineStatus } from "./line";
import { NotesDraft } from "./notes";
import type { Clock, HostWindow, MediaAgent, Microphones, OpenWire, Redeem, RedeemAnswer } from "./ports";
import type { EndCause, VerbName, Verbs, VerbValue, View } from "./protocol";
import { type LinkState, PhoneSocket, type SocketEnd, VerbError } from "./socket";
import { Cell, type Readable, type Stop } from "./store";

const REDEEM_LIMITS = { firstMs: 800, longestMs: 10_000 };

const NOT_CONNECTED = "Not connected just now. Try again in a moment.";
const NOT_HERE = "This phone is not logged in here any more.";

export type Refusal = "no_session" | "over" | "in_use";

export type Phase =
  | { readonly name: "starting" }
  | { readonly name: "live" }
  | { readonly name: "refused"; readonly why: Refusal; readonly message: string }
  | { readonly name: "superseded" }
  | { readonly name: "ended"; readonly cause: EndCause };

/** When the customer wants to be called again (wall clock, ms), and whether by this agent. */
export interface CallbackWish {
  readonly callbackAt: number;
  readonly callbackMine: boolean;
}

export interface PhoneState {
  readonly phase: Phase;
  readonly link: LinkState;
  readonly view: View | null;
  /** When `view` came, on the phone's clock: its durations count on from there. */
  readonly viewAt: number;
  readonly line: LineStatus;
  readonly sound: "on" | "blocked";
}

export interface World {
  readonly clock: Clock;
  readonly openWire: OpenWire;
  readonly redeem: Redeem;
  readonly media: MediaAgent;
  readonly microphones: Microphones;
  readonly hostWindow: HostWindow;
}

export class Phone {
  readonly notes: NotesDraft;

  readonly #world: World;
  readonly #line: LineKeeper;
  readonly #host: HostBridge;
  readonly #backoff: Backoff;
  readonly #state: Cell<PhoneState>;
  #sessionId: string | null = null;
  #socket: PhoneSocket | null = null;
  #stopTimer: Stop | null = null;
  #redeeming = 0;
  /** The CRM page was told that the phone is there, and not yet that it is gone. */
  #greeted = false;

  constructor(world: World) {
    this.#world = world;
    this.#line = new LineKeeper(world.clock, world.media, world.microphones);
    this.#host = new HostBridge(world.hostWindow);
    this.#backoff = new Backoff(REDEEM_LIMITS, () => world.clock.random());
    this.notes = new NotesDraft(world.clock, (text) => this.ask("call.notes", { text }));
    this.#state = new Cell<PhoneState>({
      phase: { name: "starting" },
      link: "connecting",
      view: null,
      viewAt: 0,
      line: this.#line.status.get(),
      sound: "on",
    });
    this.#line.status.watch((line) => this.#change({ line }));
    this.#host.onrequest = (request) => void this.#hostAsks(request);
    world.media.onblocked = () => this.#change({ sound: "blocked" });
  }

  get state(): Readable<PhoneState> {
    return this.#state;
  }

  get clock(): Clock {
    return this.#world.clock;
  }

  /** Begin with the session's id from the URL (or from before a reload); `null` when there is none. */
  start(sessionId: string | null): void {
    this.#sessionId = sessionId;
    if (sessionId === null) {
      this.#change({ phase: { name: "refused", why: "no_session", message: "" } });
      return;
    }
    this.#change({ phase: { name: "starting" }, link: "connecting" });
    void this.#redeem();
  }

  /** Use the phone here although another tab has it now. */
  takeBack(): void {
    if (this.#state.get().phase.name === "superseded") this.start(this.#sessionId);
  }

  /** Ask the server to do something.
   * @throws VerbError */
  ask<V extends VerbName>(verb: V, fields: Verbs[V]): Promise<VerbValue<V>> {
    if (this.#socket === null) {
      const { name } = this.#state.get().phase;
      const words = name === "live" || name === "starting" ? NOT_CONNECTED : NOT_HERE;
      return Promise.reject(new VerbError("disconnected", words));
    }
    return this.#socket.request(verb, fields);
  }

  /** End wrap-up with all that was entered: notes, then the disposition if one is chosen, and the callback with it. */
  async finishWrapUp(disposition: string | null, callback: CallbackWish | null = null): Promise<void> {
    await this.notes.flush();
    if (disposition === null) await this.ask("state.ready", {});
    else await this.ask("wrapUp.dispose", { disposition, finish: true, ...callback });
  }

  /** Call the lead shown; from wrap-up call them once more, and keep what was written first. */
  async dialLead(number: number): Promise<void> {
    await this.notes.flush();
    await this.ask("lead.dial", { number });
  }

  /** Try the line again, now: the browser's microphone and registration, or a call to the desk phone. */
  async retryLine(): Promise<void> {
    if (this.#state.get().view?.line.device === "extension") await this.ask("line.ready", {});
    else this.#line.retry();
  }

  /** The network is back or the page is shown again: do not wait for the next turn. */
  hurry(): void {
    if (this.#stopTimer !== null) this.#redeemAfter(0);
    this.#socket?.hurry();
    this.#line.retry();
  }

  /** After the agent's click the browser lets us play. */
  async unblockSound(): Promise<void> {
    if (await this.#world.media.unblock()) this.#change({ sound: "on" });
  }

  async #redeem(): Promise<void> {
    this.#redeeming += 1;
    const turn = this.#redeeming;
    let answer: RedeemAnswer | null;
    try {
      answer = await this.#world.redeem(this.#sessionId ?? "");
    } catch {
      answer = null;
    }
    if (turn !== this.#redeeming) return;
    if (answer?.ok) {
      this.#backoff.reset();
      this.#host.open(answer.origins);
      this.#connect(answer.bearer);
      return;
    }
    const refused = answer === null ? null : refusal(answer);
    if (refused === null) {
      this.#redeemLater();
      return;
    }
    // It ended while nobody could tell us so, and nobody knows any more why.
    if (this.#greeted && answer?.status === 404) this.#tellTheEnd("lost");
    this.#over(refused);
  }

  #redeemLater(): void {
    this.#change({ link: "reconnecting" });
    this.#redeemAfter(this.#backoff.next());
  }

  #redeemAfter(ms: number): void {
    this.#stopTimer?.();
    this.#stopTimer = this.#world.clock.after(ms, () => {
      this.#stopTimer = null;
      void this.#redeem();
    });
  }

  #connect(bearer: string): void {
    const { clock, openWire } = this.#world;
    const socket = new PhoneSocket(clock, openWire, bearer);
    this.#socket = socket;
    this.#line.use(socket, bearer);
    socket.onview = (view) => this.#seen(view);
    socket.onend = (end) => this.#socketEnded(end);
    socket.link.watch((link) => this.#linkChanged(link));
    socket.connect();
  }

  #linkChanged(link: LinkState): void {
    if (link === "closed") return;
    this.#change({ link });
    if (link === "open") {
      this.#line.retry();
      void this.notes.flush();
    }
  }

  #seen(view: View): void {
    const { view: before } = this.#state.get();
    this.notes.see(view);
    this.#change({ phase: { name: "live" }, view, viewAt: this.#world.clock.now() });
    if (before === null) this.#greet(view);
    for (const event of diffViews(before, view)) this.#host.send(event);
    this.#line.see(view);
  }

  #socketEnded(end: SocketEnd): void {
    this.#socket = null;
    if (end.name === "bearer") {
      // A newer bearer was given out, or the server was set up anew: the ticket tells which.
      this.#redeemLater();
    } else if (end.name === "superseded") {
      this.#over({ name: "superseded" });
    } else {
      this.#tellTheEnd(end.cause);
      this.#over({ name: "ended", cause: end.cause });
    }
  }

  #greet(view: View): void {
    this.#greeted = true;
    this.#host.send(readyEvent(view));
  }

  #tellTheEnd(cause: EndCause): void {
    this.#greeted = false;
    this.#host.send({ type: "session.ended", cause });
  }

  #over(phase: Phase): void {
    this.#redeeming += 1;
    this.#stopTimer?.();
    this.#stopTimer = null;
    this.#line.stop();
    this.#change({ phase, link: "closed", view: null, sound: "on" });
  }

  async #hostAsks(request: HostRequest): Promise<void> {
    const { view } = this.#state.get();
    if (request.type === "hello") {
      if (view !== null) this.#greet(view);
    } else if (request.type === "hangup") {
      await this.ask("call.hangup", {}).catch(() => undefined);
    } else {
      await this.#hostDials(request.number, request.requestId);
    }
  }

  async #hostDials(number: string, requestId: string | null): Promise<void> {
    try {
      await this.ask("call.dial", { number });
      this.#host.send({ type: "dial.accepted", requestId });
    } catch (error) {
      const { code, message } =
        error instanceof VerbError ? error : { code: "error", message: "The call was not made." };
      this.#host.send({ type: "dial.refused", requestId, code, message });
    }
  }

  #change(part: Partial<PhoneState>): void {
    this.#state.set({ ...this.#state.get(), ...part });
  }
}

/** What a refused redeem means; `null`: try again later. */
function refusal(answer: RedeemAnswer & { ok: false }): Phase | null {
  if (answer.status === 409) return { name: "refused", why: "in_use", message: answer.message };
  if (answer.status === 429 || answer.status >= 500) return null;
  return { name: "refused", why: "over", message: answer.message };
}
