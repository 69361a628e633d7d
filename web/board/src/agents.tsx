/** Everybody who is logged in, their state and for how long. */

import type { AgentRow, QueueRow } from "./floor";
import { clock, type Look, lookOf, overLimit, rankOf, STATE_WORDS } from "./words";

interface AgentsProps {
  agents: readonly AgentRow[];
  queues: ReadonlyMap<string, QueueRow>;
  server: number;
}

export function Agents({ agents, queues, server }: AgentsProps) {
  const sorted = [...agents].sort(
    (a, b) =>
      rankOf(lookNow(a, server)) - rankOf(lookNow(b, server)) ||
      a.name.localeCompare(b.name) ||
      a.id.localeCompare(b.id),
  );
  return (
    <section aria-labelledby="agents">
      <h2 id="agents">Agents</h2>
      {sorted.length === 0 && <p class="empty">Nobody is logged in.</p>}
      <ul class="tiles">
        {sorted.map((agent) => (
          <li key={agent.id} class="tile" data-look={lookNow(agent, server)}>
            <p class="name">{agent.name || agent.username}</p>
            <p class="of">{agent.queue_ids.map((id) => queues.get(id)?.name ?? "").join(", ") || "Outbound"}</p>
            <p class="state">{wordsOf(agent, server)}</p>
            <p class="time">{clock(server - agent.since)}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** A break beyond its limit is to be looked at. */
function lookNow(agent: AgentRow, server: number): Look {
  return overLimit(agent, server) ? "alert" : lookOf(agent.state);
}

function wordsOf(agent: AgentRow, server: number): string {
  const { state, reason } = agent;
  const words = STATE_WORDS[state] ?? state;
  const why = state === "break" && reason !== "" ? `${words}: ${reason}` : words;
  return overLimit(agent, server) ? `${why}, over its limit` : why;
}
