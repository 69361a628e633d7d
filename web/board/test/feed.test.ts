import { describe, expect, it } from "vitest";
import { Feed, type Socket } from "../src/feed";
import { after, readFrame } from "../src/floor";

const AGENT = {
  id: "s1",
  agent_id: "111",
  name: "Asha",
  username: "ag01",
  state: "ready",
  since: 1000,
  reason: "",
  break_limit_at: null,
  queue_ids: ["279"],
};
const SNAPSHOT = { type: "snapshot", seq: 4, at: 9_000, tenant: "Example", queues: [], agents: [AGENT], calls: [] };

class FakeSocket implements Socket {
  onmessage: Socket["onmessage"] = null;
  onclose: Socket["onclose"] = null;
  closed = false;
  readonly token: string;
  constructor(token: string) {
    this.token = token;
  }
  close() {
    this.closed = true;
  }
  say(frame: unknown) {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
}

function world() {
  const sockets: FakeSocket[] = [];
  const timers = new Set<{ act: () => void; ms: number }>();
  const kept = new Map<string, string>();
  const feed = new Feed({
    open: (token) => {
      const socket = new FakeSocket(token);
      sockets.push(socket);
      return socket;
    },
    now: () => 5_000,
    later: (act, ms) => {
      const timer = { act, ms };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    kept: {
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, value) => void kept.set(key, value),
      removeItem: (key) => void kept.delete(key),
    },
  });
  const last = () => {
    const socket = sockets.at(-1);
    if (socket === undefined) throw new Error("no socket was opened");
    return socket;
  };
  const fire = (wanted: (ms: number) => boolean) => {
    for (const timer of [...timers]) {
      if (!wanted(timer.ms)) continue;
      timers.delete(timer);
      timer.act();
    }
  };
  return { feed, sockets, last, kept, fire };
}

describe("the feed", () => {
  it("shows the snapshot and then every change", () => {
    const { feed, last } = world();
    feed.use("t");
    expect(feed.phase.value).toEqual({ name: "connecting" });
    last().say(SNAPSHOT);
    expect(feed.phase.value).toEqual({ name: "live" });
    expect(feed.ahead.value).toBe(4_000);
    last().say({ type: "delta", seq: 5, at: 9_100, changes: [{ kind: "agents", id: "s1", row: null }] });
    expect(feed.floor.value?.agents.size).toBe(0);
  });

  it("asks for a new snapshot when a change is missing", () => {
    const { feed, sockets, last } = world();
    feed.use("t");
    last().say(SNAPSHOT);
    last().say({ type: "delta", seq: 6, at: 9_100, changes: [] });
    expect(sockets).toHaveLength(2);
    expect(sockets[0]?.closed).toBe(true);
    last().say({ ...SNAPSHOT, seq: 6 });
    expect(feed.floor.value?.seq).toBe(6);
  });

  it("keeps what it knows while the connection is gone, says since when, and comes back", () => {
    const { feed, sockets, last, fire } = world();
    feed.use("t");
    last().say(SNAPSHOT);
    last().onclose?.({ code: 1006 });
    expect(feed.phase.value).toEqual({ name: "lost", since: 5_000 });
    expect(feed.floor.value?.agents.size).toBe(1);
    fire((ms) => ms < 2_000);
    expect(sockets).toHaveLength(2);
    last().say(SNAPSHOT);
    expect(feed.phase.value).toEqual({ name: "live" });
  });

  it("does not believe a connection that says nothing", () => {
    const { feed, last, fire } = world();
    feed.use("t");
    last().say(SNAPSHOT);
    fire((ms) => ms === 40_000);
    expect(feed.phase.value.name).toBe("lost");
  });

  it("forgets a token that is not good, and all that was seen with it", () => {
    const { feed, last, kept } = world();
    feed.use("t");
    last().say(SNAPSHOT);
    expect(kept.size).toBe(1);
    last().onclose?.({ code: 4003 });
    expect(kept.size).toBe(0);
    expect(feed.floor.value).toBeNull();
    expect(feed.phase.value).toEqual({ name: "token", rejected: true });
  });

  it("uses the token of its tab again", () => {
    const { feed, kept, last } = world();
    kept.set("callside.board.token", "kept");
    feed.start();
    expect(last().token).toBe("kept");
  });
});

describe("frames", () => {
  it("that are none or of an unknown kind are passed over", () => {
    expect(readFrame("{")).toBeNull();
    expect(readFrame("null")).toBeNull();
    expect(readFrame('{"type":"news"}')).toBeNull();
  });

  it("that change something without a snapshot are a gap", () => {
    expect(after(null, { type: "delta", seq: 1, at: 0, changes: [] })).toBe("gap");
  });
});
