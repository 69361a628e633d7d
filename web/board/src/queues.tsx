/** One card a queue: who waits, how it goes today, who is there. */

import type { QueueRow } from "./floor";
import { clock, percent } from "./words";

interface QueuesProps {
  queues: readonly QueueRow[];
  /** The server's time. */
  server: number;
}

export function Queues({ queues, server }: QueuesProps) {
  const sorted = [...queues].sort((a, b) => a.name.localeCompare(b.name));
  return (
    <section aria-labelledby="queues">
      <h2 id="queues">Queues</h2>
      {sorted.length === 0 && <p class="empty">This tenant has no queues yet.</p>}
      <ul class="cards">
        {sorted.map((queue) => (
          <QueueCard key={queue.id} queue={queue} server={server} />
        ))}
      </ul>
    </section>
  );
}

function QueueCard({ queue, server }: { queue: QueueRow; server: number }) {
  const waited = queue.oldest === null ? null : server - queue.oldest;
  const late = waited !== null && waited > queue.answer_within_ms;
  const staffed = queue.ready + queue.ringing + queue.talking + queue.wrap_up;
  return (
    <li class="card" data-late={late} style={queue.colour === "" ? {} : { borderTopColor: queue.colour }}>
      <h3>{queue.name}</h3>
      <dl class="big">
        <Fact name="Waiting" value={String(queue.waiting)} />
        <Fact name={late ? "Longest: late" : "Longest"} value={waited === null ? "–" : clock(waited)} />
        <Fact
          name={`${queue.service_level.formula} in ${queue.answer_within_ms / 1000} s`}
          value={percent(queue.service_level.value)}
        />
      </dl>
      <dl class="small">
        <Fact name="Offered" value={String(queue.offered)} />
        <Fact name="Answered" value={String(queue.answered)} />
        <Fact name="Abandoned" value={String(queue.abandoned)} />
        {rare(queue).map(([name, count]) => (
          <Fact key={name} name={name} value={String(count)} />
        ))}
      </dl>
      <dl class="small people">
        <Fact name="Ready" value={String(queue.ready)} />
        <Fact name="Busy" value={String(queue.talking + queue.ringing)} />
        <Fact name="Wrap-up" value={String(queue.wrap_up)} />
        <Fact name="Break" value={String(queue.on_break)} />
        {queue.away > 0 && <Fact name="Away" value={String(queue.away)} />}
      </dl>
      {staffed === 0 && <p class="nobody">Nobody takes calls in this queue now.</p>}
    </li>
  );
}

/** What is shown only where there is something to show. */
function rare(queue: QueueRow): [string, number][] {
  const all: [string, number][] = [
    ["Let go", queue.let_go],
    ["System away", queue.unavailable],
    ["Voicemails", queue.voicemails],
    ["To call back", queue.callbacks],
  ];
  return all.filter(([, count]) => count > 0);
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
