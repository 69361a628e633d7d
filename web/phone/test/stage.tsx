/** The phone's views on a stage: the real core, a fake server, and what the agent sees. */

import { Phone, type View } from "@callside/phone-core";
import { act, render } from "@testing-library/preact";
import {
  FakeClock,
  FakeHost,
  FakeMedia,
  FakeMicrophones,
  FakeNetwork,
  FakeTickets,
  settle,
} from "../../phone-core/test/fakes";
import { App } from "../src/app";
import { Desk } from "../src/desk";

export class Stage {
  readonly clock = new FakeClock();
  readonly network = new FakeNetwork();
  readonly tickets = new FakeTickets();
  readonly media = new FakeMedia();
  readonly microphones = new FakeMicrophones();
  readonly keys: string[] = [];
  readonly phone = new Phone({
    clock: this.clock,
    openWire: this.network.open,
    redeem: this.tickets.redeem,
    media: this.media,
    microphones: this.microphones,
    hostWindow: new FakeHost(),
  });
  readonly desk = new Desk(this.phone, { key: (digit) => this.keys.push(digit) });

  /** Open the phone and let the server show that view; a desk phone, so that only views matter. */
  async open(view: View): Promise<void> {
    render(<App desk={this.desk} />);
    await this.do(() => this.phone.start("123456"));
    await this.show(view);
  }

  async show(view: View): Promise<void> {
    await this.do(() => this.network.last.show(view));
  }

  async do(step: () => unknown): Promise<void> {
    await act(async () => {
      await step();
      await settle();
    });
  }

  async pass(ms: number): Promise<void> {
    await act(async () => {
      await this.clock.pass(ms);
      this.desk.tick();
    });
  }

  /** What was asked of the server last, without its number. */
  get asked(): Record<string, unknown> | undefined {
    const last = this.network.last.sent.findLast((frame) => frame.do !== "pong");
    if (last === undefined) return undefined;
    const { id: _, ...rest } = last;
    return rest;
  }
}

export const DESK_PHONE: View["line"] = { state: "up", device: "extension", extension: "101" };
