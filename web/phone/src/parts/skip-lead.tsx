/** Why a lead is not called now. */

import { useEffect, useId, useRef, useState } from "preact/hooks";
import { Button } from "./button";

const REASONS = ["Not a good time", "Wrong or incomplete record", "Already in contact"] as const;
const LONGEST = 200;

/** Answers with the reason, or with `null`: stay with them. */
export function SkipQuestion({ answer }: { answer: (reason: string | null) => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [reason, setReason] = useState<string>(REASONS[0]);
  const [other, setOther] = useState(false);
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
        answer(null);
      }}
    >
      <h2 id={id}>Skip this customer?</h2>
      <fieldset class="reasons">
        <legend>Why? They come up again later.</legend>
        {REASONS.map((words) => (
          <label class="outcome" key={words}>
            <input
              type="radio"
              name={id}
              checked={!other && reason === words}
              onChange={() => {
                setOther(false);
                setReason(words);
              }}
            />
            <span>{words}</span>
          </label>
        ))}
        <label class="outcome">
          <input
            type="radio"
            name={id}
            checked={other}
            onChange={() => {
              setOther(true);
              setReason("");
            }}
          />
          <span>Something else</span>
        </label>
      </fieldset>
      {other && (
        <div class="field">
          <label for={`${id}-words`}>In your words</label>
          <input
            id={`${id}-words`}
            maxLength={LONGEST}
            value={reason}
            onInput={({ currentTarget }) => setReason(currentTarget.value)}
          />
        </div>
      )}
      <div class="actions">
        <Button look="quiet" act={() => answer(null)}>
          Back
        </Button>
        <Button look="primary" act={() => answer(reason.trim())}>
          Skip
        </Button>
      </div>
    </dialog>
  );
}
