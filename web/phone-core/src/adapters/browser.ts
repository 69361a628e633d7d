/** The browser's clock, sockets and storage as the core wants them. */

import type { Clock, OpenWire, Redeem, Wire } from "../ports";

export const browserClock: Clock = {
  now: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};

/** Address of a socket on the page's own origin. */
export function socketUrl(path: string): string {
  const url = new URL(path, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}

export const openBrowserWire: OpenWire = (path, protocols) => {
  const socket = new WebSocket(socketUrl(path), [...protocols]);
  const wire: Wire = {
    onopen: null,
    onmessage: null,
    onclose: null,
    send: (text) => socket.send(text),
    close: () => socket.close(),
  };
  socket.onopen = () => wire.onopen?.();
  socket.onmessage = ({ data }) => {
    if (typeof data === "string") wire.onmessage?.(data);
  };
  socket.onclose = ({ code, reason }) => wire.onclose?.(code, reason);
  return wire;
};

export const redeemOverHttp: Redeem = async (sessionId) => {
  const response = await fetch("/phone/redeem", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Callside": "1" },
    body: JSON.stringify({ session: sessionId, binding: binding() }),
    credentials: "same-origin",
    cache: "no-store",
  });
  const body: unknown = await response.json().catch(() => null);
  if (response.ok) {
    const { bearer, origins, frame } = body as { bearer: string; origins: string[]; frame: string };
    nameFrame(frame);
    return { ok: true, bearer, origins };
  }
  return { ok: false, status: response.status, message: errorMessage(body) };
};

/** With the id gone from the address, a reload of the frame alone must still tell who may embed it. */
function nameFrame(frame: string): void {
  const url = new URL(location.href);
  url.searchParams.set("frame", frame);
  history.replaceState(history.state, "", url);
}

const BINDING = "callside.binding";

/** Says that we are the same browser as before where the server's cookie is not kept for embedded pages. */
function binding(): string | undefined {
  try {
    const kept = localStorage.getItem(BINDING);
    if (kept) return kept;
    const bytes = crypto.getRandomValues(new Uint8Array(32));
    const made = btoa(String.fromCharCode(...bytes))
      .replace(/\+/g, "-")
      .replace(/\//g, "_")
      .replace(/=+$/, "");
    localStorage.setItem(BINDING, made);
    return made;
  } catch {
    return undefined;
  }
}

function errorMessage(body: unknown): string {
  const message = (body as { error?: { message?: unknown } } | null)?.error?.message;
  return typeof message === "string" ? message : "";
}

const KEY = "callside.session";
const PARAMETER = "session";

/** The session's id: from the address, which then forgets it, or from before a reload of the frame. */
export function takeSessionId(): string | null {
  const url = new URL(location.href);
  const given = url.searchParams.get(PARAMETER);
  if (!given) return remembered();
  url.searchParams.delete(PARAMETER);
  // The history entry's own state survives a reload even where the browser keeps all storage from embedded pages.
  history.replaceState({ [KEY]: given }, "", url);
  try {
    sessionStorage.setItem(KEY, given);
  } catch {
    // Storage is refused to embedded pages here; the history entry has it.
  }
  return given;
}

function remembered(): string | null {
  const state: unknown = history.state;
  const kept = (state as Record<string, unknown> | null)?.[KEY];
  if (typeof kept === "string") return kept;
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
}
