/** The media agent as the core sees it; the SIP stack itself is loaded while the page is already there. */

import type { MediaAgent, MediaLine, Microphone } from "../ports";
import type { SipCredentials } from "../protocol";
import { Loudspeaker } from "./loudspeaker";
import type { BrowserMicrophone } from "./microphone";

type Stack = typeof import("./jssip-agent");

export class BrowserMedia implements MediaAgent {
  onblocked: (() => void) | null = null;
  readonly #speaker = new Loudspeaker();
  #stack: Promise<Stack> | null = null;

  constructor() {
    this.#speaker.onblocked = () => this.onblocked?.();
  }

  /** Begin to load the SIP stack; `open` waits for it. */
  prepare(): void {
    this.#load().catch(() => {});
  }

  async open(credentials: SipCredentials, bearer: string, microphone: Microphone): Promise<MediaLine> {
    const { JsSipLine } = await this.#load();
    return new JsSipLine(credentials, bearer, microphone as BrowserMicrophone, this.#speaker);
  }

  unblock(): Promise<boolean> {
    return this.#speaker.unblock();
  }

  #load(): Promise<Stack> {
    this.#stack ??= import("./jssip-agent").catch((error: unknown) => {
      this.#stack = null;
      throw error;
    });
    return this.#stack;
  }
}
