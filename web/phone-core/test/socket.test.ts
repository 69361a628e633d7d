import { describe, expect, test } from "vitest";
import { type LinkState, VerbError, type View } from "../src";
import { PhoneSocket, type SocketEnd } from "../src/socket";
import { aView, FakeClock, FakeNetwork, settle } from "./fakes";

function connected() {
  const clock = new FakeClock();
  const network = new FakeNetwork();
  const socket = new PhoneSocket(clock, network.open, "secret");
  const views: View[] = [];
  const ends: SocketEnd[] = [];
  const links: LinkState[] = [];
  socket.onview = (view) => views.push(view);
  socket.onend = (end) => ends.push(end);
  socket.link.watch((link) => links.push(link));
  socket.connect();
  return { clock, network, socket, views, ends, links };
}

describe("opening", () => {
  test("the bearer travels in the subprotocols, never in the address", () => {
    const { network } = connected();
    expect(network.last.path).toBe("/phone/socket");
    expect(network.last.protocols).toEqual(["callside.v1", "bearer.secret"]);
  });

  test("the link is open with the first view", () => {
    const { network, views, links } = connected();
    network.last.show(aView({ seq: 4 }));
    expect(views.map(({ seq }) => seq)).toEqual([4]);
    expect(links).toEqual(["open"]);
  });

  test("a frame of a kind we do not know, or no JSON at all, changes nothing", () => {
    const { network, views } = connected();
    network.last.receive({ type: "fireworks" });
    network.last.onmessage?.("not json");
    network.last.onmessage?.("null");
    expect(views).toEqual([]);
  });

  test("a ping is answered", () => {
    const { network } = connected();
    network.last.receive({ type: "ping" });
    expect(network.last.sent).toEqual([{ do: "pong" }]);
  });
});

describe("verbs", () => {
  test("each reply finds its own request, in any order", async () => {
    const { network, socket } = connected();
    network.last.show(aView());
    const mute = socket.request("call.mute", { on: true });
    const hold = socket.request("call.hold", { on: true });
    network.last.answer("call.hold", "held");
    network.last.answer("call.mute", "muted");
    expect(await mute).toBe("muted");
    expect(await hold).toBe("held");
    expect(network.last.sent[0]).toMatchObject({ do: "call.mute", on: true });
  });

  test("a refusal carries the server's code and words", async () => {
    const { network, socket } = connected();
    network.last.show(aView());
    const dial = socket.request("call.dial", { number: "1" });
    network.last.refuse("call.dial", "invalid_field", "number: too short");
    await expect(dial).rejects.toMatchObject({ code: "invalid_field", message: "number: too short" });
  });

  test("a verb that nobody answers fails in time", async () => {
    const { clock, network, socket } = connected();
    network.last.show(aView());
    const ready = expect(socket.request("state.ready", {})).rejects.toMatchObject({ code: "timeout" });
    await clock.pass(10_000);
    await ready;
  });

  test("while there is no connection a verb fails at once instead of being done later", async () => {
    const { network, socket } = connected();
    network.last.show(aView());
    network.last.drop();
    await expect(socket.request("call.hangup", {})).rejects.toBeInstanceOf(VerbError);
  });

  test("a verb under way when the connection drops fails", async () => {
    const { network, socket } = connected();
    network.last.show(aView());
    const hangup = socket.request("call.hangup", {});
    network.last.drop();
    await expect(hangup).rejects.toMatchObject({ code: "disconnected" });
  });
});

