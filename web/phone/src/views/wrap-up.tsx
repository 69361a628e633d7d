/** After the call: what came of it, notes, and on to the next. */

import { type CallbackWish, formatDuration, type Lead, type WrapUp } from "@callside/phone-core";
import { useState } from "preact/hooks";
import { useDesk } from "../desk";
import { Actions, Button } from "../parts/button";
import { Callback, usualWish } from "../parts/callback";
import { numberHint } from "../parts/lead";
import { Menu } from "../parts/menu";
import { Notes } from "../parts/notes";
import { endingOf, subtitleOf, titleOf } from "../words";

/** Shorter than this, the time left stands out. */
const SHORT_MS = 10_000;

export function WrapUpView({ wrapUp }: { wrapUp: WrapUp }) {
  const desk = useDesk();
  const { call } = wrapUp;
  const { lead } = desk.state.value.view ?? {};
  const [chosen, setChosen] = useState(call.disposition);
  const [wish, setWish] = useState(wishOf(wrapUp));
  // Kept at once, so that it counts even when the time runs out.
  const keep = (disposition: string, callback: CallbackWish | null) =>
    void desk.do("wrapUp.dispose", { disposition, finish: false, ...callback });
  const choose = (code: string) => {
    const callback = wish ?? (lead && wrapUp.callbacks.includes(code) ? usualWish(Date.now()) : null);
    setChosen(code);
    setWish(callback);
    keep(code, callback);
  };
  const wishFor = (callback: CallbackWish | null) => {
    setWish(callback);
    if (chosen !== null) keep(chosen, callback);
  };
  const finish = async () => {
    if (chosen === null && wish !== null) desk.say("Choose what came of the call: the callback is kept with it.");
    else await desk.shown(desk.phone.finishWrapUp(chosen, wish));
  };
  return (
    <form
      class="wrap-up"
      onSubmit={(event) => {
        event.preventDefault();
      }}
    >
      <div class="wrapped">
        <div class="wrapped-who">
          <h2>{titleOf(call)}</h2>
          <p>
            {[subtitleOf(call), endingOf(call), call.talkMs > 0 ? formatDuration(call.talkMs) : ""]
              .filter(Boolean)
              .join(" · ")}
          </p>
        </div>
        {lead && <CallAgain lead={lead} />}
      </div>
      <Outcomes wrapUp={wrapUp} chosen={chosen} choose={choose} />
      {lead && wrapUp.dispositions.length > 0 && <Callback wish={wish} zone={lead.zone} change={wishFor} />}
      <Notes />
      <Actions>
        {wrapUp.remainingMs !== null && <TimeLeft remainingMs={wrapUp.remainingMs} />}
        <Button look="primary" icon="check" class="big" act={finish}>
          {finishWords(desk.state.value.view?.pending)}
        </Button>
      </Actions>
    </form>
  );
}

function wishOf({ call }: WrapUp): CallbackWish | null {
  return call.callbackAt === null ? null : { callbackAt: call.callbackAt, callbackMine: call.callbackMine };
}

/** The same customer once more, on the same number or another one. */
function CallAgain({ lead }: { lead: Lead }) {
  const desk = useDesk();
  const dial = (index: number) => desk.shown(desk.phone.dialLead(index));
  const free = lead.numbers.map((number, index) => ({ number, index })).filter(({ number }) => !number.blocked);
  if (free.length === 0) return null;
  if (lead.numbers.length === 1) {
    return (
      <Button look="small" icon="answer" act={() => dial(0)}>
        Call again
      </Button>
    );
  }
  return (
    <Menu
      label="Call again"
      icon="answer"
      heading="On which number?"
      choices={free.map(({ number, index }) => ({
        key: number.number,
        label: [number.display, numberHint(number)].filter(Boolean).join(" · "),
        choose: () => void dial(index),
      }))}
    />
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
