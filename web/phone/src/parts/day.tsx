/** What waits in the agent's queues, and the agent's own day: for when there is no call. */

import { formatDuration, type View } from "@callside/phone-core";
import { Timer } from "./timer";

export function Day({ view }: { view: View }) {
  return (
    <div class="day">
      {view.queues.length > 0 && <QueueLines queues={view.queues} />}
      <dl class="today" aria-label="Your day so far">
        <Fact name="Calls today" value={String(view.today.calls)} />
        <Fact name="Talk time" value={formatDuration(view.today.talkMs)} />
        <Fact name="Average call" value={view.today.calls === 0 ? "–" : formatDuration(view.today.avgHandleMs)} />
      </dl>
    </div>
  );
}

function QueueLines({ queues }: { queues: View["queues"] }) {
  return (
    <ul class="queue-lines" aria-label="Your queues">
      {queues.map((queue) => (
        <li key={queue.id}>
          <Colour of={queue.colour} />
          <span class="queue-name">{queue.name}</span>
          <span>
            {queue.waiting} waiting
            {queue.waiting > 0 && (
              <>
                {" · "}
                <Timer from={queue.longestMs} label={`Longest wait in ${queue.name}`} class="inline-timer" />
              </>
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** A queue's colour; its name always stands beside it. */
export function Colour({ of }: { of: string }) {
  if (of === "") return null;
  return <span class="colour" aria-hidden="true" style={{ backgroundColor: of }} />;
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
