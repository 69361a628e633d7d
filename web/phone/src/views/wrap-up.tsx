/** After the call: what came of it, notes, and on to the next. */

import { formatDuration, type WrapUp } from "@callside/phone-core";
import { useState } from "preact/hooks";
import { useDesk } from "../desk";
import { Actions, Button } from "../parts/button";
import { Notes } from "../parts/notes";
import { endingOf, subtitleOf, titleOf } from "../words";

/** Shorter than this, the time left stands out. */
const SHORT_MS = 10_000;

export function WrapUpView({ wrapUp }: { wrapUp: WrapUp }) {
  const desk = useDesk();
  const { call } = wrapUp;
  const [chosen, setChosen] = useState(call.disposition);
  const choose = (code: string) => {
    setChosen(code);
    // Kept at once, so that it counts even when the time runs out.
    void desk.do("wrapUp.dispose", { disposition: code, finish: false });
  };
  return (
    <form
      class="wrap-up"
      onSubmit={(event) => {
        event.preventDefault();
      }}
    >
      <div class="wrapped">
        <h2>{titleOf(call)}</h2>
        <p>
          {[subtitleOf(call), endingOf(call), call.talkMs > 0 ? formatDuration(call.talkMs) : ""]
            .filter(Boolean)
            .join(" · ")}
        </p>
      </div>
      <Outcomes wrapUp={wrapUp} chosen={chosen} choose={choose} />
      <Notes />
      <Actions>
        {wrapUp.remainingMs !== null && <TimeLeft remainingMs={wrapUp.remainingMs} />}
        <Button look="primary" icon="check" class="big" act={() => desk.shown(desk.phone.finishWrapUp(chosen))}>
          {finishWords(desk.state.value.view?.pending)}
        </Button>
      </Actions>
    </form>
  );
}

function finishWords(pending: { break: unknown; logout: boolean } | undefined): string {
  if (pending?.logout) return "Save and log out";
  return pending?.break ? "Save and take break" : "Save and be ready";
}

interface OutcomesProps {
  wrapUp: WrapUp;
  chosen: string | null;
  choose: (code: string) => void;
}

function Outcomes({ wrapUp, chosen, choose }: OutcomesProps) {
  if (wrapUp.dispositions.length === 0) return null;
  return (
    <fieldset class="outcomes">
      <legend>What came of the call?</legend>
      <div class="outcome-list">
        {wrapUp.dispositions.map(({ code, label }) => (
          <label class="outcome" key={code}>
            <input
              type="radio"
              name="disposition"
              value={code}
              checked={code === chosen}
              onChange={() => choose(code)}
            />
            <span>{label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function TimeLeft({ remainingMs }: { remainingMs: number }) {
  const desk = useDesk();
  const left = Math.max(0, remainingMs - desk.sinceView.value);
  const next = desk.state.value.view?.pending.break ? "Break" : "Ready";
  return (
    <div class={left < SHORT_MS ? "time-left short" : "time-left"}>
      <p>
        {next} in{" "}
        <span role="timer" aria-label="Wrap-up time left" aria-live="off">
          {formatDuration(left + 999)}
        </span>
      </p>
      <Button look="small" act={() => desk.do("wrapUp.extend", {})}>
        Extend
      </Button>
    </div>
  );
}
