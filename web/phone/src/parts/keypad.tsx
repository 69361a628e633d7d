/** Twelve keys. Held down, 0 is +, as on every phone. */

import { useRef } from "preact/hooks";
import { useDesk } from "../desk";

const KEYS: readonly (readonly [string, string])[] = [
  ["1", ""],
  ["2", "ABC"],
  ["3", "DEF"],
  ["4", "GHI"],
  ["5", "JKL"],
  ["6", "MNO"],
  ["7", "PQRS"],
  ["8", "TUV"],
  ["9", "WXYZ"],
  ["*", ""],
  ["0", "+"],
  ["#", ""],
];
const LONG_PRESS_MS = 500;
const NAMES: Record<string, string> = { "*": "Star", "#": "Hash" };

interface Props {
  press: (digit: string) => void;
  /** Whether holding 0 gives +. */
  plus?: boolean;
}

export function Keypad({ press, plus = false }: Props) {
  const desk = useDesk();
  const held = useRef<{ timer: ReturnType<typeof setTimeout> | undefined; long: boolean }>({
    timer: undefined,
    long: false,
  });
  const down = (digit: string) => {
    held.current.long = false;
    if (digit !== "0" || !plus) return;
    held.current.timer = setTimeout(() => {
      held.current.long = true;
      press("+");
    }, LONG_PRESS_MS);
  };
  const clicked = (digit: string) => {
    clearTimeout(held.current.timer);
    if (held.current.long) {
      held.current.long = false;
      return;
    }
    desk.sounds.key(digit);
    press(digit);
  };
  return (
    <fieldset class="keypad">
      <legend class="hidden">Keys</legend>
      {KEYS.map(([digit, letters]) => (
        <button
          key={digit}
          type="button"
          class="key"
          aria-label={NAMES[digit]}
          onPointerDown={() => down(digit)}
          onPointerLeave={() => clearTimeout(held.current.timer)}
          onClick={() => clicked(digit)}
        >
          <span>{digit}</span>
          {(letters !== "+" || plus) && <small aria-hidden="true">{letters}</small>}
        </button>
      ))}
    </fieldset>
  );
}
