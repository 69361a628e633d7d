/** Keeps a browser's line up: microphone, credentials, registration, `line.ready`, and again whenever it is lost. */

import { Backoff } from "./backoff";
import {
  type Clock,
  type MediaAgent,
  type MediaLine,
  type Microphone,
  MicrophoneError,
  type MicrophoneFault,
  type Microphones,
} from "./ports";
import type { VerbName, Verbs, VerbValue, View } from "./protocol";
import { Cell, type Readable, type Stop } from "./store";

const LIMITS = { firstMs: 600, longestMs: 15_000 };
/** From `line.ready` to audio; the engine calls at once, so this is generous. */
const ANSWER_MS = 12_000;
/** How long the server may say "down" while we think "up": its snapshot can be older than our answer. */
const DOUBT_MS = 1_500;

export type MicrophoneStatus = "unasked" | "asking" | "open" | MicrophoneFault;

export interface LineStatus {
  readonly microphone: MicrophoneStatus;
  /** Our own side of the line; `stuck`: nothing goes on until the agent has solved the microphone. */
  readonly step: "idle" | "microphone" | "registering" | "calling" | "up" | "waiting" | "stuck";
  /** Failed tries in a row. */
  readonly failures: number;
}

/** Why nobody can hear the agent; `null` while the microphone is well or not needed yet. */
export function microphoneFault({ microphone }: LineStatus): MicrophoneFault | null {
  return microphone === "unasked" || microphone === "asking" || microphone === "open" ? null : microphone;
}

export interface LineServer {
  request<V extends VerbName>(verb: V, fields: Verbs[V]): Promise<VerbValue<V>>;
}

export class LineKeeper {
  readonly #clock: Clock;
  readonly #agent: MediaAgent;
  readonly #microphones: Microphones;
  readonly #backoff: Backoff;
  readonly #status = new Cell<LineStatus>({ microphone: "unasked", step: "idle", failures: 0 });
  #server: LineServer | null = null;
  #bearer = "";
  #microphone: Microphone | null = null;
  #line: MediaLine | null = null;
  #rising: MediaLine | null = null;
  /** Grows with each try; what belongs to an older try is ignored. */
  #attempt = 0;
  #stopTimer: Stop | null = null;
  #view: View | null = null;

  constructor(clock: Clock, agent: MediaAgent, microphones: Microphones) {
    this.#clock = clock;
    this.#agent = agent;
    this.#microphones = microphones;
    this.#backoff = new Backoff(LIMITS, () => clock.random());
  }

  get status(): Readable<LineStatus> {
    return this.#status;
  }

  /** The server to ask, and the bearer the SIP socket is opened with. */
  use(server: LineServer, bearer: string): void {
    this.#server = server;
    this.#bearer = bearer;
  }

  /** A new view has come: raise the line when it should be up and is not. */
  see(view: View): void {
    const before = this.#view;
    this.#view = view;
    if (!this.#wanted()) {
      // Calls may go on in an engine that only the controller lost sight of: keep the line, and doubt nothing yet.
      if (this.#status.get().step === "up") this.#cancelTimer();
      return;
    }
    const step = this.#status.get().step;
    if (step === "idle") {
      void this.#raise();
    } else if (step === "waiting" && before?.engine === "down") {
      this.#in(Math.round(500 * this.#clock.random()), () => void this.#raise());
    } else if (step === "up") {
      this.#compare(view);
      this.#endIfUnheard();
    }
  }

  /** Try now: the agent asked, or the network is back. */
  retry(): void {
    const { step } = this.#status.get();
    if ((step === "waiting" || step === "stuck") && this.#wanted()) {
      this.#backoff.reset();
      void this.#raise();
    } else if (step === "up" && microphoneFault(this.#status.get()) !== null) {
      void this.#replaceMicrophone();
    }
  }

  /** The session is over here: no more line, no microphone. Nothing is said to the server. */
  stop(): void {
    this.#attempt += 1;
    this.#view = null;
    this.#cancelTimer();
    this.#rising?.close();
    this.#rising = null;
    this.#line?.close();
    this.#line = null;
    this.#microphone?.close();
    this.#microphone = null;
    this.#backoff.reset();
    this.#status.set({ microphone: "unasked", step: "idle", failures: 0 });
  }

  #wanted(): boolean {
    const view = this.#view;
    return view !== null && view.line.device === "browser" && view.engine === "up" && view.state.name !== "closed";
  }

  /** The server says that the line is down while our side looks up: believe it, after a moment. */
  #compare(view: View): void {
    if (view.line.state !== "down") {
      this.#cancelTimer();
    } else if (this.#stopTimer === null) {
      this.#in(DOUBT_MS, () => this.#lost("the server has lost it"));
    }
  }

