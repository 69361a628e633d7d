/** The microphone: asked for, or why there is none and what helps. */

import type { MicrophoneFault } from "@callside/phone-core";
import { useEffect, useState } from "preact/hooks";
import { useDesk } from "../desk";
import { Actions, Button } from "../parts/button";
import { Picture } from "../parts/scene-parts";
import { MICROPHONE_ADVICE } from "../words";
import { Connecting } from "./starting";

/** A browser that has its answer already gives it at once: no question is shown for that moment. */
const QUESTION_MS = 400;

export function MicrophoneAsked() {
  const [isOpen, setIsOpen] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsOpen(true), QUESTION_MS);
    return () => clearTimeout(timer);
  }, []);
  if (!isOpen) return <Connecting />;
  return (
    <Picture icon="microphone" title="Allow the microphone" lively>
      <p>Your browser asks whether this phone may use your microphone. Choose Allow: without it nobody can hear you.</p>
    </Picture>
  );
}

export function MicrophoneFaultView({ fault }: { fault: MicrophoneFault }) {
  const desk = useDesk();
  const { title, text, steps, code } = MICROPHONE_ADVICE[fault];
  return (
    <>
      <Picture icon="muted" title={title}>
        <p>{text}</p>
        {steps.length === 1 ? (
          <p>{steps[0]}</p>
        ) : (
          <ol class="advice">
            {steps.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ol>
        )}
        {code && <code class="code">{code}</code>}
      </Picture>
      <Actions>
        <Button look="primary" icon="again" act={() => desk.phone.retryLine()} first>
          Try again
        </Button>
      </Actions>
    </>
  );
}
