/** A button that opens a short list of choices: Escape, a click elsewhere or a choice closes it, arrows walk through it. */

import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { Icon, type IconName } from "./icon";

export interface MenuChoice {
  readonly key: string;
  readonly label: string;
  readonly icon?: IconName;
  readonly chosen?: boolean;
  choose(): void;
}

interface Props {
  /** What the button says; read out when `icon` alone is shown. */
  label: string;
  icon: IconName;
  iconOnly?: boolean;
  heading: string;
  choices: readonly MenuChoice[];
  children?: ComponentChildren;
}

export function Menu({ label, icon, iconOnly = false, heading, choices, children }: Props) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const id = useId();
  const close = () => {
    setOpen(false);
    root.current?.querySelector<HTMLElement>("button")?.focus();
  };
  useEffect(() => (open ? listen(root.current, close, () => setOpen(false)) : undefined), [open]);
  return (
    <div class="menu" ref={root}>
      <button
        type="button"
        class={iconOnly ? "button round" : "button small"}
        aria-expanded={open}
        aria-controls={id}
        aria-label={iconOnly ? label : undefined}
        onClick={() => setOpen(!open)}
      >
        <Icon name={icon} />
        {!iconOnly && <span class="label">{label}</span>}
        {!iconOnly && <Icon name="down" />}
      </button>
      <div class="menu-sheet" id={id} hidden={!open}>
        {children}
        <p class="menu-heading">{heading}</p>
        <ul>
          {choices.map((choice) => (
            <li key={choice.key}>
              <button
                type="button"
                class="menu-choice"
                aria-current={choice.chosen || undefined}
                onClick={() => {
                  close();
                  choice.choose();
                }}
              >
                {choice.icon && <Icon name={choice.icon} />}
                <span class="label">{choice.label}</span>
                {choice.chosen && <Icon name="check" />}
              </button>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

/** Keys in the open menu, and what happens outside of it. */
function listen(root: HTMLElement | null, close: () => void, leave: () => void): () => void {
  const stop = new AbortController();
  const options = { signal: stop.signal };
  const elsewhere = (event: Event) => {
    if (root !== null && !root.contains(event.target as Node)) leave();
  };
  document.addEventListener("pointerdown", elsewhere, options);
  document.addEventListener("focusin", elsewhere, options);
  window.addEventListener("blur", leave, options);
  root?.addEventListener(
    "keydown",
    (event) => {
      if (event.key === "Escape") close();
      else if (!walk(root, event.key)) return;
      event.preventDefault();
    },
    options,
  );
  return () => stop.abort();
}

/** Moves the focus among the menu's buttons; false when the key is none of its. */
function walk(root: HTMLElement, key: string): boolean {
  const step = { ArrowDown: 1, ArrowUp: -1 }[key];
  if (step === undefined) return false;
  const buttons = [...root.querySelectorAll<HTMLElement>("button")];
  const at = buttons.indexOf(document.activeElement as HTMLElement);
  buttons[(at + step + buttons.length) % buttons.length]?.focus();
  return true;
}
