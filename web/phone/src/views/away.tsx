/** Without a call: ready for one, on a break, or set aside after a missed one. */

import { formatDuration } from "@callside/phone-core";
import { useDesk } from "../desk";
import { Actions, Button } from "../parts/button";
import { Day } from "../parts/day";
import { Picture } from "../parts/scene-parts";
import { limitInWords } from "../words";
import { waitingWords } from "../words-of-leads";

/** Shorter than this, what is left of a break stands out. */
const SHORT_MS = 60_000;

export function Ready() {
  const { view } = useDesk().state.value;
  return view?.campaign ? <Waiting /> : <WaitingForCallers />;
}

function WaitingForCallers() {
  const { view } = useDesk().state.value;
  return (
    <>
      <Picture icon="headset" title="Waiting for the next call">
        <p>{callersWords(view?.waiting ?? 0)}</p>
      </Picture>
      <Below />
    </>
  );
}

/** Callside dials, or brings the next lead: what it is doing, and why nothing comes if nothing does. */
export function Waiting() {
  const campaign = useDesk().state.value.view?.campaign;
  if (!campaign) return <Below />;
  const { title, text } = waitingWords(campaign);
  return (
    <>
      <div aria-live="polite">
        <Picture icon={campaign.halt === null ? "outbound" : "clock"} title={title} lively={campaign.halt === null}>
          <p>{text}</p>
          {campaign.resumesMs !== null && <Resumes inMs={campaign.resumesMs} />}
        </Picture>
      </div>
      <Below />
    </>
  );
}

function Resumes({ inMs }: { inMs: number }) {
  const desk = useDesk();
  const left = Math.max(0, inMs - desk.sinceView.value);
  return (
    <p>
      In{" "}
      <span role="timer" aria-label="Time until it goes on" aria-live="off">
        {formatDuration(left + 999)}
      </span>
    </p>
  );
}

function Below() {
  const { view, line } = useDesk().state.value;
  return (
    <>
      {view !== null && <Day view={view} />}
      {line.step === "up" && (
        <Actions>
          <SoundAction />
        </Actions>
      )}
    </>
  );
}

function callersWords(waiting: number): string {
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
        {view !== null && view.state.reason !== null && view.state.reason.limitMs !== null && (
          <BreakLimit limitMs={view.state.reason.limitMs} elapsedMs={view.state.elapsedMs} />
        )}
      </Picture>
      {view !== null && <Day view={view} />}
      <BackAction words="Back to ready" />
    </>
  );
}

/** What is left of the break; afterwards for how long it has gone on beyond its limit. Said aloud once, when that begins. */
function BreakLimit({ limitMs, elapsedMs }: { limitMs: number; elapsedMs: number }) {
  const left = limitMs - elapsedMs - useDesk().sinceView.value;
  const over = left <= 0;
  const look = over ? "over" : left < SHORT_MS ? "short" : "";
  return (
    <div class={`break-limit ${look}`}>
      <p>
        <span role="timer" aria-label={over ? "Time over the limit" : "Break time left"} aria-live="off">
          {formatDuration(over ? -left : left + 999)}
        </span>{" "}
        {over ? "over the limit" : "left"}
      </p>
      <p class="of" aria-live="polite">
        {over ? `Your break is longer than ${limitInWords(limitMs)}.` : `of ${limitInWords(limitMs)}`}
      </p>
    </div>
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
