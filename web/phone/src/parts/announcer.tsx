/** Says aloud, for a screen reader, what is seen at a glance: who is calling, and that something is wrong. */

import type { Situation } from "@callside/phone-core";
import { END_WORDS, MICROPHONE_ADVICE, subtitleOf, titleOf } from "../words";

export function Announcer({ situation }: { situation: Situation }) {
  return (
    <div class="hidden" aria-live="assertive" aria-atomic="true">
      {announcementOf(situation)}
    </div>
  );
}

function announcementOf(situation: Situation): string {
  switch (situation.name) {
    case "incoming": {
      const { call } = situation;
      const via = call.via && `for ${call.via}`;
      return [call.callback ? "Callback" : "Incoming call", titleOf(call), subtitleOf(call), via]
        .filter(Boolean)
        .join(", ");
    }
    case "preview":
      return `Next customer: ${situation.lead.name || situation.lead.numbers[situation.lead.chosen]?.display}`;
    case "microphone_fault":
      return MICROPHONE_ADVICE[situation.fault].title;
    case "ended":
      return END_WORDS[situation.cause].title;
    case "superseded":
      return "This phone is open in another tab";
    default:
      return "";
  }
}
