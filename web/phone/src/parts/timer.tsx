/** A duration that runs on from the last view. */

import { formatDuration } from "@callside/phone-core";
import { useDesk } from "../desk";

interface Props {
  /** Milliseconds at the time of the view. */
  from: number;
  label: string;
  class?: string;
}

export function Timer({ from, label, class: name = "timer" }: Props) {
  const desk = useDesk();
  return (
    <span class={name} role="timer" aria-label={label} aria-live="off">
      {formatDuration(from + desk.sinceView.value)}
    </span>
  );
}
