/** The page: who and how on top, the situation in the middle, what to do at the bottom. */

import { type Situation, situationOf } from "@callside/phone-core";
import { useEffect, useRef } from "preact/hooks";
import { type Desk, DeskContext } from "./desk";
import { Announcer } from "./parts/announcer";
import { Header } from "./parts/header";
import { Strips } from "./parts/strips";
import { Break, NotResponding, Ready } from "./views/away";
import { ByHand } from "./views/by-hand";
import { Dialing, Incoming, Joining } from "./views/calling";
import { Ended, Refused, Superseded } from "./views/ended";
import { InCall } from "./views/in-call";
import { MicrophoneAsked, MicrophoneFaultView } from "./views/microphone";
import { Preview } from "./views/preview";
import { Connecting, Lost, Starting } from "./views/starting";
import { WrapUpView } from "./views/wrap-up";
import { moodOf } from "./words";

export function App({ desk }: { desk: Desk }) {
  const state = desk.state.value;
  const situation = situationOf(state);
  const scene = useRef<HTMLElement>(null);
  const wasWriting = useRef(false);
  useEffect(() => {
    // A new situation is seen from its beginning; whoever was writing stays where they write.
    if (!wasWriting.current) window.scrollTo(0, 0);
    keepFocus(scene.current, wasWriting.current);
  }, [situation.name]);
  return (
    <DeskContext.Provider value={desk}>
      <div class="phone" data-mood={moodOf(state)} data-situation={situation.name}>
        {state.view !== null && <Header view={state.view} />}
        <Strips />
        <main
          class="scene"
          ref={scene}
          tabIndex={-1}
          key={situation.name}
          onFocusIn={({ target }) => {
            wasWriting.current = target instanceof HTMLTextAreaElement || target instanceof HTMLInputElement;
          }}
        >
          <h1 class="hidden">Phone</h1>
          <Scene situation={situation} />
        </main>
        <Announcer situation={situation} />
      </div>
    </DeskContext.Provider>
  );
}

function Scene({ situation }: { situation: Situation }) {
  switch (situation.name) {
    case "starting":
      return <Starting reaching={situation.reaching} />;
    case "refused":
      return <Refused why={situation.why} message={situation.message} />;
    case "superseded":
      return <Superseded />;
    case "ended":
      return <Ended cause={situation.cause} />;
    case "microphone_fault":
      return <MicrophoneFaultView fault={situation.fault} />;
    case "microphone_asked":
      return <MicrophoneAsked />;
    case "connecting":
      return <Connecting />;
    case "lost":
      return <Lost />;
    default:
      return <WorkScene situation={situation} />;
  }
}

function WorkScene({ situation }: { situation: Situation }) {
  switch (situation.name) {
    case "ready":
      return <Ready />;
    case "dial":
      return <ByHand />;
    case "incoming":
      return <Incoming call={situation.call} />;
    case "joining":
      return <Joining call={situation.call} />;
    case "preview":
      return <Preview key={situation.lead.id} lead={situation.lead} />;
    case "dialing":
      return <Dialing call={situation.call} />;
    case "in_call":
      return <InCall call={situation.call} />;
    case "wrap_up":
      return <WrapUpView key={situation.wrapUp.call.id} wrapUp={situation.wrapUp} />;
    case "break":
      return <Break />;
    default:
      return <NotResponding />;
  }
}

/**
 * When what had the focus is gone, the keyboard goes on in the new situation; a focus elsewhere is left alone.
 * Whoever was writing goes on writing, and never lands on a button: the next key would press it.
 */
function keepFocus(scene: HTMLElement | null, wasWriting: boolean): void {
  const lost = document.hasFocus() && (document.activeElement === null || document.activeElement === document.body);
  if (!lost || scene === null) return;
  const next = scene.querySelector<HTMLElement>(wasWriting ? "textarea, input[data-first]" : "[data-first]");
  (next ?? scene).focus({ preventScroll: true });
}
