/** Waiting times between tries: doubling with full jitter, so that a thousand phones do not come back in one instant. */

export interface BackoffLimits {
  readonly firstMs: number;
  readonly longestMs: number;
}

export class Backoff {
  readonly #limits: BackoffLimits;
  readonly #random: () => number;
  #tries = 0;

  constructor(limits: BackoffLimits, random: () => number) {
    this.#limits = limits;
    this.#random = random;
  }

  /** How many waits were asked for since the last success. */
  get tries(): number {
    return this.#tries;
  }

  /** Milliseconds to wait before the next try: between half and all of the present step. */
  next(): number {
    const step = Math.min(this.#limits.longestMs, this.#limits.firstMs * 2 ** this.#tries);
    this.#tries += 1;
    return Math.round(step / 2 + (step / 2) * this.#random());
  }

  /** It worked. */
  reset(): void {
    this.#tries = 0;
  }
}
