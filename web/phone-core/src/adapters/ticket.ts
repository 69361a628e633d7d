/** The session's id: out of the address, kept over a reload, and traded for a bearer (docs/decisions/0003). */

import type { Redeem } from "../ports";

const SESSION = "callside.session";
const BINDING = "callside.binding";
const PARAMETER = "session";
const FRAME = "frame";
const SECRET_BYTES = 32;
/** A browser waits for minutes on a network that is dead without saying so. */
const ANSWER_MS = 10_000;

/** The id in the address, which then forgets it; or the one from before a reload of the frame. */
export function takeSessionId(): string | null {
  const url = new URL(location.href);
  const given = url.searchParams.get(PARAMETER);
  if (!given) return remembered();
  url.searchParams.delete(PARAMETER);
  // The history entry's own state survives a reload even where the browser keeps all storage from embedded pages.
  history.replaceState({ [SESSION]: given }, "", url);
  store(() => sessionStorage.setItem(SESSION, given));
  return given;
}

export const redeemOverHttp: Redeem = async (sessionId) => {
  const response = await fetch("/phone/redeem", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Callside": "1" },
    body: JSON.stringify({ session: sessionId, binding: binding() }),
    credentials: "same-origin",
    cache: "no-store",
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) return { ok: false, status: response.status, message: errorMessage(body) };
  const { bearer, origins, frame } = body as { bearer: string; origins: string[]; frame?: string };
  if (frame) nameFrame(frame);
  return { ok: true, bearer, origins };
};

/** Which pages may embed us depends on the session; its digest in the address tells the server so at a reload. */
function nameFrame(frame: string): void {
  const url = new URL(location.href);
  url.searchParams.set(FRAME, frame);
  history.replaceState(history.state, "", url);
}

/** This browser's own secret; `null` where embedded pages get no storage (then the cookie alone has to do). */
function binding(): string | null {
  const kept = store(() => localStorage.getItem(BINDING));
  if (kept) return kept;
  const bytes = crypto.getRandomValues(new Uint8Array(SECRET_BYTES));
  const made = btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
  return store(() => {
    localStorage.setItem(BINDING, made);
    return made;
  });
}

function remembered(): string | null {
  const state: unknown = history.state;
  const kept = (state as Record<string, unknown> | null)?.[SESSION];
  return typeof kept === "string" ? kept : store(() => sessionStorage.getItem(SESSION));
}

/** Storage can be refused to embedded pages altogether: then there is nothing, and that is all right. */
function store<T>(use: () => T): T | null {
  try {
    return use();
  } catch {
    return null;
  }
}

function errorMessage(body: unknown): string {
  const message = (body as { error?: { message?: unknown } } | null)?.error?.message;
  return typeof message === "string" ? message : "";
}
