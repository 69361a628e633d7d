/** The board's words and how it writes numbers. */

export const STATE_WORDS: Readonly<Record<string, string>> = {
  connecting: "Connecting",
  ready: "Ready",
  reserved: "Ringing",
  ringing: "Ringing",
  dialing: "Dialing",
  talking: "Talking",
  held: "On hold",
  wrap_up: "Wrap-up",
  break: "Break",
  not_responding: "Not responding",
  lost: "No connection",
  closed: "Logged out",
};

export type Look = "ready" | "busy" | "after" | "away" | "alert";

/** Which of the board's five looks a state has; words always stand beside the colour. */
export function lookOf(state: string): Look {
  if (state === "ready") return "ready";
  if (["reserved", "ringing", "dialing", "talking", "held"].includes(state)) return "busy";
  if (state === "wrap_up") return "after";
  return state === "not_responding" || state === "lost" ? "alert" : "away";
}

/** Whether a break has gone on beyond its limit at the server's time. */
export function overLimit(agent: { readonly break_limit_at: number | null }, server: number): boolean {
  return agent.break_limit_at !== null && server >= agent.break_limit_at;
}

const ORDER: readonly Look[] = ["alert", "busy", "after", "ready", "away"];

/** Who needs to be looked at comes first. */
export function rankOf(look: Look): number {
  return ORDER.indexOf(look);
}

/** 75 s → 1:15, an hour and more → 1:02:03. */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const parts = [Math.floor(seconds / 60) % 60, seconds % 60];
  const hours = Math.floor(seconds / 3600);
  if (hours === 0) return `${parts[0]}:${pad(parts[1])}`;
  return `${hours}:${pad(parts[0])}:${pad(parts[1])}`;
}

function pad(value: number | undefined): string {
  return String(value ?? 0).padStart(2, "0");
}

export function percent(share: number | null): string {
  return share === null ? "–" : `${Math.round(share * 100)} %`;
}

export const FORMULA_WORDS =
  "SL_B: answered in time ÷ (answered + abandoned + let go + still waiting past the time). All since the tenant’s midnight.";
