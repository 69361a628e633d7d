/** Manual dialing: a number, by keyboard, paste or keys, and Dial. */

import { useId, useRef, useState } from "preact/hooks";
import { inWords, useDesk } from "../desk";
import { Actions, Button } from "../parts/button";
import { Icon } from "../parts/icon";
import { Keypad } from "../parts/keypad";
import { SoundAction } from "./away";

const LONGEST = 64;

/** A number as it comes from a web page or a spreadsheet, without what is not part of it. */
export function cleanNumber(text: string): string {
  return text
    .replace(/^\s*(tel|callto|sip):/i, "")
    .replace(/[\u00a0\u2000-\u200f\u2028-\u202f\u2066-\u2069\ufeff\t\r\n]+/g, " ")
    .replace(/[\u2010-\u2015\u2212]/g, "-")
    .trim()
    .slice(0, LONGEST);
}

export function Dial() {
  const desk = useDesk();
  const [number, setNumber] = useState("");
  const [error, setError] = useState("");
  const field = useRef<HTMLInputElement>(null);
  const canDial = desk.state.value.view?.canDial ?? false;
  const change = (text: string) => {
    setNumber(text);
    setError("");
  };
  const dial = async () => {
    if (number.trim() === "") {
      if (desk.lastNumber.value !== "") change(desk.lastNumber.value);
      else setError("Type the number you want to call.");
      field.current?.focus();
      return;
    }
    desk.lastNumber.value = number;
    try {
      await desk.phone.ask("call.dial", { number: cleanNumber(number) });
    } catch (refused) {
      setError(inWords(refused));
      field.current?.focus();
    }
  };
  return (
    <form
      class="dial"
      onSubmit={(event) => {
        event.preventDefault();
        if (canDial) void dial();
      }}
    >
      <NumberField number={number} error={error} change={change} field={field} />
      <Keypad plus press={(digit) => change((number + digit).slice(0, LONGEST))} />
      <SoundAction />
      <Actions>
        <Button look="go" icon="answer" class="big" act={dial} disabled={!canDial}>
          {number === "" && desk.lastNumber.value !== "" ? "Last number" : "Dial"}
        </Button>
      </Actions>
    </form>
  );
}

interface FieldProps {
  number: string;
  error: string;
  change: (text: string) => void;
  field: { current: HTMLInputElement | null };
}

function NumberField({ number, error, change, field }: FieldProps) {
  const id = useId();
  const pasted = (event: ClipboardEvent) => {
    const text = event.clipboardData?.getData("text");
    if (!text || field.current === null) return;
    event.preventDefault();
    const { selectionStart, selectionEnd } = field.current;
    const [from, to] = [selectionStart ?? number.length, selectionEnd ?? number.length];
    change((number.slice(0, from) + cleanNumber(text) + number.slice(to)).slice(0, LONGEST));
  };
  return (
    <div class="field number">
      <label for={id}>Number to dial</label>
      <div class="number-box">
        <input
          ref={field}
          id={id}
          type="tel"
          autocomplete="off"
          maxLength={LONGEST}
          value={number}
          aria-invalid={error !== "" || undefined}
          aria-describedby={error === "" ? undefined : `${id}-error`}
          data-first=""
          onInput={({ currentTarget }) => change(currentTarget.value)}
          onPaste={pasted}
        />
        {number !== "" && (
          <button
            type="button"
            class="button round"
            aria-label="Erase last digit"
            onClick={() => change(number.slice(0, -1))}
          >
            <Icon name="erase" />
          </button>
        )}
      </div>
      <p class="field-error" id={`${id}-error`} role="alert">
        {error}
      </p>
    </div>
  );
}
