/** Sounds the phone makes itself: ringing for an offered call, two notes for one that is just there, a sound of its own for each key. No sound files. */

const RING_GAIN = 0.16;
const KEY_GAIN = 0.06;
/** Two soft notes, twice, then a pause: frequency (Hz), start and length (s). */
const RING: readonly (readonly [number, number, number])[] = [
  [587.33, 0, 0.28],
  [739.99, 0.16, 0.42],
  [587.33, 0.7, 0.28],
  [739.99, 0.86, 0.42],
];
const RING_EVERY_MS = 3_000;
/** ITU-T Q.23: row and column frequencies of the keypad. */
const ROWS = [697, 770, 852, 941];
const COLUMNS = [1209, 1336, 1477];
const KEYS = ["123", "456", "789", "*0#"];
const KEY_S = 0.09;

export class Tones {
  #context: AudioContext | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Ring until told otherwise; says nothing where the browser allows no sound before a click. */
  ring(on: boolean): void {
    if (on === (this.#timer !== undefined)) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    if (!on) return;
    this.#ringOnce();
    this.#timer = setInterval(() => this.#ringOnce(), RING_EVERY_MS);
  }

  /** Somebody is on the line, though nothing rang: two quick notes beside the customer's first word, not instead of it. */
  connected(): void {
    this.#note(880, 0, 0.09, RING_GAIN);
    this.#note(1174.66, 0.1, 0.12, RING_GAIN);
  }

  /** The sound of a key, for the agent only. */
  key(digit: string): void {
    const row = KEYS.findIndex((keys) => keys.includes(digit));
    const column = KEYS[row]?.indexOf(digit) ?? -1;
    const low = ROWS[row];
    const high = COLUMNS[column];
    if (low === undefined || high === undefined) return;
    this.#note(low, 0, KEY_S, KEY_GAIN);
    this.#note(high, 0, KEY_S, KEY_GAIN);
  }

  /** Call from a click or a key: the browser lets us make sounds from then on. */
  wake(): void {
    void this.#open()?.resume();
  }

  #ringOnce(): void {
    for (const [frequency, start, length] of RING) this.#note(frequency, start, length, RING_GAIN);
  }

  #note(frequency: number, start: number, length: number, gain: number): void {
    const context = this.#open();
    if (context === null || context.state !== "running") return;
    const from = context.currentTime + start;
    const source = new OscillatorNode(context, { type: "sine", frequency });
    const volume = new GainNode(context, { gain: 0 });
    volume.gain.setValueAtTime(0, from);
    volume.gain.linearRampToValueAtTime(gain, from + 0.015);
    volume.gain.exponentialRampToValueAtTime(0.0001, from + length);
    source.connect(volume).connect(context.destination);
    source.start(from);
    source.stop(from + length);
  }

  #open(): AudioContext | null {
    if (this.#context === null && typeof AudioContext !== "undefined") this.#context = new AudioContext();
    return this.#context;
  }
}
