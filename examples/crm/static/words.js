// Numbers, times and the phone's codes in words.

const CAUSES = {
  normal: "Ended",
  busy: "Busy",
  no_answer: "No answer",
  rejected: "Refused",
  unallocated: "Number does not exist",
  congestion: "Lines are full",
  cancelled: "Cancelled",
  abandoned: "Caller gave up",
  machine: "Answering machine",
  surplus: "Nobody was free",
  callback: "Wants to be called back",
  voicemail: "Left a message",
  nobody_there: "Nobody was there",
  agent_lost: "Phone was lost",
  engine_lost: "Phone system was lost",
  recovered: "Ended",
  failed: "Failed",
};
const STATES = {
  connecting: ["Connecting", "wait"],
  ready: ["Ready", "good"],
  reserved: ["Call is coming", "busy"],
  ringing: ["Ringing", "busy"],
  preview: ["Next customer", "busy"],
  dialing: ["Dialing", "busy"],
  talking: ["On a call", "busy"],
  held: ["On hold", "busy"],
  wrap_up: ["Wrap-up", "wait"],
  break: ["On a break", "wait"],
  not_responding: ["Missed a call", "bad"],
  lost: ["Phone is lost", "bad"],
  closed: ["Logged out", "wait"],
};
const ENDS = {
  logout: "You are logged out.",
  forced: "You are logged out.",
  taken_over: "You logged in at another place, so you were logged out here.",
  no_phone: "The phone was not opened in time. Please log in again.",
  idle: "The phone was away for too long, so you were logged out.",
  expired: "You were logged in for very long, so you were logged out.",
  lost: "The phone was lost, so you were logged out. Please log in again.",
  revoked: "An administrator logged you out.",
};

/** States in which logging out would meet a call. */
export const ON_A_CALL = new Set(["reserved", "ringing", "dialing", "talking", "held"]);

export const stateWords = (state, reason) => {
  const [words, tone] = STATES[state] ?? ["Connecting", "wait"];
  return { words: state === "break" && reason?.label ? `Break: ${reason.label}` : words, tone };
};

export const endWords = (cause) => ENDS[cause] ?? "Your phone session is over. Please log in again.";

/** How a call went, in two words. */
export function resultOf(call) {
  if (!call.endedAt) return call.answeredAt ? "Talking" : "Ringing";
  if (call.cause && call.cause !== "normal") return CAUSES[call.cause] ?? "Ended";
  return call.answeredAt || call.talkMs ? "Answered" : call.direction === "inbound" ? "Missed" : "Not answered";
}

/** +1 (555) 010-0100; other countries as they are. */
export function prettyNumber(number) {
  const found = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(number);
  return found ? `+1 (${found[1]}) ${found[2]}-${found[3]}` : number;
}

const digits = (number) => number.replace(/\D/g, "");

/** The same line, whether or not the country code was sent along. */
export function sameNumber(one, other) {
  const [a, b] = [digits(one), digits(other)];
  if (!a || !b) return false; // who withholds their number is nobody we know
  return a === b || (a.length >= 7 && b.length >= 7 && (a.endsWith(b) || b.endsWith(a)));
}

export function duration(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (part) => String(part).padStart(2, "0");
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

export function when(at) {
  const date = new Date(at);
  const time = date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const today = new Date().toDateString() === date.toDateString();
  return today ? time : `${date.toLocaleDateString([], { day: "numeric", month: "short" })}, ${time}`;
}
