/** What views work with: the phone's state as signals, and verbs whose failures are shown. */

import { type Phone, type PhoneState, VerbError, type VerbName, type Verbs } from "@callside/phone-core";
import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";

const TICK_MS = 250;
const NOTICE_MS = 8_000;

export interface KeySound {
  key(digit: string): void;
}

/** What an agent who calls at their own pace looks at. */
export type ByHandTab = "next" | "keys" | "list";

export class Desk {
  readonly phone: Phone;
  readonly sounds: KeySound;
  readonly state: Signal<PhoneState>;
  readonly notes;
  /** Time since the present view came, in ms. */
  readonly sinceView: ReadonlySignal<number>;
  /** What went wrong last, in words; empty when nothing did. */
  readonly notice = signal("");
  /** The last number dialled here, for dialling it again. */
  readonly lastNumber = signal("");
  /** `null`: whatever comes first. */
  readonly tab = signal<ByHandTab | null>(null);
  /** Whether the customer's record, and the script, are unfolded; as the agent left them in the call before. */
  readonly recordOpen = signal(true);
  readonly scriptOpen = signal(true);
  readonly #now: Signal<number>;
  #noticeTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(phone: Phone, sounds: KeySound) {
    this.phone = phone;
    this.sounds = sounds;
    this.state = signal(phone.state.get());
    this.notes = signal(phone.notes.state.get());
    this.#now = signal(phone.clock.now());
    this.sinceView = computed(() => Math.max(0, this.#now.value - this.state.value.viewAt));
    phone.state.watch((state) => {
      this.tick();
      this.state.value = state;
    });
    phone.notes.state.watch((notes) => {
      this.notes.value = notes;
    });
    setInterval(() => this.tick(), TICK_MS);
  }

  /** Timers show the time of the last tick. */
  tick(): void {
    this.#now.value = this.phone.clock.now();
  }

  /** Ask the server; a refusal is shown. True when it was done. */
  async do<V extends VerbName>(verb: V, fields: Verbs[V]): Promise<boolean> {
    return this.shown(this.phone.ask(verb, fields));
  }

  /** Wait for something; when it fails, say so. True when it was done. */
  async shown(work: Promise<unknown>): Promise<boolean> {
    try {
      await work;
      this.say("");
      return true;
    } catch (error) {
      this.say(inWords(error));
      return false;
    }
  }

  say(text: string): void {
    clearTimeout(this.#noticeTimer);
    this.notice.value = text;
    if (text !== "") this.#noticeTimer = setTimeout(() => this.say(""), NOTICE_MS);
  }
}

/** An error for people: the server names the field first ("number: …"), which the agent has in front of them anyway. */
export function inWords(error: unknown): string {
  if (!(error instanceof VerbError)) return "Something went wrong. Try again.";
  const text = error.message.replace(/^[\w.]+: /, "");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export const DeskContext = createContext<Desk | null>(null);

export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (desk === null) throw new Error("a view stands outside of DeskContext");
  return desk;
}
