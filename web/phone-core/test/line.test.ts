import { beforeEach, describe, expect, test } from "vitest";
import { MicrophoneError, VerbError, type View } from "../src";
import { LineKeeper } from "../src/line";
import { aCall, aView, FakeClock, FakeMedia, FakeMicrophones, inState, settle } from "./fakes";

const DOWN: View["line"] = { state: "down", device: "browser", extension: null };

class FakeServer {
  readonly asked: string[] = [];
  refusal: VerbError | null = null;

  async request(verb: string): Promise<never> {
    this.asked.push(verb);
    if (this.refusal !== null) throw this.refusal;
    return { endpoint: "e1", password: "p", realm: "callside", sipPath: "/phone/sip" } as never;
  }
}

let clock: FakeClock;
let media: FakeMedia;
let microphones: FakeMicrophones;
let server: FakeServer;
let keeper: LineKeeper;

beforeEach(() => {
  clock = new FakeClock();
  media = new FakeMedia();
  microphones = new FakeMicrophones();
  server = new FakeServer();
  keeper = new LineKeeper(clock, media, microphones);
  keeper.use(server, "secret");
});

async function raised(): Promise<void> {
  keeper.see(inState("connecting", { line: DOWN }));
  await settle();
  media.last.register();
  await settle();
  media.last.callIn();
  await settle();
}

describe("raising", () => {
  test("microphone first, then credentials, registration, line.ready, and the engine's call", async () => {
    keeper.see(inState("connecting", { line: DOWN }));
    await settle();
    expect(microphones.opened).toHaveLength(1);
    expect(server.asked).toEqual(["line.credentials"]);
    expect(media.bearers).toEqual(["secret"]);
    expect(keeper.status.get().step).toBe("registering");
    media.last.register();
    await settle();
    expect(server.asked).toEqual(["line.credentials", "line.ready"]);
    expect(keeper.status.get().step).toBe("calling");
    media.last.callIn();
    await settle();
    expect(keeper.status.get()).toMatchObject({ step: "up", microphone: "open", failures: 0 });
  });

  test("a desk phone needs nothing of the browser, not even the microphone", async () => {
    keeper.see(inState("connecting", { line: { state: "rising", device: "extension", extension: "101" } }));
    await settle();
    expect(microphones.opened).toEqual([]);
    expect(server.asked).toEqual([]);
  });

  test("while the engine is down nothing is tried; when it is back the line is", async () => {
    keeper.see(inState("connecting", { line: DOWN, engine: "down" }));
    await settle();
    expect(server.asked).toEqual([]);
    keeper.see(inState("connecting", { line: DOWN }));
    await settle();
    expect(server.asked).toEqual(["line.credentials"]);
  });

  test("views that come meanwhile start no second line", async () => {
    keeper.see(inState("connecting", { line: DOWN }));
    keeper.see(inState("connecting", { line: DOWN, seq: 2 }));
    await settle();
    keeper.see(inState("connecting", { line: { ...DOWN, state: "rising" }, seq: 3 }));
    await settle();
    expect(media.lines).toHaveLength(1);
  });

  test("after a reload the line is raised although the server still has the old one", async () => {
    keeper.see(inState("talking", { call: aCall() }));
    await settle();
    expect(server.asked).toEqual(["line.credentials"]);
  });
});

describe("failures", () => {
  test("a refused registration is tried again, later each time, with new credentials", async () => {
    keeper.see(inState("connecting", { line: DOWN }));
    await settle();
    media.last.failToRegister(new Error("403"));
    await settle();
    expect(keeper.status.get()).toMatchObject({ step: "waiting", failures: 1 });
    expect(media.last.isClosed).toBe(true);
    await clock.pass(600);
    expect(media.lines).toHaveLength(2);
    expect(server.asked).toEqual(["line.credentials", "line.credentials"]);
    expect(microphones.opened).toHaveLength(1);
  });

  test("an engine that does not call within twelve seconds counts as a failure", async () => {
    keeper.see(inState("connecting", { line: DOWN }));
    await settle();
    media.last.register();
    await clock.pass(12_100);
    expect(keeper.status.get()).toMatchObject({ step: "waiting", failures: 1 });
    expect(media.last.isClosed).toBe(true);
  });

  test("the agent can try at once", async () => {
    server.refusal = new VerbError("unavailable", "engine is starting");
    keeper.see(inState("connecting", { line: DOWN }));
    await settle();
    server.refusal = null;
    keeper.retry();
    await settle();
    expect(media.lines).toHaveLength(1);
    await clock.pass(60_000);
    expect(server.asked.filter((verb) => verb === "line.credentials").length).toBeLessThan(6);
  });

  test.each(["denied", "not_delegated", "no_device"] as const)(
    "without a microphone (%s) it says so and waits for the agent",
    async (fault) => {
      microphones.fault = new MicrophoneError(fault);
      keeper.see(inState("connecting", { line: DOWN }));
      await clock.pass(60_000);
      expect(keeper.status.get()).toMatchObject({ microphone: fault, step: "stuck" });
      expect(server.asked).toEqual([]);
      keeper.see(inState("connecting", { line: DOWN, seq: 2 }));
      await settle();
      expect(server.asked).toEqual([]);
      microphones.fault = null;
      keeper.retry();
      await settle();
      expect(keeper.status.get().microphone).toBe("open");
      expect(server.asked).toEqual(["line.credentials"]);
    },
  );
});

