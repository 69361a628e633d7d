/** Keeps the live floor: connects, reads, and comes back by itself. The token stays in this tab and never in an address. */

import { signal } from "@preact/signals";
import { after, type Floor, readFrame } from "./floor";

export type Phase =
  /** A token is needed; `rejected` when the last one was not good. */
  | { readonly name: "token"; readonly rejected: boolean }
  | { readonly name: "connecting" }
  | { readonly name: "live" }
  /** What is shown is as of `since` (ms, this machine's clock). */
  | { readonly name: "lost"; readonly since: number };

export interface Socket {
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  close(): void;
}

export interface World {
  open(token: string): Socket;
  now(): number;
  later(act: () => void, ms: number): () => void;
  readonly kept: Pick<Storage, "getItem" | "setItem" | "removeItem">;
}

const KEY = "callside.board.token";
const TOKEN_NOT_VALID = 4003;
/** The server says something every 15 s; after so long without a word the connection is dead. */
const SILENT_MS = 40_000;
const LONGEST_PAUSE_MS = 15_000;

export class Feed {
  readonly phase = signal<Phase>({ name: "token", rejected: false });
  readonly floor = signal<Floor | null>(null);
  /** The server's clock minus ours. */
  readonly ahead = signal(0);
  private socket: Socket | null = null;
  private failures = 0;
  private silence: () => void = () => undefined;
  private pause: () => void = () => undefined;

  private readonly world: World;

  constructor(world: World) {
    this.world = world;
  }

  /** With the token of this tab, if it has one. */
  start(): void {
    const token = this.world.kept.getItem(KEY);
    if (token !== null) this.connect(token);
  }

  use(token: string): void {
    this.world.kept.setItem(KEY, token);
    this.failures = 0;
    this.connect(token);
  }

  /** Forget the token and all that was seen with it. */
  leave(rejected = false): void {
    this.world.kept.removeItem(KEY);
    this.drop();
    this.floor.value = null;
    this.phase.value = { name: "token", rejected };
  }

  private connect(token: string): void {
    this.drop();
    if (this.floor.value === null) this.phase.value = { name: "connecting" };
    const socket = this.world.open(token);
    this.socket = socket;
    socket.onmessage = ({ data }) => this.heard(String(data), token);
    socket.onclose = ({ code }) => this.closed(code, token);
    this.listen(token);
  }

  private heard(text: string, token: string): void {
    this.listen(token);
    const frame = readFrame(text);
    if (frame === null || frame.type === "ping" || frame.type === "resync") return;
    const next = after(this.floor.value, frame);
    if (next === "gap") {
      this.connect(token);
      return;
    }
    this.ahead.value = frame.at - this.world.now();
    this.failures = 0;
    this.floor.value = next;
    if (this.phase.value.name !== "live") this.phase.value = { name: "live" };
  }

  private closed(code: number, token: string): void {
    if (code === TOKEN_NOT_VALID) {
      this.leave(true);
      return;
    }
    this.drop();
    if (this.phase.value.name !== "lost") this.phase.value = { name: "lost", since: this.world.now() };
    this.failures += 1;
    const pause = Math.min(LONGEST_PAUSE_MS, 500 * 2 ** Math.min(this.failures, 6)) * (0.75 + Math.random() / 2);
    this.pause = this.world.later(() => this.connect(token), pause);
  }

  private listen(token: string): void {
    this.silence();
    this.silence = this.world.later(() => this.closed(1006, token), SILENT_MS);
  }

  private drop(): void {
    this.silence();
    this.pause();
    if (this.socket === null) return;
    this.socket.onmessage = this.socket.onclose = null;
    this.socket.close();
    this.socket = null;
  }
}
