/** A dot while all is well; a dot and words when it is not. */

import type { PhoneState } from "@callside/phone-core";
import { useDesk } from "../desk";

export type Health = { readonly level: "good" | "waiting" | "bad"; readonly words: string };

/** How the way from the agent to the engine is, worst thing first. */
export function healthOf({ link, view, line }: PhoneState): Health {
  if (link !== "open") return { level: "bad", words: "Reconnecting" };
  if (view === null || view.engine === "down") return { level: "bad", words: "Phone system down" };
  const desk = view.line.device === "extension";
  if (view.line.state === "up" && (desk || line.step === "up")) return { level: "good", words: "Line good" };
  if (view.line.state === "down" && (desk || line.step === "stuck")) return { level: "bad", words: "No line" };
  return { level: "waiting", words: "Connecting line" };
}

export function LineHealth() {
  const { level, words } = healthOf(useDesk().state.value);
  return (
    <span class={`health ${level}`} title={words}>
      <span class="dot" aria-hidden="true" />
      <span class={level === "good" ? "hidden" : "health-words"}>{words}</span>
    </span>
  );
}
