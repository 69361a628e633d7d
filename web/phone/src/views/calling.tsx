/** A call that is not a conversation yet: offered, being connected, or being dialled. */

import type { Call } from "@callside/phone-core";
import { useDesk } from "../desk";
import { Actions, Button } from "../parts/button";
import { LeadPanel } from "../parts/lead";
import { Party } from "../parts/scene-parts";
import { Timer } from "../parts/timer";
import { SoundAction } from "./away";

export function Incoming({ call }: { call: Call }) {
  const desk = useDesk();
  return (
    <>
      <Party call={call} lively>
        <p class="party-state">
          {call.callback ? "Wants to be called back" : "Ringing"}{" "}
          <Timer from={call.elapsedMs} label="Ringing for" class="inline-timer" />
        </p>
      </Party>
      <Actions>
        <Button look="quiet" class="decline" act={() => desk.do("call.decline", {})}>
          Decline
        </Button>
        <Button look="go" icon="answer" class="big" act={() => desk.do("call.answer", {})}>
          {call.callback ? "Call back" : "Answer"}
        </Button>
      </Actions>
    </>
  );
}

export function Joining({ call }: { call: Call }) {
  const { lead } = useDesk().state.value.view ?? {};
  return (
    <>
      <Party call={call} lively={!lead}>
        <p class="party-state">Connecting you…</p>
      </Party>
      {lead && <LeadPanel lead={lead} withNotes />}
      <SoundAction onCall />
    </>
  );
}

const STAGES: Partial<Record<Call["state"], string>> = { ringing: "Ringing", answered: "Answered" };

export function Dialing({ call }: { call: Call }) {
  const desk = useDesk();
  const { lead } = desk.state.value.view ?? {};
  return (
    <>
      <Party call={call} lively={!lead}>
        <p class="party-state">
          {STAGES[call.state] ?? "Calling"} <Timer from={call.elapsedMs} label="Calling for" class="inline-timer" />
        </p>
      </Party>
      {lead && <LeadPanel lead={lead} withNotes />}
      <SoundAction onCall />
      <Actions>
        <Button look="stop" icon="hangUp" class="big" act={() => desk.do("call.hangup", {})}>
          Hang up
        </Button>
      </Actions>
    </>
  );
}
