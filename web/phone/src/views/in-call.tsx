/** The conversation: who, how long, mute, hold, keys, notes, hang up. */

import type { Call } from "@callside/phone-core";
import { useLayoutEffect, useState } from "preact/hooks";
import { useDesk } from "../desk";
import { Actions, Button } from "../parts/button";
import { Keypad } from "../parts/keypad";
import { LeadPanel, Panel } from "../parts/lead";
import { Notes } from "../parts/notes";
import { Party } from "../parts/scene-parts";
import { Timer } from "../parts/timer";
import { SoundAction } from "./away";

const DIGIT = /^[0-9*#]$/;

export function InCall({ call }: { call: Call }) {
  const desk = useDesk();
  const [keys, setKeys] = useState(false);
  const held = call.state === "held";
  const { lead } = desk.state.value.view ?? {};
  return (
    <>
      <Party call={call} compact={keys || Boolean(lead)}>
        <Timer from={call.talkMs} label="Call duration" class="big-timer" />
        <p class="party-state">{situationWords(held, call.muted)}</p>
      </Party>
      <SoundAction onCall />
      <div class={keys ? "tiles compact" : "tiles"}>
        <Button
          look="tile"
          icon={call.muted ? "muted" : "microphone"}
          pressed={call.muted}
          act={() => desk.do("call.mute", { on: !call.muted })}
        >
          Mute
        </Button>
        <Button
          look="tile"
          icon={held ? "resume" : "hold"}
          pressed={held}
          act={() => desk.do("call.hold", { on: !held })}
        >
          Hold
        </Button>
        <Button look="tile" icon="keypad" expanded={keys} act={() => setKeys(!keys)}>
          Keypad
        </Button>
      </div>
      {lead && !keys && <LeadPanel lead={lead} />}
      {call.script !== "" && !keys && <Script text={call.script} foldable={Boolean(lead)} />}
      {keys ? <CallKeys /> : <Notes />}
      <Actions>
        <Button look="stop" icon="hangUp" class="big" act={() => desk.do("call.hangup", {})}>
          Hang up
        </Button>
      </Actions>
    </>
  );
}

/** What the queue's or the campaign's agents are to say: plain text, as the administrator wrote it. */
function Script({ text, foldable }: { text: string; foldable: boolean }) {
  const desk = useDesk();
  if (foldable) {
    const toggled = (open: boolean) => {
      desk.scriptOpen.value = open;
    };
    return (
      <Panel title="Script" open={desk.scriptOpen.value} toggled={toggled}>
        <p class="script-words">{text}</p>
      </Panel>
    );
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a long script is scrolled with the keyboard
    <section class="script" aria-label="Script" tabIndex={0}>
      {text}
    </section>
  );
}

function situationWords(held: boolean, muted: boolean): string {
  if (held) return "On hold: they hear music";
  return muted ? "Muted: they don’t hear you" : "";
}

/** Keys that the other side's machine hears; the keyboard's digits work as well. */
function CallKeys() {
  const desk = useDesk();
  const [sent, setSent] = useState("");
  const press = (digit: string) => {
    setSent((before) => (before + digit).slice(-24));
    void desk.do("call.digits", { digits: digit });
  };
  useLayoutEffect(() => {
    const typed = (event: KeyboardEvent) => {
      const plain = !event.ctrlKey && !event.altKey && !event.metaKey;
      if (!plain || !DIGIT.test(event.key) || event.target instanceof HTMLTextAreaElement) return;
      desk.sounds.key(event.key);
      press(event.key);
    };
    document.addEventListener("keydown", typed);
    return () => document.removeEventListener("keydown", typed);
  }, []);
  return (
    <div class="call-keys">
      <p class="sent">
        <span class="hidden">Keys sent: </span>
        {sent || "Press a key to send it"}
      </p>
      <Keypad press={press} />
    </div>
  );
}