describe("a line that was up", () => {
  test("is raised again when it is lost, and the old one is let go only when the new one carries", async () => {
    await raised();
    const old = media.last;
    old.onlost?.("the SIP socket closed");
    await settle();
    expect(media.lines).toHaveLength(2);
    expect(old.isClosed).toBe(false);
    media.last.register();
    await settle();
    media.last.callIn();
    await settle();
    expect(old.isClosed).toBe(true);
    expect(media.last.isClosed).toBe(false);
    expect(keeper.status.get().step).toBe("up");
  });

  test("is raised again when the server goes on saying that it is down", async () => {
    await raised();
    keeper.see(aView({ line: DOWN }));
    await clock.pass(1_600);
    expect(media.lines).toHaveLength(2);
  });

  test("is left alone when the server was only a moment behind", async () => {
    await raised();
    keeper.see(aView({ line: DOWN }));
    await clock.pass(500);
    keeper.see(aView({ seq: 2 }));
    await clock.pass(60_000);
    expect(media.lines).toHaveLength(1);
  });

  test("is kept while the engine's controller is away: calls may go on", async () => {
    await raised();
    keeper.see(aView({ line: DOWN }));
    keeper.see(aView({ line: DOWN, engine: "down" }));
    await clock.pass(60_000);
    expect(media.lines).toHaveLength(1);
    expect(media.last.isClosed).toBe(false);
  });

  test("that was lost with the engine comes back with it", async () => {
    await raised();
    keeper.see(aView({ line: DOWN, engine: "down" }));
    media.last.onlost?.("the SIP socket closed");
    await clock.pass(30_000);
    expect(media.lines).toHaveLength(1);
    keeper.see(aView({ line: DOWN }));
    await clock.pass(600);
    expect(media.lines).toHaveLength(2);
  });

  test("speaks through the next microphone when the headset is unplugged", async () => {
    await raised();
    microphones.opened[0]?.unplug();
    await settle();
    expect(microphones.opened).toHaveLength(2);
    expect(media.last.microphone).toBe(microphones.opened[1]);
    expect(keeper.status.get()).toMatchObject({ step: "up", microphone: "open" });
  });

  test("hangs up when no microphone is left and no call goes on: nobody is put through to silence", async () => {
    await raised();
    microphones.fault = new MicrophoneError("no_device");
    microphones.opened[0]?.unplug();
    await settle();
    expect(media.last.isEnded).toBe(true);
    expect(keeper.status.get()).toMatchObject({ step: "stuck", microphone: "no_device" });
    microphones.fault = null;
    keeper.retry();
    await settle();
    expect(media.lines).toHaveLength(2);
  });

  test("stays up in a call without a microphone, until the call is over", async () => {
    await raised();
    keeper.see(inState("talking", { call: aCall() }));
    microphones.fault = new MicrophoneError("no_device");
    microphones.opened[0]?.unplug();
    await settle();
    expect(media.last.isEnded).toBe(false);
    keeper.see(aView());
    expect(media.last.isEnded).toBe(true);
  });

  test("speaks through the microphone that the agent plugs in during a call", async () => {
    await raised();
    keeper.see(inState("talking", { call: aCall() }));
    microphones.fault = new MicrophoneError("no_device");
    microphones.opened[0]?.unplug();
    await settle();
    expect(keeper.status.get()).toMatchObject({ step: "up", microphone: "no_device" });
    microphones.fault = null;
    keeper.retry();
    await settle();
    expect(media.last.microphone).toBe(microphones.opened[1]);
    expect(keeper.status.get()).toMatchObject({ step: "up", microphone: "open" });
  });
});

test("stopping closes line and microphone, and what was under way comes to nothing", async () => {
  await raised();
  media.last.onlost?.("the SIP socket closed");
  await settle();
  const [old, rising] = media.lines;
  keeper.stop();
  rising?.register();
  await clock.pass(60_000);
  expect(old?.isClosed).toBe(true);
  expect(rising?.isClosed).toBe(true);
  expect(microphones.opened[0]?.live).toBe(false);
  expect(server.asked).toEqual(["line.credentials", "line.ready", "line.credentials"]);
  expect(keeper.status.get().step).toBe("idle");
});
