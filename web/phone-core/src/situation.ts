/** Which one thing the page is about right now. */

import { microphoneFault } from "./line";
import type { PhoneState, Refusal } from "./phone";
import type { MicrophoneFault } from "./ports";
import type { Call, EndCause, Lead, View, WrapUp } from "./protocol";

export type Situation =
  | { readonly name: "starting"; readonly reaching: boolean }
  | { readonly name: "refused"; readonly why: Refusal; readonly message: string }
  | { readonly name: "superseded" }
  | { readonly name: "ended"; readonly cause: EndCause }
  | { readonly name: "microphone_fault"; readonly fault: MicrophoneFault }
  | { readonly name: "microphone_asked" }
  | { readonly name: "connecting" }
  | { readonly name: "ready" }
  | { readonly name: "dial" }
  | { readonly name: "incoming"; readonly call: Call }
  | { readonly name: "joining"; readonly call: Call }
  | { readonly name: "preview"; readonly lead: Lead }
  | { readonly name: "dialing"; readonly call: Call }
  | { readonly name: "in_call"; readonly call: Call }
  | { readonly name: "wrap_up"; readonly wrapUp: WrapUp }
  | { readonly name: "break" }
  | { readonly name: "not_responding" }
  | { readonly name: "lost" };

/** The situation of a phone's state. A call always comes before trouble with the line: the agent must see who is there. */
export function situationOf(state: PhoneState): Situation {
  const { phase, view } = state;
  if (phase.name !== "live" && phase.name !== "starting") return phase;
  if (view === null) return { name: "starting", reaching: state.link === "reconnecting" };
  return withCall(view) ?? withTrouble(state, view) ?? withoutCall(view);
}

function withCall(view: View): Situation | null {
  const { call, wrapUp } = view;
  switch (view.state.name) {
    case "ringing":
      return call && { name: "incoming", call };
    case "reserved":
      return call && { name: "joining", call };
    case "preview":
      return view.lead && { name: "preview", lead: view.lead };
    case "dialing":
      return call && { name: "dialing", call };
    case "talking":
    case "held":
      return call && { name: "in_call", call };
    case "wrap_up":
      return wrapUp && { name: "wrap_up", wrapUp };
    default:
      return null;
  }
}

function withTrouble({ line }: PhoneState, view: View): Situation | null {
  if (view.line.device !== "browser") return null;
  if (line.microphone === "asking") return { name: "microphone_asked" };
  const fault = microphoneFault(line);
  return fault && { name: "microphone_fault", fault };
}

function withoutCall(view: View): Situation {
  switch (view.state.name) {
    case "ready":
      return { name: view.loginType === "MANUAL" ? "dial" : "ready" };
    case "break":
      return { name: "break" };
    case "not_responding":
      return { name: "not_responding" };
    case "lost":
      return { name: "lost" };
    case "closed":
      return { name: "ended", cause: "logout" };
    default:
      return { name: "connecting" };
  }
}
