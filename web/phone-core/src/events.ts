/** What the CRM page is told, derived from two views in a row: nothing is sent twice, whatever happens to the connection. */

import type { Call, Choice, EndCause, Lead, LoginType, StateName, View } from "./protocol";

export interface HostCall {
  readonly id: string;
  readonly direction: "inbound" | "outbound";
  readonly number: string;
  readonly name: string;
  readonly via: string;
  /** Only in calls that come from a campaign's list. */
  readonly leadId?: string;
}

/** A customer of a campaign's list, before the agent. */
export interface HostLead {
  readonly leadId: string;
  /** The number that is called, or is to be called next. */
  readonly number: string;
  readonly name: string;
  /** What the import brought besides, by its column. */
  readonly fields: Readonly<Record<string, string>>;
}

export interface EndedCall extends HostCall {
  readonly cause: string;
  /** `null` where the phone cannot tell. */
  readonly hungUpBy: string | null;
  readonly talkMs: number;
}

export type HostEvent =
  | {
      readonly type: "ready";
      readonly agent: View["agent"];
      readonly loginType: LoginType;
      readonly state: StateName;
      readonly reason: Choice | null;
      readonly call: HostCall | null;
      readonly lead: HostLead | null;
    }
  | { readonly type: "agent.stateChanged"; readonly state: StateName; readonly reason: Choice | null }
  | ({ readonly type: "lead.shown" } & HostLead)
  | { readonly type: "call.incoming"; readonly call: HostCall }
  | { readonly type: "call.ringing"; readonly call: HostCall }
  | { readonly type: "call.answered"; readonly call: HostCall }
  | { readonly type: "call.ended"; readonly call: EndedCall }
  | { readonly type: "dial.accepted"; readonly requestId: string | null }
  | {
      readonly type: "dial.refused";
      readonly requestId: string | null;
      readonly code: string;
      readonly message: string;
    }
  | { readonly type: "session.ended"; readonly cause: EndCause };

/** The greeting: who is here and what is going on right now. */
export function readyEvent(view: View): HostEvent {
  const { name } = view.state;
  const reason = reasonOf(view);
  const call = view.call === null ? null : hostCall(view.call);
  const lead = view.lead === null ? null : hostLead(view.lead);
  return { type: "ready", agent: view.agent, loginType: view.loginType, state: name, reason, call, lead };
}

/** The events between two views. The first view of a page has none: what is going on then is in `ready`. */
export function diffViews(before: View | null, after: View): HostEvent[] {
  if (before === null) return [];
  const ended = callEnded(before, after);
  return [...ended, ...leadShown(before, after), ...callMoved(before, after), ...stateChanged(before, after)];
}

function stateChanged(before: View, after: View): HostEvent[] {
  const { name } = after.state;
  const reason = reasonOf(after);
  const same = before.state.name === name && before.state.reason?.code === reason?.code;
  return same ? [] : [{ type: "agent.stateChanged", state: name, reason }];
}

/** How far a call is: views may skip states, so the host is told every stage in between. */
function stage(call: Call): 0 | 1 | 2 | 3 {
  switch (call.state) {
    case "queued":
    case "planned":
      return 0;
    case "offered":
    case "ringing":
    case "answered":
      return 1;
    case "talking":
    case "held":
      return 2;
    case "ended":
      return 3;
  }
}

function callMoved(before: View, after: View): HostEvent[] {
  const call = after.call;
  if (call === null) return [];
  const from = before.call?.id === call.id ? stage(before.call) : 0;
  const to = stage(call);
  const events: HostEvent[] = [];
  const one = hostCall(call);
  if (from < 1 && to >= 1) {
    events.push({ type: isOffered(call) ? "call.incoming" : "call.ringing", call: one });
  }
  if (from < 2 && to === 2) events.push({ type: "call.answered", call: one });
  if (from < 3 && to === 3) events.push({ type: "call.ended", call: endedCall(call, after) });
  return events;
}

/** Also a callback: the customer is rung when the agent has taken it. */
function isOffered({ direction, state }: Call): boolean {
  return direction === "inbound" || state === "offered";
}

/** Whoever is called next is told before anything of the call. */
function leadShown(before: View, after: View): HostEvent[] {
  if (after.lead === null || after.lead.id === before.lead?.id) return [];
  return [{ type: "lead.shown", ...hostLead(after.lead) }];
}

function callEnded(before: View, after: View): HostEvent[] {
  const gone = before.call;
  if (gone === null || gone.id === after.call?.id || stage(gone) === 3) return [];
  return [{ type: "call.ended", call: endedCall(gone, after) }];
}

function endedCall(call: Call, after: View): EndedCall {
  const last = after.lastCall;
  if (last?.id === call.id) {
    const { cause, hungUpBy, talkMs } = last;
    return { ...hostCall(call), cause, hungUpBy, talkMs };
  }
  // Another call has come and gone since the last view: how this one ended is in the records only.
  return { ...hostCall(call), cause: stage(call) < 2 ? "cancelled" : "normal", hungUpBy: null, talkMs: call.talkMs };
}

function hostCall({ id, direction, number, name, via, leadId }: Call): HostCall {
  return { id, direction, number, name, via, ...(leadId === null ? {} : { leadId }) };
}

function hostLead({ id, name, numbers, chosen, fields }: Lead): HostLead {
  const named = Object.fromEntries(fields.map((field) => [field.name, field.value]));
  return { leadId: id, number: numbers[chosen]?.number ?? "", name, fields: named };
}

/** The reason as the CRM is told it: what it is called, and nothing of how long it may last. */
function reasonOf({ state }: View): Choice | null {
  return state.reason && { code: state.reason.code, label: state.reason.label };
}
