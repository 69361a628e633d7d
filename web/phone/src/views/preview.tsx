/** A lead before the call: who it is, which number, call or skip. */

import { formatDuration, type Lead } from "@callside/phone-core";
import { useState } from "preact/hooks";
import { useDesk } from "../desk";
import { Actions, Button } from "../parts/button";
import { LeadFields, LeadNotes, LeadNumbers, LeadTags } from "../parts/lead";
import { SkipQuestion } from "../parts/skip-lead";
import { stoppedWords } from "../words-of-leads";
import { SoundAction } from "./away";

export function Preview({ lead }: { lead: Lead }) {
  const desk = useDesk();
  const [chosen, setChosen] = useState(lead.chosen);
  const [skipping, setSkipping] = useState(false);
  const { view } = desk.state.value;
  const previewMs = view?.previewMs ?? null;
  const stopped = view?.campaign ? stoppedWords(view.campaign) : null;
  return (
    <div class="preview">
      <div class="lead-head">
        <h2>{lead.name || lead.numbers[chosen]?.display}</h2>
        <LeadTags lead={lead} />
      </div>
      <LeadNumbers lead={lead} chosen={chosen} choose={setChosen} />
      <LeadFields lead={lead} />
      <LeadNotes lead={lead} />
      <SoundAction />
      <Actions>
        {stopped !== null && <p class="time-left">{stopped}</p>}
        {stopped === null && previewMs !== null && <Countdown previewMs={previewMs} other={chosen !== lead.chosen} />}
        <Button look="quiet" class="skip" act={() => setSkipping(true)}>
          Skip
        </Button>
        <Button
          look="go"
          icon="answer"
          class="big"
          disabled={stopped !== null}
          act={() => desk.shown(desk.phone.dialLead(chosen))}
        >
          Call
        </Button>
      </Actions>
      {skipping && (
        <SkipQuestion
          answer={(reason) => {
            setSkipping(false);
            if (reason !== null) void desk.do("lead.skip", { reason });
          }}
        />
      )}
    </div>
  );
}

/** The server calls when the time is over, on the number it has chosen itself. */
function Countdown({ previewMs, other }: { previewMs: number; other: boolean }) {
  const desk = useDesk();
  const left = Math.max(0, previewMs - desk.sinceView.value);
  return (
    <p class="time-left">
      <span>
        {other ? "The first number is called" : "Calls by itself"} in{" "}
        <span role="timer" aria-label="Time until the call" aria-live="off">
          {formatDuration(left + 999)}
        </span>
      </span>
    </p>
  );
}
