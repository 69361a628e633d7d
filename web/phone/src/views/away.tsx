/** Without a call: ready for one, on a break, or set aside after a missed one. */

import { useDesk } from "../desk";
import { Actions, Button } from "../parts/button";
import { Day } from "../parts/day";
import { Picture } from "../parts/scene-parts";

export function Ready() {
  const { view, line } = useDesk().state.value;
  const inbound = view?.loginType === "AUTO";
  return (
    <>
      <Picture icon="headset" title={inbound ? "Waiting for the next call" : "The next call is on its way"}>
        <p>
          {inbound ? waitingWords(view?.waiting ?? 0) : "Callside dials for you. You hear a tone, then the customer."}
        </p>
      </Picture>
      {view !== null && <Day view={view} />}
      {line.step === "up" && (
        <Actions>
          <SoundAction />
        </Actions>
      )}
    </>
  );
}

function waitingWords(waiting: number): string {
  if (waiting === 0) return "Nobody is waiting right now.";
  return waiting === 1 ? "1 caller is waiting." : `${waiting} callers are waiting.`;
}

/** Shown while the browser refuses to play sound; in a call it is the first thing to do. */
export function SoundAction({ onCall = false }: { onCall?: boolean }) {
  const desk = useDesk();
  if (desk.state.value.sound === "on") return null;
  return (
    <Button look="primary" icon="sound" class="sound" act={() => desk.phone.unblockSound()} first>
      {onCall ? "Click to hear the caller" : "Turn on sound"}
    </Button>
  );
}

export function Break() {
  const desk = useDesk();
  const { view } = desk.state.value;
  return (
    <>
      <Picture icon="cup" title={view?.state.reason?.label ?? "Break"}>
        <p>You get no calls until you are back.</p>
      </Picture>
      {view !== null && <Day view={view} />}
      <BackAction words="Back to ready" />
    </>
  );
}

export function NotResponding() {
  return (
    <>
      <Picture icon="alert" title="You missed a call">
        <p>A call was offered to you and not taken. It went back to its place in the queue.</p>
        <p>So that no caller waits in vain, you get no calls until you say that you are back.</p>
      </Picture>
      <BackAction words="I’m back" />
    </>
  );
}

function BackAction({ words }: { words: string }) {
  const desk = useDesk();
  return (
    <Actions>
      <Button look="go" icon="check" act={() => desk.do("state.ready", {})} first>
        {words}
      </Button>
    </Actions>
  );
}