describe("coming back", () => {
  test("after a drop it connects again with the same bearer, and the link says so meanwhile", async () => {
    const { clock, network, links } = connected();
    network.last.show(aView());
    network.last.drop(1012, "restart");
    expect(links).toEqual(["open", "reconnecting"]);
    await clock.pass(400);
    expect(network.wires).toHaveLength(2);
    expect(network.last.protocols).toContain("bearer.secret");
    network.last.show(aView());
    expect(links).toEqual(["open", "reconnecting", "open"]);
  });

  test("waits grow while the server is away, up to eight seconds", async () => {
    const { clock, network } = connected();
    clock.chance = 1;
    const waits: number[] = [];
    for (let turn = 0; turn < 7; turn += 1) {
      const [before, tries] = [clock.now(), network.wires.length];
      network.last.drop();
      while (network.wires.length === tries) await clock.pass(50);
      waits.push(clock.now() - before);
    }
    expect(waits).toEqual([400, 800, 1600, 3200, 6400, 8000, 8000]);
  });

  test("two phones that drop together do not come back together", async () => {
    const [early, late] = [connected(), connected()];
    early.clock.chance = 0;
    late.clock.chance = 1;
    early.network.last.drop();
    late.network.last.drop();
    await early.clock.pass(250);
    await late.clock.pass(250);
    expect(early.network.wires).toHaveLength(2);
    expect(late.network.wires).toHaveLength(1);
  });

  test("a server that says nothing for forty seconds counts as gone", async () => {
    const { clock, network } = connected();
    network.last.show(aView());
    await clock.pass(30_000);
    network.last.receive({ type: "ping" });
    await clock.pass(39_000);
    expect(network.wires).toHaveLength(1);
    await clock.pass(2_000);
    expect(network.wires[0]?.isClosed).toBe(true);
    expect(network.wires).toHaveLength(2);
  });

  test("a socket that never opens is tried anew", async () => {
    const { clock, network } = connected();
    await clock.pass(10_500);
    expect(network.wires).toHaveLength(2);
  });

  test("when the network is back it does not wait for its turn", async () => {
    const { network, socket } = connected();
    network.last.drop();
    socket.hurry();
    await settle();
    expect(network.wires).toHaveLength(2);
  });
});

describe("a wire of a network that is gone", () => {
  test("is let go soon when the network is back and nobody answers on it", async () => {
    const { clock, network, socket, links } = connected();
    network.last.show(aView());
    socket.hurry();
    expect(network.last.sent).toMatchObject([{ do: "ping" }]);
    await clock.pass(3_000);
    expect(links.at(-1)).toBe("reconnecting");
    expect(network.wires[0]?.isClosed).toBe(true);
    await clock.pass(1_000);
    expect(network.wires).toHaveLength(2);
  });

  test.each(["answer", "view"] as const)("is kept when there is a sign of life: %s", async (sign) => {
    const { clock, network, socket, links } = connected();
    network.last.show(aView());
    socket.hurry();
    if (sign === "answer") network.last.answer("ping");
    else network.last.show(aView({ seq: 2 }));
    await clock.pass(30_000);
    expect(links.at(-1)).toBe("open");
    expect(network.wires).toHaveLength(1);
  });

  test("is let go when a verb is not answered and nothing else comes either", async () => {
    const { clock, network, socket, links } = connected();
    network.last.show(aView());
    const ready = expect(socket.request("state.ready", {})).rejects.toMatchObject({ code: "timeout" });
    await clock.pass(10_000);
    await ready;
    expect(links.at(-1)).toBe("reconnecting");
  });

  test("is kept when only that verb takes long", async () => {
    const { clock, network, socket, links } = connected();
    network.last.show(aView());
    const ready = expect(socket.request("state.ready", {})).rejects.toMatchObject({ code: "timeout" });
    await clock.pass(5_000);
    network.last.receive({ type: "ping" });
    await clock.pass(5_000);
    await ready;
    expect(links.at(-1)).toBe("open");
  });
});

describe("the end", () => {
  test.each([
    [4001, "opened again", { name: "superseded" }],
    [4002, "taken_over", { name: "ended", cause: "taken_over" }],
    [4002, "something new", { name: "ended", cause: "lost" }],
    [4003, "bearer not valid", { name: "bearer" }],
  ] as const)("close code %i (%s) ends it for good", async (code, reason, end) => {
    const { clock, network, ends } = connected();
    network.last.show(aView());
    network.last.drop(code, reason);
    await clock.pass(60_000);
    expect(ends).toEqual([end]);
    expect(network.wires).toHaveLength(1);
  });

  test("a protocol error is tried again, in case a newer server is there now", async () => {
    const { clock, network, ends } = connected();
    network.last.drop(4004, "no such verb");
    await clock.pass(1_000);
    expect(ends).toEqual([]);
    expect(network.wires).toHaveLength(2);
  });
});
