/** The phone is not in use here: not any more, or never was. */

import type { EndCause, Refusal } from "@callside/phone-core";
import { useDesk } from "../desk";
import { Actions, Button } from "../parts/button";
import type { IconName } from "../parts/icon";
import { Picture } from "../parts/scene-parts";
import { END_WORDS } from "../words";

const REFUSALS: Record<Refusal, { icon: IconName; title: string; text: string }> = {
  no_session: {
    icon: "headset",
    title: "Nobody is logged in",
    text: "Log in as an agent in your CRM: it opens this phone for you.",
  },
  over: {
    icon: "clock",
    title: "This login is over",
    text: "Log in again in your CRM to take calls.",
  },
  in_use: {
    icon: "tabs",
    title: "Already in use elsewhere",
    text: "Another browser has this phone. Log in again in your CRM to use it here.",
  },
};

export function Refused({ why, message }: { why: Refusal; message: string }) {
  const { icon, title, text } = REFUSALS[why];
  return (
    <Picture icon={icon} title={title}>
      <p>{message || text}</p>
    </Picture>
  );
}

export function Superseded() {
  const desk = useDesk();
  return (
    <>
      <Picture icon="tabs" title="Open in another tab">
        <p>You opened this phone again, and the newer one has your calls. This one is switched off.</p>
      </Picture>
      <Actions>
        <Button look="primary" act={() => desk.phone.takeBack()} first>
          Use it here
        </Button>
      </Actions>
    </>
  );
}

export function Ended({ cause }: { cause: EndCause }) {
  const { title, text } = END_WORDS[cause];
  return (
    <Picture icon={cause === "taken_over" ? "tabs" : "logOut"} title={title}>
      <p>{text}</p>
    </Picture>
  );
}
