/** Building blocks of situations: the calm picture with words, and the card of who is on the other side. */

import type { Call, WrappedCall } from "@callside/phone-core";
import type { ComponentChildren } from "preact";
import { subtitleOf, titleOf } from "../words";
import { Colour } from "./day";
import { Icon, type IconName } from "./icon";

interface PictureProps {
  icon: IconName;
  title: string;
  lively?: boolean;
  children?: ComponentChildren;
}

/** An icon, a sentence, and what is to be known about it. */
export function Picture({ icon, title, lively = false, children }: PictureProps) {
  return (
    <div class="picture">
      <p class={lively ? "picture-icon lively" : "picture-icon"}>
        <Icon name={icon} />
      </p>
      <h2>{title}</h2>
      {children}
    </div>
  );
}

interface PartyProps {
  call: Call | WrappedCall;
  lively?: boolean;
  /** One row, where the space is needed for something else. */
  compact?: boolean;
  children?: ComponentChildren;
}

/** Who is on the other side, and how they came. */
export function Party({ call, lively = false, compact = false, children }: PartyProps) {
  const second = subtitleOf(call);
  return (
    <div class={["party", lively && "centre", compact && "compact"].filter(Boolean).join(" ")}>
      <p class={lively ? "party-icon lively" : "party-icon"}>
        <Icon name={call.direction === "inbound" ? "inbound" : "outbound"} />
      </p>
      <h2 class="party-name">{titleOf(call)}</h2>
      {second && <p class="party-number">{second}</p>}
      {call.via && (
        <p class="party-via">
          <span class="hidden">{cameByQueue(call) ? "Queue: " : "Campaign: "}</span>
          {"colour" in call && <Colour of={call.colour} />}
          {call.via}
        </p>
      )}
      {children}
    </div>
  );
}

function cameByQueue(call: Call | WrappedCall): boolean {
  return call.direction === "inbound" || ("callback" in call && call.callback);
}
