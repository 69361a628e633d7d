/** A callback: when the customer wants to be called again, on the agent's own clock, and by whom. */

import type { CallbackWish } from "@callside/phone-core";
import { useId } from "preact/hooks";
import { fromLocalInput, ownZone, toLocalInput, zoneDayTime } from "../words-of-leads";
import { Panel } from "./lead";

const DAY_MS = 86_400_000;
const QUARTER_MS = 900_000;

/** Tomorrow at about this time. */
export function usualWish(now: number): CallbackWish {
  return { callbackAt: Math.ceil(now / QUARTER_MS) * QUARTER_MS + DAY_MS, callbackMine: true };
}

interface Props {
  wish: CallbackWish | null;
  /** The zone the customer goes by; empty where that is not sure. */
  zone: string;
  change: (wish: CallbackWish | null) => void;
}

export function Callback({ wish, zone, change }: Props) {
  const id = useId();
  return (
    <Panel title="Callback" open={wish !== null} toggled={(open) => change(open ? usualWish(Date.now()) : null)} plain>
      {wish !== null && (
        <div class="callback">
          <div class="field">
            <label for={id}>Your time ({ownZone()})</label>
            <input
              id={id}
              type="datetime-local"
              required
              min={toLocalInput(Date.now())}
              value={toLocalInput(wish.callbackAt)}
              aria-describedby={zone === "" ? undefined : `${id}-there`}
              onChange={({ currentTarget }) => {
                const callbackAt = fromLocalInput(currentTarget.value);
                if (callbackAt !== null) change({ ...wish, callbackAt });
              }}
            />
            {zone !== "" && (
              <p class="hint" id={`${id}-there`}>
                For the customer: {zoneDayTime(zone, wish.callbackAt)} ({zone})
              </p>
            )}
          </div>
          <fieldset class="who-calls">
            <legend class="hidden">Who calls back?</legend>
            {[true, false].map((mine) => (
              <label class="outcome" key={String(mine)}>
                <input
                  type="radio"
                  name={`${id}-who`}
                  checked={wish.callbackMine === mine}
                  onChange={() => change({ ...wish, callbackMine: mine })}
                />
                <span>{mine ? "I call back" : "Anybody"}</span>
              </label>
            ))}
          </fieldset>
        </div>
      )}
    </Panel>
  );
}
