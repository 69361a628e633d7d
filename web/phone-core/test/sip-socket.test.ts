import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { SipSocket } from "../src/adapters/sip-socket";

class BrowserSocket {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static opened: BrowserSocket[] = [];
  readyState = BrowserSocket.CONNECTING;
  binaryType = "";
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { wasClean: boolean; code: number; reason: string }) => void) | null = null;
  readonly sent: unknown[] = [];
  readonly url: string;
  readonly protocols: string[];

  constructor(url: string, protocols: string[]) {
    this.url = url;
    this.protocols = protocols;
    BrowserSocket.opened.push(this);
  }

  send(data: unknown): void {
    this.sent.push(data);
  }

  close(): void {
    this.readyState = 3;
  }
}

function opened(): { socket: SipSocket; wire: BrowserSocket } {
  const socket = new SipSocket("/phone/sip", "secret");
  socket.connect();
  const wire = BrowserSocket.opened.at(-1);
  if (wire === undefined) throw new Error("nothing was opened");
  wire.readyState = BrowserSocket.OPEN;
  wire.onopen?.();
  return { socket, wire };
}

beforeEach(() => {
  BrowserSocket.opened = [];
  vi.stubGlobal("WebSocket", BrowserSocket);
});
afterEach(() => {
  vi.unstubAllGlobals();
});

test("the bearer goes in the subprotocols, not in the address", () => {
  const { wire } = opened();
  expect(wire.protocols).toEqual(["sip", "bearer.secret"]);
  expect(wire.url).toMatch(/^ws:.*\/phone\/sip$/);
});

test("a keep-alive is answered and JsSIP never sees it", () => {
  const { socket, wire } = opened();
  const seen: unknown[] = [];
  socket.ondata = (data) => seen.push(data);
  wire.onmessage?.({ data: "\r\n\r\n" });
  wire.onmessage?.({ data: "\r\n" });
  wire.onmessage?.({ data: "OPTIONS sip:x SIP/2.0\r\n\r\n" });
  expect(wire.sent).toEqual(["\r\n"]);
  expect(seen).toEqual(["OPTIONS sip:x SIP/2.0\r\n\r\n"]);
});

test("a socket that is gone stays gone, however often JsSIP tries to recover it", () => {
  const { socket, wire } = opened();
  const gone = vi.fn();
  socket.ongone = gone;
  wire.onclose?.({ wasClean: true, code: 1012, reason: "restart" });
  socket.connect();
  expect(gone).toHaveBeenCalledTimes(1);
  expect(BrowserSocket.opened).toHaveLength(1);
  expect(socket.send("BYE")).toBe(false);
});

test("closing it is no loss", () => {
  const { socket, wire } = opened();
  const gone = vi.fn();
  socket.ongone = gone;
  socket.disconnect();
  wire.onclose?.({ wasClean: true, code: 1000, reason: "" });
  expect(gone).not.toHaveBeenCalled();
});
