/** One-line messages between header and situation: trouble first, then what waits for the call's end. */

import { microphoneFault, type PhoneState, type View } from "@callside/phone-core";
import type { ComponentChildren } from "preact";
import { useDesk } from "../desk";
import { Button } from "./button";
import { Icon, type IconName } from "./icon";

const WITH_CALL: ReadonlySet<string> = new Set(["ringing", "reserved", "dialing", "talking", "held"]);

export function Strips() {
  const desk = useDesk();
  const state = desk.state.value;
  const { view } = state;
  const notice = desk.notice.value;
  return (
    <div class="strips">
      <div aria-live="polite">
        {view !== null && <Trouble state={state} view={view} />}
        {view?.pending.logout && (
          <Strip kind="info" icon="logOut">
            You are logged out after this call
          </Strip>
        )}
        {view?.pending.break && !view.pending.logout && <PendingBreak label={view.pending.break.label} />}
      </div>
      <div role="alert">
        {notice !== "" && (
          <Strip kind="bad" icon="alert" action={<Close close={() => desk.say("")} />}>
            {notice}
          </Strip>
        )}
      </div>
    </div>
  );
}

function PendingBreak({ label }: { label: string }) {
  const desk = useDesk();
  const cancel = () => desk.do("state.cancelBreak", {});
  return (
    <Strip
      kind="info"
      icon="cup"
      action={
        <Button look="plain" act={cancel}>
          Cancel<span class="hidden"> break</span>
        </Button>
      }
    >
      Break after this call: {label}
    </Strip>
  );
}

/** The worst of what is wrong, where the situation itself does not say it. */
function Trouble({ state, view }: { state: PhoneState; view: View }) {
  const onCall = WITH_CALL.has(view.state.name);
  if (state.link !== "open") {
    return (
      <Strip kind="bad" icon="offline">
        {onCall ? "Reconnecting… Your call goes on." : "Reconnecting…"}
      </Strip>
    );
  }
  const busy = onCall || view.state.name === "wrap_up";
  if (view.engine === "down" && busy) {
    return (
      <Strip kind="bad" icon="alert">
        The phone system is down. {onCall ? "Your call may go on." : "It comes back by itself."}
      </Strip>
    );
  }
  return busy ? <LineTrouble state={state} view={view} onCall={onCall} /> : null;
}

interface LineTroubleProps {
  state: PhoneState;
  view: View;
  onCall: boolean;
}

function LineTrouble({ state: { line }, view, onCall }: LineTroubleProps) {
  if (view.line.device === "extension") return view.line.state === "down" ? <DeskPhoneGone /> : null;
  if (microphoneFault(line) !== null) {
    return (
      <Strip kind="bad" icon="muted" action={<LineAgain>Try again</LineAgain>}>
        {onCall ? "Nobody hears you: no microphone." : "Your microphone is gone."}
      </Strip>
    );
  }
  if (view.line.state !== "down" && line.step === "up") return null;
  return (
    <Strip kind="bad" icon="again" action={line.failures > 1 && <LineAgain>Try again</LineAgain>}>
      {onCall ? "Your sound dropped. Bringing it back…" : "Your line dropped. Bringing it back…"}
    </Strip>
  );
}

function DeskPhoneGone() {
  return (
    <Strip kind="bad" icon="again" action={<LineAgain>Call it again</LineAgain>}>
      Your desk phone is not connected.
    </Strip>
  );
}

function LineAgain({ children }: { children: string }) {
  const desk = useDesk();
  return (
    <Button look="plain" act={() => desk.shown(desk.phone.retryLine())}>
      {children}
    </Button>
  );
}

function Close({ close }: { close: () => void }) {
  return (
    <Button look="plain" act={close}>
      OK
    </Button>
  );
}

interface StripProps {
  kind: "info" | "bad";
  icon: IconName;
  action?: ComponentChildren;
  children: ComponentChildren;
}

function Strip({ kind, icon, action, children }: StripProps) {
  return (
    <div class={`strip ${kind}`}>
      <Icon name={icon} />
      <p>{children}</p>
      {action}
    </div>
  );
}
