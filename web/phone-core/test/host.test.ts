import { describe, expect, test } from "vitest";
import { HostBridge, type HostRequest, readRequest } from "../src/host";
import { FakeHost } from "./fakes";

const CRM = "https://crm.example.com";

function opened(host: FakeHost, origins = [CRM]) {
  const bridge = new HostBridge(host);
  const heard: HostRequest[] = [];
  bridge.onrequest = (request) => heard.push(request);
  bridge.open(origins);
  return { bridge, heard };
}

describe("origins", () => {
  test("events go to the embedding page's exact origin", () => {
    const host = new FakeHost();
    opened(host).bridge.send({ type: "session.ended", cause: "logout" });
    expect(host.posted).toEqual([{ message: { callside: 1, type: "session.ended", cause: "logout" }, origin: CRM }]);
  });

  test("an embedding page that is not on the tenant's list is told nothing and not heard", () => {
    const host = new FakeHost();
    const { bridge, heard } = opened(host, ["https://other.example.com"]);
    bridge.send({ type: "session.ended", cause: "logout" });
    host.say({ callside: 1, type: "hangup" });
    expect(host.posted).toEqual([]);
    expect(heard).toEqual([]);
  });

  test("a message from any other origin is not heard", () => {
    const host = new FakeHost();
    const { heard } = opened(host);
    host.say({ callside: 1, type: "hangup" }, "https://crm.example.com.evil.example");
    host.say({ callside: 1, type: "hangup" }, "http://crm.example.com");
    host.say({ callside: 1, type: "hangup" }, "null");
    expect(heard).toEqual([]);
  });

  test("where the browser names no embedding page, the first hello of an allowed origin settles it", () => {
    const host = new FakeHost();
    host.knownOrigin = null;
    const { bridge, heard } = opened(host, [CRM, "https://second.example.com"]);
    bridge.send({ type: "session.ended", cause: "logout" });
    host.say({ callside: 1, type: "hangup" });
    host.say({ callside: 1, type: "hello" }, "https://evil.example");
    expect(heard).toEqual([]);
    host.say({ callside: 1, type: "hello" });
    host.say({ callside: 1, type: "hangup" }, "https://second.example.com");
    expect(heard).toEqual([{ type: "hello" }]);
    bridge.send({ type: "session.ended", cause: "logout" });
    expect(host.posted.map(({ origin }) => origin)).toEqual([CRM]);
  });

  test("a closed bridge neither speaks nor hears", () => {
    const host = new FakeHost();
    const { bridge, heard } = opened(host);
    bridge.close();
    bridge.send({ type: "session.ended", cause: "logout" });
    host.say({ callside: 1, type: "hangup" });
    expect([host.posted, heard]).toEqual([[], []]);
  });
});

describe("shapes", () => {
  test.each([
    [{ callside: 1, type: "hello" }, { type: "hello" }],
    [{ callside: 1, type: "hangup", extra: true }, { type: "hangup" }],
    [
      { callside: 1, type: "dial", number: "+15550100123" },
      { type: "dial", number: "+15550100123", requestId: null },
    ],
    [
      { callside: 1, type: "dial", number: "5550100123", requestId: "r1" },
      { type: "dial", number: "5550100123", requestId: "r1" },
    ],
  ])("%j is understood", (message, request) => {
    expect(readRequest(message)).toEqual(request);
  });

  test.each([
    null,
    undefined,
    "dial",
    7,
    [],
    {},
    { type: "dial", number: "1" },
    { callside: 2, type: "hello" },
    { callside: "1", type: "hello" },
    { callside: 1, type: "eval" },
    { callside: 1, type: "dial" },
    { callside: 1, type: "dial", number: 5550100123 },
    { callside: 1, type: "dial", number: "1".repeat(65) },
    { callside: 1, type: "dial", number: "1", requestId: { toString: "x" } },
    { callside: 1, type: "dial", number: "1", requestId: "r".repeat(129) },
  ])("%j is not heard", (message) => {
    expect(readRequest(message)).toBeNull();
  });
});
