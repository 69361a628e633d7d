/** The microphone: asked for, or why there is none and what helps. */

import type { MicrophoneFault } from "@callside/phone-core";
import { useDesk } from "../desk";
import { Actions, Button } from "../parts/button";
import { Picture } from "../parts/scene-parts";
import { MICROPHONE_ADVICE } from "../words";

export function MicrophoneAsked() {
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
