/** The phone socket's contract: what the server shows (View) and what the page may ask (verbs). Durations are milliseconds. */

export type LoginType = "AUTO" | "PROGRESSIVE" | "MANUAL";

export type StateName =
  | "connecting"
  | "ready"
  | "reserved"
  | "ringing"
  | "preview"
  | "dialing"
  | "talking"
  | "held"
  | "wrap_up"
  | "break"
  | "not_responding"
  | "lost"
  | "closed";

export interface Choice {
  readonly code: string;
  readonly label: string;
}

/** A reason for a break; `limitMs`: how long one such break may last (null: as long as it takes). */
export interface BreakReason extends Choice {
  readonly limitMs: number | null;
}

export interface Assignment {
  readonly id: string;
  readonly name: string;
}

export interface Call {
  readonly id: string;
  readonly direction: "inbound" | "outbound";
  readonly state: "queued" | "offered" | "planned" | "ringing" | "answered" | "talking" | "held" | "ended";
  readonly number: string;
  /** The number as people write it. */
  readonly display: string;
  readonly name: string;
  /** Name of the queue or campaign the call came by. */
  readonly via: string;
  /** The customer asked to be called back: they are called when the agent takes it. */
  readonly callback: boolean;
  /** The queue's, `#rrggbb`; empty for none. */
  readonly colour: string;
  /** What the queue's or the campaign's agents are to say; empty for none. */
  readonly script: string;
  /** Whom it calls, where it comes from a list. */
  readonly leadId: string | null;
  /** Time in the present state. */
  readonly elapsedMs: number;
  readonly talkMs: number;
  readonly muted: boolean;
  readonly earlyMedia: boolean;
  readonly notes: string;
}

export interface WrappedCall {
  readonly id: string;
  readonly direction: "inbound" | "outbound";
  readonly number: string;
  readonly display: string;
  readonly name: string;
  readonly via: string;
  readonly talkMs: number;
  readonly cause: string;
  readonly hungUpBy: string;
  readonly notes: string;
  readonly disposition: string | null;
  /** When the customer wants to be called again (wall clock, ms), and whether by this agent. */
  readonly callbackAt: number | null;
  readonly callbackMine: boolean;
}

export interface WrapUp {
  readonly call: WrappedCall;
  /** Time left; `null` when wrap-up has no limit. */
  readonly remainingMs: number | null;
  readonly dispositions: readonly Choice[];
  /** Codes of those that ask for a callback's date. */
  readonly callbacks: readonly string[];
}

/** How the agent's last call ended. */
export interface LastCall {
  readonly id: string;
  readonly cause: string;
  readonly hungUpBy: string;
  readonly talkMs: number;
}

export type CampaignType = "MANUAL" | "PREVIEW" | "PROGRESSIVE" | "PREDICTIVE";

/** Why a campaign dials nothing. */
export type Halt =
  | "stopped"
  | "paused"
  | "no_profile"
  | "no_trunk"
  | "forbidden"
  | "no_agents"
  | "no_lists"
  | "not_yet"
  | "ended"
  | "trunk_down"
  | "no_leads";

export interface Campaign {
  readonly type: CampaignType;
  /** `null`: it dials. A newer server may name reasons that we do not know. */
  readonly halt: Halt | (string & {}) | null;
  /** Until it goes on or is tried again, where that is known. */
  readonly resumesMs: number | null;
}

export interface LeadNumber {
  readonly number: string;
  readonly display: string;
  readonly label: string;
  readonly attempts: number;
  readonly lastOutcome: string | null;
  /** It must not be called. */
  readonly blocked: boolean;
}

/** Somebody asked to be called back: by that agent, or by anybody (empty). */
export interface LeadCallback {
  readonly agent: string;
  readonly mine: boolean;
}

/** The customer before the agent. All of it is somebody else's words: text, never markup. */
export interface Lead {
  readonly id: string;
  readonly name: string;
  readonly numbers: readonly LeadNumber[];
  /** Which of `numbers` is called, or is to be called next. */
  readonly chosen: number;
  readonly fields: readonly { readonly name: string; readonly value: string }[];
  readonly notes: string;
  /** The time zone the customer goes by; empty where that is not sure. */
  readonly zone: string;
  readonly attempts: number;
  readonly lastOutcome: string | null;
  readonly callback: LeadCallback | null;
}

/** A line of the agent's own list. */
export interface LeadRow {
  readonly id: string;
  readonly name: string;
  readonly display: string;
  readonly label: string;
  readonly attempts: number;
  readonly lastOutcome: string | null;
  /** Wall clock, ms; 0: when its turn comes. */
  readonly dueAt: number;
  readonly callback: LeadCallback | null;
  /** How the notes begin. */
  readonly notes: string;
}

