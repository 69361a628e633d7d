/** The bridge to the CRM page that holds our frame: one exact origin, everything else is not heard. */

import type { HostEvent } from "./events";
import type { HostWindow } from "./ports";
import type { Stop } from "./store";

/** Version of the message contract, on every message. */
const VERSION = 1;
const LONGEST_NUMBER = 64;
const LONGEST_REQUEST_ID = 128;

export type HostRequest =
  | { readonly type: "hello" }
  | { readonly type: "hangup" }
  | { readonly type: "dial"; readonly number: string; readonly requestId: string | null };

export class HostBridge {
  onrequest: ((request: HostRequest) => void) | null = null;

  readonly #window: HostWindow;
  #allowed: readonly string[] = [];
  #origin: string | null = null;
  #stop: Stop | null = null;

  constructor(window: HostWindow) {
    this.#window = window;
  }

  /** Speak with the embedding page if its origin is one of the tenant's; safe to call again with a newer list. */
  open(origins: readonly string[]): void {
    this.#allowed = origins;
    const known = this.#window.knownOrigin ?? this.#origin;
    this.#origin = known !== null && origins.includes(known) ? known : null;
    this.#stop ??= this.#window.listen((message, origin) => this.#received(message, origin));
  }

  /** Tell the CRM page; nobody is told while its origin is not known. */
  send(event: HostEvent): void {
    if (this.#origin !== null) this.#window.post({ callside: VERSION, ...event }, this.#origin);
  }

  close(): void {
    this.#stop?.();
    this.#stop = null;
    this.#origin = null;
  }

  #received(message: unknown, origin: string): void {
    const request = readRequest(message);
    if (request === null || !this.#trusts(origin, request)) return;
    this.onrequest?.(request);
  }

  /** Where the browser does not name the embedding page, the first `hello` from an allowed origin settles it. */
  #trusts(origin: string, request: HostRequest): boolean {
    const open = this.#origin === null && this.#window.knownOrigin === null;
    if (open && request.type === "hello" && this.#allowed.includes(origin)) this.#origin = origin;
    return this.#origin !== null && this.#origin === origin;
  }
}

/** A request of the CRM page, or `null` for anything that does not have its exact shape. */
export function readRequest(message: unknown): HostRequest | null {
  if (typeof message !== "object" || message === null) return null;
  const fields = message as Record<string, unknown>;
  if (fields.callside !== VERSION) return null;
  const { type } = fields;
  if (type === "hello" || type === "hangup") return { type };
  return type === "dial" ? readDial(fields) : null;
}

function readDial({ number, requestId = null }: Record<string, unknown>): HostRequest | null {
  if (typeof number !== "string" || number.length > LONGEST_NUMBER) return null;
  if (requestId === null) return { type: "dial", number, requestId };
  const known = typeof requestId === "string" && requestId.length <= LONGEST_REQUEST_ID;
  return known ? { type: "dial", number, requestId } : null;
}
