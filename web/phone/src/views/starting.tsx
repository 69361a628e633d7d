/** On the way to a line, and back to one. */

import type { LineStatus, View } from "@callside/phone-core";
import { useDesk } from "../desk";
import { Actions, Button } from "../parts/button";
import { Icon } from "../parts/icon";
import { Picture } from "../parts/scene-parts";

export function Starting({ reaching }: { reaching: boolean }) {
  return (
    <Picture icon="headset" title={reaching ? "Trying to reach the server…" : "Starting your phone…"} lively>
      {reaching && <p>Check your network. This page goes on trying by itself.</p>}
    </Picture>
  );
}

export function Connecting() {
  const { view, line } = useDesk().state.value;
  if (view?.engine === "down") return <EngineDown />;
  if (view?.line.device === "extension") return <DeskPhone view={view} />;
  return (
    <Picture icon="headset" title="Setting up your line…" lively>
      <ol class="steps">
        <Step done={line.microphone === "open"}>Microphone</Step>
        <Step done={line.step === "calling" || line.step === "up"}>Sign in to the phone system</Step>
        <Step done={line.step === "up"}>Line</Step>
      </ol>
      <Again line={line} />
    </Picture>
  );
}

export function Lost() {
  const { view, line, link } = useDesk().state.value;
  if (view?.engine === "down") return <EngineDown />;
  if (view?.line.device === "extension") return <DeskPhone view={view} />;
  return (
    <Picture icon="offline" title="Your line dropped">
      <p>You get no calls until it is back. {link === "open" ? "It is being set up again." : "Check your network."}</p>
      <Again line={line} />
    </Picture>
  );
}

function EngineDown() {
  return (
    <Picture icon="alert" title="The phone system is down">
      <p>Calls cannot come in just now. There is nothing you need to do: this phone comes back by itself.</p>
    </Picture>
  );
}

function DeskPhone({ view }: { view: View }) {
  const desk = useDesk();
  if (view.line.state === "down") {
    return (
      <>
        <Picture icon="answer" title={`Your desk phone ${view.line.extension ?? ""} is not connected`}>
          <p>You get no calls until it is. Call it from here, pick it up and leave it off the hook.</p>
          <p>If it does not ring, check that it is plugged in and signed in.</p>
        </Picture>
        <Actions>
          <Button look="primary" icon="answer" act={() => desk.shown(desk.phone.retryLine())} first>
            Call my desk phone
          </Button>
        </Actions>
      </>
    );
  }
  return (
    <Picture icon="answer" title={`Pick up your desk phone ${view.line.extension ?? ""}`} lively>
      <p>It rings now. Leave it off the hook while you work: your calls come in on it.</p>
    </Picture>
  );
}

function Step({ done, children }: { done: boolean; children: string }) {
  return (
    <li class={done ? "step done" : "step"}>
      <Icon name={done ? "check" : "clock"} />
      {children}
      <span class="hidden">{done ? ": done" : ": waiting"}</span>
    </li>
  );
}

function Again({ line }: { line: LineStatus }) {
  const desk = useDesk();
  if (line.failures < 2) return null;
  return (
    <>
      <p>It did not work {line.failures} times so far. Your network may block calls.</p>
      <Actions>
        <Button look="primary" icon="again" act={() => desk.phone.retryLine()} first>
          Try now
        </Button>
      </Actions>
    </>
  );
}
