/** Notes of the call: saved while they are written. */

import { useId } from "preact/hooks";
import { useDesk } from "../desk";

const LONGEST = 4000;
const WORDS = { yes: "Saved", not_yet: "Saving…", failed: "Not saved yet" } as const;

export function Notes() {
  const desk = useDesk();
  const { text, saved } = desk.notes.value;
  const id = useId();
  return (
    <div class="field notes">
      <div class="field-head">
        <label for={id}>Notes</label>
        <span class={saved === "failed" ? "field-state bad" : "field-state"}>{text === "" ? "" : WORDS[saved]}</span>
      </div>
      <textarea
        id={id}
        rows={3}
        maxLength={LONGEST}
        value={text}
        placeholder="What should the next person know?"
        onInput={({ currentTarget }) => desk.phone.notes.write(currentTarget.value)}
        onBlur={() => void desk.phone.notes.flush()}
      />
    </div>
  );
}
