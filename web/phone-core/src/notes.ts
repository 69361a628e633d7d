/** Notes of the present call: typed freely, saved a moment after the last key, never written to another call. */

import type { Clock } from "./ports";
import type { View } from "./protocol";
import { Cell, type Readable, type Stop } from "./store";

const PAUSE_MS = 700;
/** Before wrap-up ends: time for the text to arrive. From then on every key is saved at once. */
const LAST_MS = 1000;

export interface NotesState {
  readonly callId: string | null;
  readonly text: string;
  readonly saved: "yes" | "not_yet" | "failed";
}

const NONE: NotesState = { callId: null, text: "", saved: "yes" };

export class NotesDraft {
  readonly #clock: Clock;
  readonly #save: (text: string) => Promise<unknown>;
  readonly #state = new Cell<NotesState>(NONE);
  #stopTimer: Stop | null = null;
  /** When wrap-up ends by itself, on our clock; after that the server takes no notes. */
  #endsAt = Number.POSITIVE_INFINITY;

  constructor(clock: Clock, save: (text: string) => Promise<unknown>) {
    this.#clock = clock;
    this.#save = save;
  }

  get state(): Readable<NotesState> {
    return this.#state;
  }

  /** A new view: another call brings its own notes; our unsaved text wins over the server's older one. */
  see(view: View): void {
    const call = view.call ?? view.wrapUp?.call ?? null;
    const mine = this.#state.get();
    this.#endsAt = this.#clock.now() + (view.wrapUp?.remainingMs ?? Number.POSITIVE_INFINITY);
    if (call === null) {
      this.#cancelTimer();
      this.#state.set(NONE);
    } else if (call.id !== mine.callId) {
      this.#cancelTimer();
      this.#state.set({ callId: call.id, text: call.notes, saved: "yes" });
    } else if (mine.saved === "yes" && call.notes !== mine.text) {
      this.#state.set({ ...mine, text: call.notes });
    } else if (this.#stopTimer !== null) {
      this.#saveSoon();
    }
  }

  write(text: string): void {
    const mine = this.#state.get();
    if (mine.callId === null) return;
    this.#state.set({ ...mine, text, saved: "not_yet" });
    this.#saveSoon();
  }

  /** Save what is not saved; true when nothing is left unsaved. */
  async flush(): Promise<boolean> {
    this.#cancelTimer();
    const mine = this.#state.get();
    if (mine.callId === null || mine.saved === "yes") return true;
    try {
      await this.#save(mine.text);
    } catch {
      this.#settle(mine, "failed");
      return false;
    }
    return this.#settle(mine, "yes");
  }

  /** More may have been typed, or the call may have changed, while it was being saved. */
  #settle(saved: NotesState, outcome: "yes" | "failed"): boolean {
    const now = this.#state.get();
    if (now.callId !== saved.callId || now.text !== saved.text) return now.callId !== saved.callId;
    this.#state.set({ ...now, saved: outcome });
    return outcome === "yes";
  }

  /** After the next pause in typing, but in time before wrap-up ends. */
  #saveSoon(): void {
    this.#cancelTimer();
    const left = this.#endsAt - LAST_MS - this.#clock.now();
    if (left <= 0) void this.flush();
    else this.#stopTimer = this.#clock.after(Math.min(PAUSE_MS, left), () => void this.flush());
  }

  #cancelTimer(): void {
    this.#stopTimer?.();
    this.#stopTimer = null;
  }
}
