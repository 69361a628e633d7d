/** The words of the phone, where code alone would show a name of the contract. */

import {
  type Call,
  type EndCause,
  formatDuration,
  type LoginType,
  type MicrophoneFault,
  type PhoneState,
  type StateName,
  type View,
  type WrappedCall,
} from "@callside/phone-core";

const STATE_WORDS: Record<StateName, string> = {
  connecting: "Connecting",
  ready: "Ready",
  reserved: "Call coming in",
  ringing: "Incoming call",
  preview: "Preview",
  dialing: "Dialing",
  talking: "On a call",
  held: "On hold",
  wrap_up: "Wrap-up",
  break: "On break",
  not_responding: "Paused",
  lost: "Line lost",
  closed: "Logged out",
};

/** What the agent's state is called; an offered callback is no call yet. */
export function stateInWords({ state, call }: View): string {
  return state.name === "ringing" && call?.callback ? "Callback" : STATE_WORDS[state.name];
}

export const LOGIN_WORDS: Record<LoginType, string> = {
  AUTO: "Incoming calls",
  PROGRESSIVE: "Automatic dialing",
  MANUAL: "Manual dialing",
};

/** The colour of the moment; styles/states.css knows these. */
export type Mood = "calm" | "ready" | "calling" | "talking" | "after" | "away" | "trouble";

const MOODS: Record<StateName, Mood> = {
  connecting: "calm",
  ready: "ready",
  reserved: "calling",
  ringing: "calling",
  preview: "calling",
  dialing: "calling",
  talking: "talking",
  held: "after",
  wrap_up: "after",
  break: "away",
  not_responding: "trouble",
  lost: "trouble",
  closed: "calm",
};

export function moodOf({ phase, view }: PhoneState): Mood {
  if (phase.name === "refused") return "trouble";
  if (view !== null && isOverLimit(view)) return "trouble";
  return view === null ? "calm" : MOODS[view.state.name];
}

/** The break goes on beyond its limit; the server shows the view anew when it is reached. */
function isOverLimit({ state: { name, reason, elapsedMs } }: View): boolean {
  return name === "break" && reason !== null && reason.limitMs !== null && elapsedMs >= reason.limitMs;
}

/** How long one such break may last. */
export function limitInWords(limitMs: number): string {
  if (limitMs < 60_000) return `${limitMs / 1000} s`;
  return limitMs % 60_000 === 0 ? `${limitMs / 60_000} min` : `${formatDuration(limitMs)} min`;
}

/** Who is on the other side: the name where there is one, else the number as people write it. */
export function titleOf(call: Call | WrappedCall): string {
  return call.name || call.display || call.number || "Unknown caller";
}

/** The second line: the number, unless it is the title already. */
export function subtitleOf(call: Call | WrappedCall): string {
  return call.name ? call.display || call.number : "";
}

export interface Advice {
  readonly title: string;
  readonly text: string;
  readonly steps: readonly string[];
  /** A line to copy, for whoever looks after the CRM. */
  readonly code?: string;
}

export const MICROPHONE_ADVICE: Record<MicrophoneFault, Advice> = {
  not_delegated: {
    title: "The CRM page blocks the microphone",
    text: "The page that shows this phone does not pass the microphone on to it. You cannot change that yourself.",
    steps: ["Ask whoever looks after your CRM to add this to the phone's frame, then load the page again."],
    code: 'allow="microphone; autoplay"',
  },
  denied: {
    title: "The microphone is not allowed",
    text: "Your browser was told not to let this phone use the microphone.",
    steps: [
      "Click the icon at the left of the address bar.",
      "Set Microphone to Allow.",
      "Come back here and try again.",
    ],
  },
  blocked_by_system: {
    title: "Your computer blocks the microphone",
    text: "The browser may use it, but the computer's own privacy settings do not let it.",
    steps: ["Open the privacy settings of your computer.", "Allow your browser to use the microphone.", "Try again."],
  },
  no_device: {
    title: "No microphone found",
    text: "This computer has no microphone that the browser can see.",
    steps: ["Plug your headset in, or switch it on.", "Try again."],
  },
  busy: {
    title: "The microphone is in use",
    text: "Another program is using the microphone, or it did not start.",
    steps: ["Close other calls and meeting programs.", "Unplug the headset and plug it in again.", "Try again."],
  },
  insecure_page: {
    title: "This page is not secure",
    text: "Browsers give the microphone only to pages whose address begins with https.",
    steps: ["Ask whoever looks after your CRM to use the https address of this phone."],
  },
};

export const END_WORDS: Record<EndCause, { readonly title: string; readonly text: string }> = {
  logout: { title: "You are logged out", text: "Log in again in your CRM when you want to take calls." },
  forced: {
    title: "You were logged out",
    text: "Your CRM or a supervisor ended this login. Log in again to take calls.",
  },
  taken_over: {
    title: "You logged in somewhere else",
    text: "The newer login has your calls now. This phone is switched off.",
  },
  no_phone: {
    title: "Login not used in time",
    text: "The phone was not opened soon enough after login. Log in again in your CRM.",
  },
  idle: { title: "Logged out after a pause", text: "The phone was away for too long. Log in again in your CRM." },
  expired: {
    title: "Your login has run out",
    text: "A login lasts one working day at most. Log in again in your CRM.",
  },
  lost: { title: "The connection was lost", text: "The phone was away for too long. Log in again in your CRM." },
  revoked: { title: "Your access was changed", text: "An administrator ended this login. Ask them, or log in again." },
};

const CAUSES: Record<string, string> = {
  busy: "The number was busy",
  no_answer: "Nobody answered",
  rejected: "The call was refused",
  unallocated: "The number does not exist",
  congestion: "The line was overloaded",
  cancelled: "Cancelled before it was answered",
  abandoned: "The caller hung up before it was answered",
  machine: "An answering machine",
  agent_lost: "Your line dropped",
  engine_lost: "The phone system failed",
  recovered: "The phone system was restarted",
  failed: "The call failed",
};

/** How the call ended, in one line. */
export function endingOf(call: WrappedCall): string {
  const cause = CAUSES[call.cause];
  if (cause !== undefined) return cause;
  if (call.hungUpBy === "agent") return "You hung up";
  return call.hungUpBy === "customer" ? "The other side hung up" : "The call has ended";
}
