import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { redeemOverHttp, takeSessionId } from "../src/adapters/ticket";

const ID = "388312307385097692907364588845728415616";

function visit(address: string): void {
  (window as unknown as { happyDOM: { setURL(url: string): void } }).happyDOM.setURL(`http://localhost:8080${address}`);
}

function refuseStorage(): void {
  const refused = () => {
    throw new DOMException("refused", "SecurityError");
  };
  for (const name of ["localStorage", "sessionStorage"]) vi.stubGlobal(name, new Proxy({}, { get: refused }));
}

function serverAnswers(status: number, body: unknown) {
  const answered = vi.fn(async (_url: string, _request: RequestInit) => new Response(JSON.stringify(body), { status }));
  vi.stubGlobal("fetch", answered);
  const sent = () => JSON.parse(String(answered.mock.lastCall?.[1].body));
  return { answered, sent };
}

afterEach(() => {
  vi.unstubAllGlobals();
});
beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
  history.replaceState(null, "");
  visit(`/wp_plugin/index.php?r=agent&session=${ID}`);
});

describe("the session's id", () => {
  test("is taken out of the address; the rest of it stays", () => {
    expect(takeSessionId()).toBe(ID);
    expect(location.pathname + location.search).toBe("/wp_plugin/index.php?r=agent");
  });

  test("survives a reload of the frame", () => {
    takeSessionId();
    expect(takeSessionId()).toBe(ID);
  });

  test("survives a reload where embedded pages get no storage", () => {
    refuseStorage();
    takeSessionId();
    expect(takeSessionId()).toBe(ID);
  });

  test("survives where the history entry was made anew", () => {
    takeSessionId();
    history.replaceState(null, "");
    expect(takeSessionId()).toBe(ID);
  });

  test("of a new login wins over the one before", () => {
    takeSessionId();
    visit("/phone?session=999");
    expect(takeSessionId()).toBe("999");
    expect(takeSessionId()).toBe("999");
  });

  test("is nobody's where there is none", () => {
    visit("/phone");
    expect(takeSessionId()).toBeNull();
  });
});

describe("redeeming", () => {
  const good = { bearer: "b", origins: ["https://crm.example.com"], frame: "abc" };

  test("sends the id in the body, with the header that no other site can send", async () => {
    const { answered, sent } = serverAnswers(200, good);
    expect(await redeemOverHttp(ID)).toEqual({ ok: true, bearer: "b", origins: ["https://crm.example.com"] });
    expect(answered.mock.lastCall?.[0]).toBe("/phone/redeem");
    expect(answered.mock.lastCall?.[1].headers).toMatchObject({ "X-Callside": "1" });
    expect(sent().session).toBe(ID);
  });

  test("waits for no network that is dead without saying so", async () => {
    const { answered } = serverAnswers(200, good);
    await redeemOverHttp(ID);
    expect(answered.mock.lastCall?.[1].signal).toBeInstanceOf(AbortSignal);
  });

  test("shows the same secret of this browser each time, and never the session as one", async () => {
    const { sent } = serverAnswers(200, good);
    await redeemOverHttp(ID);
    const first = sent().binding;
    expect(first).toMatch(/^[A-Za-z0-9_-]{43}$/);
    await redeemOverHttp("999");
    expect(sent().binding).toBe(first);
  });

  test("goes without a secret where embedded pages get no storage", async () => {
    refuseStorage();
    const { sent } = serverAnswers(200, good);
    await redeemOverHttp(ID);
    expect(sent().binding).toBeNull();
  });

  test("names the frame in the address, and the id still survives a reload", async () => {
    takeSessionId();
    serverAnswers(200, good);
    await redeemOverHttp(ID);
    expect(location.search).toBe("?r=agent&frame=abc");
    expect(takeSessionId()).toBe(ID);
  });

  test("a refusal carries the server's status and words", async () => {
    serverAnswers(409, { error: { code: "conflict", message: "Already in use." } });
    expect(await redeemOverHttp(ID)).toEqual({ ok: false, status: 409, message: "Already in use." });
  });

  test("a refusal by something in between, in no JSON, has no words", async () => {
    vi.stubGlobal("fetch", async () => new Response("<h1>Bad gateway</h1>", { status: 502 }));
    expect(await redeemOverHttp(ID)).toEqual({ ok: false, status: 502, message: "" });
  });
});