  async #raise(): Promise<void> {
    this.#cancelTimer();
    this.#attempt += 1;
    const attempt = this.#attempt;
    const current = () => attempt === this.#attempt;
    try {
      this.#change({ step: "microphone" });
      const microphone = await this.#openMicrophone();
      if (!current()) return;
      await this.#call(microphone, current);
      if (current()) this.#up();
    } catch (error) {
      if (current()) this.#failed(error);
    }
  }

  async #openMicrophone(): Promise<Microphone> {
    if (this.#microphone?.live) return this.#microphone;
    this.#change({ microphone: "asking" });
    const microphone = await this.#microphones.open();
    if (this.#view === null) {
      microphone.close();
      throw new Error("the session ended meanwhile");
    }
    microphone.onended = () => void this.#microphoneEnded(microphone);
    this.#microphone = microphone;
    this.#change({ microphone: "open" });
    return microphone;
  }

  async #call(microphone: Microphone, current: () => boolean): Promise<void> {
    const server = this.#server;
    if (server === null) throw new Error("no server to ask");
    this.#change({ step: "registering" });
    const credentials = await server.request("line.credentials", {});
    if (!current()) return;
    const line = await this.#agent.open(credentials, this.#bearer, microphone);
    this.#rising = line;
    try {
      await line.registered;
      if (!current()) return line.close();
      this.#change({ step: "calling" });
      await server.request("line.ready", {});
      await this.#bounded(line.answered);
    } catch (error) {
      line.close();
      throw error;
    }
    if (!current()) return line.close();
    this.#rising = null;
    if (this.#microphone !== null && this.#microphone !== microphone) line.useMicrophone(this.#microphone);
    // The one before is let go only now: until here it may still have carried the call.
    this.#line?.close();
    this.#line = line;
    line.onlost = (why) => {
      if (this.#line === line) this.#lost(why);
    };
  }

  #bounded(answered: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = this.#clock.after(ANSWER_MS, () => reject(new Error("the engine did not call")));
      answered.then(resolve, reject).finally(stop);
    });
  }

  #up(): void {
    this.#backoff.reset();
    this.#change({ step: "up", failures: 0 });
    if (this.#view !== null && this.#wanted()) this.#compare(this.#view);
  }

  #lost(_why: string): void {
    if (this.#status.get().step !== "up") return;
    this.#change({ step: "waiting" });
    if (this.#wanted()) void this.#raise();
  }

  #failed(error: unknown): void {
    if (error instanceof MicrophoneError) {
      // Asking again by itself would only open the browser's question again; the agent tries again when it is solved.
      this.#change({ microphone: error.fault, step: "stuck" });
      return;
    }
    this.#change({ step: "waiting", failures: this.#status.get().failures + 1 });
    this.#in(this.#backoff.next(), () => {
      if (this.#wanted()) void this.#raise();
    });
  }

  async #microphoneEnded(ended: Microphone): Promise<void> {
    if (this.#microphone !== ended) return;
    this.#microphone = null;
    await this.#replaceMicrophone();
  }

  async #replaceMicrophone(): Promise<void> {
    try {
      this.#line?.useMicrophone(await this.#openMicrophone());
    } catch (error) {
      if (!(error instanceof MicrophoneError)) return;
      this.#change({ microphone: error.fault });
      this.#endIfUnheard();
    }
  }

  /** Nobody would hear the agent: without a call, no call may come. A call that goes on is at least heard. */
  #endIfUnheard(): void {
    if (this.#view?.call || microphoneFault(this.#status.get()) === null) return;
    this.#line?.end();
    this.#line = null;
    this.#cancelTimer();
    this.#change({ step: "stuck" });
  }

  #in(ms: number, callback: () => void): void {
    this.#cancelTimer();
    this.#stopTimer = this.#clock.after(ms, () => {
      this.#stopTimer = null;
      callback();
    });
  }

  #cancelTimer(): void {
    this.#stopTimer?.();
    this.#stopTimer = null;
  }

  #change(part: Partial<LineStatus>): void {
    this.#status.set({ ...this.#status.get(), ...part });
  }
}
