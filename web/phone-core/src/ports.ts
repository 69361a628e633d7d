/** What the core needs of the world. Browsers implement these in adapters/; tests implement them in memory. */

import type { SipCredentials } from "./protocol";
import type { Stop } from "./store";

/** Time and chance. */
export interface Clock {
  /** Milliseconds on a clock that never jumps. */
  now(): number;
  after(ms: number, callback: () => void): Stop;
  /** In [0, 1). */
  random(): number;
}

/** The part of a WebSocket that is used. */
export interface Wire {
  send(text: string): void;
  close(): void;
  onmessage: ((text: string) => void) | null;
  onclose: ((code: number, reason: string) => void) | null;
}

export type OpenWire = (path: string, protocols: readonly string[]) => Wire;

/** Why there is no microphone. The first three are the ones an agent meets. */
export type MicrophoneFault = "not_delegated" | "denied" | "blocked_by_system" | "no_device" | "busy" | "insecure_page";

export class MicrophoneError extends Error {
  readonly fault: MicrophoneFault;

  constructor(fault: MicrophoneFault) {
    super(`no microphone: ${fault}`);
    this.name = "MicrophoneError";
    this.fault = fault;
  }
}

/** An open microphone; what it is made of is the adapters' own affair. */
export interface Microphone {
  readonly live: boolean;
  /** Called when the device goes away (unplugged, taken by the system). */
  onended: (() => void) | null;
  close(): void;
}

export interface Microphones {
  /** Opens the agent's microphone.
   * @throws MicrophoneError */
  open(): Promise<Microphone>;
}

/** One registered phone with at most one call: the agent's line. */
export interface MediaLine {
  /** Registered: the server may call now. Rejects when that fails. */
  readonly registered: Promise<void>;
  /** The server's call was answered and carries audio. Rejects when the line is lost before. */
  readonly answered: Promise<void>;
  /** The line was up and is gone. Called at most once. */
  onlost: ((why: string) => void) | null;
  /** Speak through another microphone from now on. */
  useMicrophone(microphone: Microphone): void;
  /** Let go at once, without a word to the server. */
  close(): void;
  /** Hang up, so that the server knows at once that there is no line. */
  end(): void;
}

/** The SIP stack, as little of it as there is (research: embedded-phones.md §4.3). */
export interface MediaAgent {
  open(credentials: SipCredentials, bearer: string, microphone: Microphone): Promise<MediaLine>;
  /** The browser refuses to play sound until the agent clicks. */
  onblocked: (() => void) | null;
  /** Play after a click; true when sound is on. */
  unblock(): Promise<boolean>;
}

export type RedeemAnswer =
  | { readonly ok: true; readonly bearer: string; readonly origins: readonly string[] }
  | { readonly ok: false; readonly status: number; readonly message: string };

/** POST /phone/redeem. Rejects when the server cannot be reached. */
export type Redeem = (sessionId: string) => Promise<RedeemAnswer>;

/** The page that holds our frame. */
export interface HostWindow {
  /** The embedding page's origin where the browser tells; `null` where it does not. */
  readonly knownOrigin: string | null;
  post(message: object, origin: string): void;
  listen(callback: (message: unknown, origin: string) => void): Stop;
}
