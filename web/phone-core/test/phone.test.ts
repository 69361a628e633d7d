import { beforeEach, describe, expect, test } from "vitest";
import { MicrophoneError, Phone, situationOf } from "../src";
import {
  aCall,
  aView,
  aWrapUp,
  FakeClock,
  FakeHost,
  FakeMedia,
  FakeMicrophones,
  FakeNetwork,
  FakeTickets,
  inState,
  settle,
} from "./fakes";

let clock: FakeClock;
let network: FakeNetwork;
let tickets: FakeTickets;
let media: FakeMedia;
let microphones: FakeMicrophones;
let host: FakeHost;
let phone: Phone;

beforeEach(() => {
  clock = new FakeClock();
  network = new FakeNetwork();
  tickets = new FakeTickets();
  media = new FakeMedia();
  microphones = new FakeMicrophones();
  host = new FakeHost();
  phone = new Phone({
    clock,
    openWire: network.open,
    redeem: tickets.redeem,
    media,
    microphones,
    hostWindow: host,
  });
});

const situation = () => situationOf(phone.state.get()).name;

async function started(view = aView()): Promise<void> {
  phone.start("123456");
  await settle();
  network.last.show(view);
  await settle();
}

describe("starting", () => {
  test("the session is redeemed, the socket opened with the bearer, the view shown", async () => {
    await started();
    expect(tickets.asked).toEqual(["123456"]);
    expect(network.last.protocols).toContain("bearer.bearer-1");
    expect(phone.state.get().view?.agent.username).toBe("ann");
    expect(phone.state.get().phase.name).toBe("live");
  });

  test("without a session id it says so and asks nobody", () => {
    phone.start(null);
    expect(situationOf(phone.state.get())).toMatchObject({ name: "refused", why: "no_session" });
    expect(tickets.asked).toEqual([]);
  });

  test.each([
    [409, "in_use"],
    [404, "over"],
    [400, "over"],
  ])("a refusal with %i means %s", async (status, why) => {
    tickets.answers = [{ ok: false, status, message: "Log in again." }];
    phone.start("123456");
    await clock.pass(60_000);
    expect(situationOf(phone.state.get())).toEqual({ name: "refused", why, message: "Log in again." });
    expect(tickets.asked).toHaveLength(1);
  });

  test("a server out of reach, or busy, is asked again", async () => {
    tickets.answers = [
      new Error("no network"),
      { ok: false, status: 503, message: "" },
      { ok: true, bearer: "bearer-2", origins: [] },
    ];
    phone.start("123456");
    await settle();
    expect(situationOf(phone.state.get())).toEqual({ name: "starting", reaching: true });
    await clock.pass(5_000);
    expect(tickets.asked).toHaveLength(3);
    expect(network.last.protocols).toContain("bearer.bearer-2");
  });
});

describe("another tab, another login", () => {
  test("a tab that was superseded lets everything go and can take the phone back", async () => {
    await started();
    network.last.drop(4001, "opened again");
    await settle();
    expect(situation()).toBe("superseded");
    expect(microphones.opened[0]?.live).toBe(false);
    expect(host.types).not.toContain("session.ended");
    phone.takeBack();
    await settle();
    network.last.show(aView());
    expect(tickets.asked).toHaveLength(2);
    expect(phone.state.get().phase.name).toBe("live");
  });

  test("an ended session says why, here and to the CRM", async () => {
    await started();
    network.last.drop(4002, "taken_over");
    await settle();
    expect(situationOf(phone.state.get())).toEqual({ name: "ended", cause: "taken_over" });
    expect(host.posted.at(-1)?.message).toEqual({ callside: 1, type: "session.ended", cause: "taken_over" });
    expect(microphones.opened[0]?.live).toBe(false);
  });

  test("a bearer that is not valid any more is traded for a new one, and the view stays", async () => {
    await started();
    tickets.answers = [{ ok: true, bearer: "bearer-2", origins: [] }];
    network.last.drop(4003, "");
    expect(phone.state.get().view).not.toBeNull();
    expect(phone.state.get().link).toBe("reconnecting");
    await clock.pass(1_000);
    expect(network.last.protocols).toContain("bearer.bearer-2");
  });

  test("a session that ended while the phone was away is told to the CRM when that comes out", async () => {
    await started();
    network.last.drop();
    tickets.answers = [{ ok: false, status: 404, message: "This login is over." }];
    await clock.pass(1_000);
    network.last.drop(4003, "");
    await clock.pass(1_000);
    expect(situation()).toBe("refused");
    expect(host.posted.at(-1)?.message).toEqual({ callside: 1, type: "session.ended", cause: "lost" });
    host.say({ callside: 1, type: "dial", number: "+15550100123", requestId: "7" });
    await settle();
    expect(host.posted.at(-1)?.message).toMatchObject({
      type: "dial.refused",
      message: expect.stringContaining("not logged in"),
    });
  });

  test("a page that comes to a session that is over says so itself and tells the CRM nothing", async () => {
    tickets.answers = [{ ok: false, status: 404, message: "This login is over." }];
    phone.start("123456");
    await settle();
    expect(situation()).toBe("refused");
    expect(host.types).toEqual([]);
  });

  test("when the network is back a redeem does not wait for its turn either", async () => {
    tickets.answers = [new Error("no network")];
    phone.start("123456");
    await settle();
    expect(tickets.asked).toHaveLength(1);
    phone.hurry();
    await clock.pass(0);
    expect(tickets.asked).toHaveLength(2);
  });
});

