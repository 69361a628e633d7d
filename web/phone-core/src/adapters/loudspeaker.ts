/** Plays the line's audio; tells when the browser wants a click first. */

export class Loudspeaker {
  onblocked: (() => void) | null = null;
  readonly #element = document.createElement("audio");

  constructor() {
    this.#element.autoplay = true;
  }

  play(stream: MediaStream): void {
    this.#element.srcObject = stream;
    void this.#try();
  }

  /** Stop if it still plays that stream; a newer one is left alone. */
  stop(stream: MediaStream | null): void {
    if (stream !== null && this.#element.srcObject === stream) this.#element.srcObject = null;
  }

  /** After a click. */
  async unblock(): Promise<boolean> {
    return this.#element.srcObject === null || (await this.#try());
  }

  async #try(): Promise<boolean> {
    try {
      await this.#element.play();
      return true;
    } catch (error) {
      // AbortError: a newer stream took its place while it was starting.
      if (error instanceof DOMException && error.name === "NotAllowedError") this.onblocked?.();
      return false;
    }
  }
}
