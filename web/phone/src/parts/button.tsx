/** A button that asks the server for something, once at a time, and the line of them at the bottom of a situation. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Icon, type IconName } from "./icon";

export type Look = "primary" | "go" | "stop" | "quiet" | "small" | "tile" | "plain";

interface Props {
  look: Look;
  children: ComponentChildren;
  icon?: IconName;
  /** Runs on a click; the button waits until it is done. */
  act?: () => unknown;
  pressed?: boolean;
  expanded?: boolean;
  disabled?: boolean;
  submit?: boolean;
  /** Gets the focus when its situation begins and the keyboard has lost its place. */
  first?: boolean;
  class?: string;
}

export function Button(props: Props) {
  const { look, icon, act, pressed, expanded, children } = props;
  const [busy, setBusy] = useState(false);
  const alive = useRef(true);
  useEffect(() => {
    alive.current = true;
    return () => {
      alive.current = false;
    };
  }, []);
  const clicked = async () => {
    if (act === undefined || busy) return;
    setBusy(true);
    try {
      await act();
    } finally {
      if (alive.current) setBusy(false);
    }
  };
  return (
    <button
      type={props.submit ? "submit" : "button"}
      class={["button", look, props.class].filter(Boolean).join(" ")}
      onClick={clicked}
      disabled={props.disabled}
      aria-busy={busy || undefined}
      aria-pressed={pressed}
      aria-expanded={expanded}
      data-first={props.first ? "" : undefined}
    >
      {icon && <Icon name={icon} />}
      <span class="label">{children}</span>
    </button>
  );
}

/** What can be done now; the one thing to do comes last and is the widest. */
export function Actions({ children }: { children: ComponentChildren }) {
  return <div class="actions">{children}</div>;
}