describe("the connection drops in a call", () => {
  test("the call stays in view, and what the CRM knows already is not told again", async () => {
    await started();
    network.last.show(inState("talking", { call: aCall() }));
    network.last.drop();
    expect(situation()).toBe("in_call");
    expect(phone.state.get().link).toBe("reconnecting");
    const told = host.posted.length;
    await clock.pass(1_000);
    network.last.show(inState("talking", { call: aCall(), seq: 2 }));
    expect(phone.state.get().link).toBe("open");
    expect(host.posted).toHaveLength(told);
  });

  test("the line is not touched while its own socket lives", async () => {
    await started();
    network.last.answer("line.credentials", { endpoint: "e", password: "p", realm: "r", sipPath: "/phone/sip" });
    await settle();
    media.last.register();
    await settle();
    network.last.answer("line.ready");
    media.last.callIn();
    await settle();
    expect(phone.state.get().line.step).toBe("up");
    network.last.drop();
    await clock.pass(1_000);
    network.last.show(aView({ seq: 2 }));
    await clock.pass(60_000);
    expect(media.lines).toHaveLength(1);
    expect(media.last.isClosed).toBe(false);
  });
});

describe("the CRM page", () => {
  test("is greeted with the first view, and again when it says hello", async () => {
    await started(inState("talking", { call: aCall() }));
    host.say({ callside: 1, type: "hello" });
    expect(host.types).toEqual(["ready", "ready"]);
    expect(host.posted[1]?.message).toMatchObject({ agent: { username: "ann" }, state: "talking", call: { id: "c1" } });
  });

  test("dials, and hears whether it was accepted", async () => {
    await started();
    host.say({ callside: 1, type: "dial", number: "+15550100123", requestId: "r1" });
    network.last.answer("call.dial");
    await settle();
    expect(host.posted.at(-1)?.message).toEqual({ callside: 1, type: "dial.accepted", requestId: "r1" });
    host.say({ callside: 1, type: "dial", number: "112", requestId: "r2" });
    network.last.refuse("call.dial", "not_allowed", "number: 112 may not be dialled");
    await settle();
    expect(host.posted.at(-1)?.message).toEqual({
      callside: 1,
      type: "dial.refused",
      requestId: "r2",
      code: "not_allowed",
      message: "number: 112 may not be dialled",
    });
  });

  test("hangs up", async () => {
    await started(inState("talking", { call: aCall() }));
    host.say({ callside: 1, type: "hangup" });
    expect(network.last.verbs).toContain("call.hangup");
  });
});

describe("wrap-up", () => {
  test("notes not saved yet are saved before the disposition ends it", async () => {
    await started(inState("wrap_up", { wrapUp: aWrapUp() }));
    phone.notes.write("call back on Monday");
    const done = phone.finishWrapUp("sale");
    await settle();
    expect(network.last.verbs).not.toContain("wrapUp.dispose");
    network.last.answer("call.notes");
    await settle();
    network.last.answer("wrapUp.dispose");
    await done;
    expect(network.last.sent.slice(-2)).toMatchObject([
      { do: "call.notes", text: "call back on Monday" },
      { do: "wrapUp.dispose", disposition: "sale", finish: true },
    ]);
  });

  test("without a disposition the agent is simply ready", async () => {
    await started(inState("wrap_up", { wrapUp: aWrapUp() }));
    void phone.finishWrapUp(null);
    await settle();
    expect(network.last.verbs.at(-1)).toBe("state.ready");
  });
});

describe("what the page is about", () => {
  test("a call comes before a missing microphone", async () => {
    microphones.fault = new MicrophoneError("denied");
    await started();
    expect(situation()).toBe("microphone_fault");
    network.last.show(inState("talking", { call: aCall(), seq: 2 }));
    expect(situation()).toBe("in_call");
  });

  test("ready is a number field for whoever dials by hand, and waiting for everybody else", async () => {
    const desk = { state: "up", device: "extension", extension: "101" } as const;
    await started(aView({ loginType: "MANUAL", line: desk }));
    expect(situation()).toBe("dial");
    network.last.show(aView({ line: desk, seq: 2 }));
    expect(situation()).toBe("ready");
  });

  test("blocked sound is shown until a click has let it through", async () => {
    await started();
    media.onblocked?.();
    expect(phone.state.get().sound).toBe("blocked");
    await phone.unblockSound();
    expect(phone.state.get().sound).toBe("on");
  });
});
