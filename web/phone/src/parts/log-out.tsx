/** The question before logging out. */

import { useEffect, useId, useRef } from "preact/hooks";
import { Button } from "./button";

interface Props {
  onCall: boolean;
  wrappingUp: boolean;
  answer: (yes: boolean) => void;
}

export function LogOutQuestion({ onCall, wrappingUp, answer }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const shown = dialog.current;
    if (shown && !shown.open) shown.showModal();
    return () => shown?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      class="question"
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        answer(false);
      }}
    >
      <h2 id={id}>{onCall ? "Log out after this call?" : "Log out?"}</h2>
      <p>{consequence(onCall, wrappingUp)}</p>
      <div class="actions">
        <Button look="quiet" act={() => answer(false)}>
          Stay
        </Button>
        <Button look="primary" act={() => answer(true)}>
          {onCall ? "Log out after call" : "Log out"}
        </Button>
      </div>
    </dialog>
  );
}

function consequence(onCall: boolean, wrappingUp: boolean): string {
  if (onCall) return "Your call goes on as it is. You are logged out as soon as it has ended.";
  if (wrappingUp) return "Your notes and the outcome you chose are kept. You get no more calls.";
  return "You get no more calls until you log in again in your CRM.";
}
