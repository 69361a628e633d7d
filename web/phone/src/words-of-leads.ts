/** The words for campaigns and their leads, where code alone would show a name of the contract. */

import type { Campaign, Halt, LeadCallback } from "@callside/phone-core";

const OUTCOMES: Record<string, string> = {
  connected: "spoke with us",
  busy: "busy",
  no_answer: "no answer",
  rejected: "refused",
  unallocated: "number does not exist",
  congestion: "line overloaded",
  failed: "call failed",
  machine: "answering machine",
  abandoned: "nobody of us was free",
  cancelled: "hung up before an answer",
  surplus: "not answered in time for us",
  recovered: "cut off by a restart",
  trunk_down: "call did not get out",
  skipped: "skipped",
};

/** What a call to a lead came to, within a sentence. */
export function outcomeWords(outcome: string): string {
  return OUTCOMES[outcome] ?? "not known";
}

export function callbackWords({ agent, mine }: LeadCallback): string {
  if (mine) return "Your callback";
  return agent === "" ? "Asked to be called back" : `Callback for ${agent}`;
}

interface Words {
  readonly title: string;
  readonly text: string;
}

const HALTS: Record<Halt, Words> = {
  stopped: { title: "The campaign is not running", text: "Nothing is dialed until a supervisor starts it." },
  paused: { title: "The campaign is paused", text: "Nothing is dialed until a supervisor lets it go on." },
  no_profile: {
    title: "The campaign cannot dial",
    text: "The calling rules it goes by are not there. Tell your supervisor.",
  },
  no_trunk: { title: "The campaign cannot dial", text: "It has no line to call on. Tell your supervisor." },
  forbidden: {
    title: "The campaign may not dial just now",
    text: "A calling rule is against it. Your supervisor sees which, and it goes on by itself.",
  },
  no_agents: { title: "The campaign has no agents", text: "Nothing is dialed until a supervisor assigns some." },
  no_lists: { title: "The campaign has no list", text: "Nothing is dialed until a supervisor gives it one." },
  not_yet: { title: "The campaign has not begun", text: "It begins by itself when its time has come." },
  ended: { title: "The campaign is over", text: "Its time has run out. Ask your supervisor what comes next." },
  trunk_down: { title: "Calls do not get out", text: "The lines are down. It is tried again by itself." },
  no_leads: {
    title: "Nobody to call just now",
    text: "All have been called, or may not be called at this hour. Callside goes on looking.",
  },
};

const UNKNOWN: Words = { title: "Nothing is dialed just now", text: "Callside goes on as soon as it can." };

/** What an agent who waits for a call or a lead is told. */
export function waitingWords({ type, halt }: Campaign): Words {
  if (halt !== null) return Object.hasOwn(HALTS, halt) ? HALTS[halt as Halt] : UNKNOWN;
  if (type === "PREVIEW") return { title: "Looking for your next customer", text: "You see them before you call." };
  return {
    title: "Looking for somebody to call",
    text: "Callside dials for you. When somebody answers you hear a tone, then the customer.",
  };
}

/** Halts under which the customer on the screen is not called either; the server holds to the same. */
const STOPS: ReadonlySet<string> = new Set(["stopped", "paused", "forbidden", "not_yet", "ended"]);

/** Why the customer who is shown is not called now; null where they are. By hand a campaign need not be started. */
export function stoppedWords({ type, halt }: Campaign): string | null {
  if (halt === null || !STOPS.has(halt) || (type === "MANUAL" && (halt === "stopped" || halt === "forbidden")))
    return null;
  return HALTS[halt as Halt].title;
}

const TIME: Intl.DateTimeFormatOptions = { hour: "numeric", minute: "2-digit" };
const DAY_MS = 86_400_000;

/** `14:05` on the clock of that zone; empty where the browser does not know it. */
export function zoneTime(zone: string, wall: number): string {
  return zone === "" ? "" : inZone(zone, wall, TIME);
}

/** `Tue 14:05` on the clock of that zone. */
export function zoneDayTime(zone: string, wall: number): string {
  return zone === "" ? "" : inZone(zone, wall, { weekday: "short", ...TIME });
}

function inZone(zone: string, wall: number, how: Intl.DateTimeFormatOptions): string {
  try {
    return new Intl.DateTimeFormat(undefined, { timeZone: zone, ...how }).format(wall);
  } catch {
    return "";
  }
}

/** The agent's own zone, `Europe/Berlin`. */
export function ownZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** When a callback is due: `14:05`, `tomorrow 14:05`, `Tue, Dec 3, 14:05`; `since 13:00` when it is late. */
export function dueWords(dueAt: number, now: number): string {
  const time = new Intl.DateTimeFormat(undefined, TIME).format(dueAt);
  if (dueAt <= now) return dayOf(dueAt) === dayOf(now) ? `since ${time}` : `since ${longDay(dueAt)}`;
  if (dayOf(dueAt) === dayOf(now)) return time;
  if (dayOf(dueAt - DAY_MS) === dayOf(now)) return `tomorrow ${time}`;
  return `${longDay(dueAt)}, ${time}`;
}

function dayOf(wall: number): string {
  return new Date(wall).toDateString();
}

function longDay(wall: number): string {
  return new Intl.DateTimeFormat(undefined, { weekday: "short", month: "short", day: "numeric" }).format(wall);
}

/** A moment as `<input type="datetime-local">` writes it, on the agent's own clock. */
export function toLocalInput(wall: number): string {
  const date = new Date(wall);
  const two = (part: number) => String(part).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** The moment that such an input names; `null` while it names none. */
export function fromLocalInput(text: string): number | null {
  const wall = text === "" ? Number.NaN : new Date(text).getTime();
  return Number.isNaN(wall) ? null : wall;
}