/** One whole snapshot of the agent's session. */
export interface View {
  readonly seq: number;
  readonly tenant: { readonly region: string };
  readonly agent: { readonly id: string; readonly name: string; readonly username: string };
  readonly loginType: LoginType;
  /** The agent's queues (AUTO) or the one campaign. */
  readonly assignment: readonly Assignment[];
  readonly state: { readonly name: StateName; readonly elapsedMs: number; readonly reason: BreakReason | null };
  /** What waits for the call's end. */
  readonly pending: { readonly break: BreakReason | null; readonly logout: boolean };
  readonly line: {
    readonly state: "down" | "rising" | "up" | "renewing";
    readonly device: "browser" | "extension";
    /** The desk phone's number. */
    readonly extension: string | null;
  };
  readonly engine: "up" | "down";
  readonly call: Call | null;
  readonly wrapUp: WrapUp | null;
  /** How the agent's last call ended, also where no wrap-up tells. */
  readonly lastCall: LastCall | null;
  readonly breaks: readonly BreakReason[];
  readonly canDial: boolean;
  /** Calls waiting in the agent's queues. */
  readonly waiting: number;
  /** The agent's queues; `longestMs` is the first caller's wait. */
  readonly queues: readonly {
    readonly id: string;
    readonly name: string;
    readonly colour: string;
    readonly waiting: number;
    readonly longestMs: number;
  }[];
  /** The agent's own figures since midnight UTC, of calls with a customer that are over. */
  readonly today: {
    readonly calls: number;
    readonly talkMs: number;
    readonly wrapMs: number;
    readonly avgHandleMs: number;
  };
  /** The campaign the agent dials for. */
  readonly campaign: Campaign | null;
  /** Shown, called, or whose call is being wrapped up. */
  readonly lead: Lead | null;
  /** Until the lead shown is called by itself. */
  readonly previewMs: number | null;
}

/** SIP credentials of this page, made for one registration. */
export interface SipCredentials {
  readonly endpoint: string;
  readonly password: string;
  readonly realm: string;
  /** Path of the SIP socket on the page's own origin. */
  readonly sipPath: string;
}

/** Fields of each verb, by its name. */
export interface Verbs {
  /** Is anybody there? */
  ping: Record<never, never>;
  "line.credentials": Record<never, never>;
  "line.ready": Record<never, never>;
  "state.ready": Record<never, never>;
  "state.break": { reason: string };
  "state.cancelBreak": Record<never, never>;
  "call.dial": { number: string };
  "call.answer": Record<never, never>;
  "call.decline": Record<never, never>;
  "call.hangup": Record<never, never>;
  "call.mute": { on: boolean };
  "call.hold": { on: boolean };
  "call.digits": { digits: string };
  "call.notes": { text: string };
  "wrapUp.dispose": { disposition: string; finish: boolean; callbackAt?: number; callbackMine?: boolean };
  "wrapUp.extend": Record<never, never>;
  "leads.list": Record<never, never>;
  "lead.show": { lead: string };
  "lead.next": Record<never, never>;
  "lead.skip": { reason: string };
  /** `number`: which of the lead's numbers, from 0. */
  "lead.dial": { number: number };
  "session.end": Record<never, never>;
}

export type VerbName = keyof Verbs;

interface Values {
  "line.credentials": SipCredentials;
  "leads.list": { readonly leads: readonly LeadRow[] };
}

/** What a verb's reply carries; most carry nothing. */
export type VerbValue<V extends VerbName> = V extends keyof Values ? Values[V] : unknown;

export interface ViewFrame {
  readonly type: "view";
  readonly view: View;
}

export type ReplyFrame =
  | { readonly type: "reply"; readonly id: number; readonly ok: true; readonly value?: unknown }
  | {
      readonly type: "reply";
      readonly id: number;
      readonly ok: false;
      readonly error: { readonly code: string; readonly message: string };
    };

export type ServerFrame = ViewFrame | ReplyFrame | { readonly type: "ping" };

export const SUBPROTOCOL = "callside.v1";

/** Close codes of the phone's sockets (RFC 6455 §7.4.2: 4xxx are the application's own). */
export const CloseCode = {
  SUPERSEDED: 4001,
  SESSION_ENDED: 4002,
  BEARER_NOT_VALID: 4003,
  PROTOCOL_ERROR: 4004,
} as const;

/** Why a session ended. */
export type EndCause = "logout" | "forced" | "taken_over" | "no_phone" | "idle" | "expired" | "lost" | "revoked";

const END_CAUSES: ReadonlySet<string> = new Set<EndCause>([
  "logout",
  "forced",
  "taken_over",
  "no_phone",
  "idle",
  "expired",
  "lost",
  "revoked",
]);

/** The cause in a close frame's reason; an unknown one counts as `lost`. */
export function endCause(reason: string): EndCause {
  return END_CAUSES.has(reason) ? (reason as EndCause) : "lost";
}

/** A frame of the server, or `null` when the text is none (a newer server may send types we do not know). */
export function readFrame(text: string): ServerFrame | null {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof frame !== "object" || frame === null) return null;
  const { type } = frame as { type?: unknown };
  const known = type === "view" || type === "reply" || type === "ping";
  return known ? (frame as ServerFrame) : null;
}
