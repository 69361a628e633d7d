/** The live floor as the feed tells it: a snapshot, then changes. Moments are the server's, in ms since 1970. */

export interface Figure {
  readonly value: number | null;
  readonly formula: string;
}

export interface QueueRow {
  readonly id: string;
  readonly name: string;
  readonly colour: string;
  readonly waiting: number;
  /** When the caller who has waited longest came; null: nobody waits. */
  readonly oldest: number | null;
  readonly ready: number;
  readonly ringing: number;
  readonly talking: number;
  readonly wrap_up: number;
  readonly on_break: number;
  readonly away: number;
  readonly offered: number;
  readonly answered: number;
  readonly abandoned: number;
  readonly let_go: number;
  /** Callers who came and went while Callside was away. */
  readonly unavailable: number;
  /** Customers who are yet to be called back. */
  readonly callbacks: number;
  /** Messages that callers left. */
  readonly voicemails: number;
  readonly answer_within_ms: number;
  readonly service_level: Figure;
}

export interface AgentRow {
  readonly id: string;
  readonly agent_id: string;
  readonly name: string;
  readonly username: string;
  readonly state: string;
  readonly since: number;
  readonly reason: string;
  /** When the break goes on beyond its limit; null: it has none. */
  readonly break_limit_at: number | null;
  readonly queue_ids: readonly string[];
}

export interface Floor {
  readonly seq: number;
  readonly tenant: string;
  readonly queues: ReadonlyMap<string, QueueRow>;
  readonly agents: ReadonlyMap<string, AgentRow>;
}

interface Snapshot {
  readonly type: "snapshot";
  readonly seq: number;
  readonly at: number;
  readonly tenant: string;
  readonly queues: readonly QueueRow[];
  readonly agents: readonly AgentRow[];
}

type Change =
  | { readonly kind: "queues"; readonly id: string; readonly row: QueueRow | null }
  | { readonly kind: "agents"; readonly id: string; readonly row: AgentRow | null }
  | { readonly kind: "calls"; readonly id: string };

interface Delta {
  readonly type: "delta";
  readonly seq: number;
  readonly at: number;
  readonly changes: readonly Change[];
}

export type Frame = Snapshot | Delta | { readonly type: "resync" } | { readonly type: "ping" };

/** A frame, or null when the text is none (a newer server may send kinds we do not know). */
export function readFrame(text: string): Frame | null {
  try {
    const frame: unknown = JSON.parse(text);
    const type = (frame as { type?: unknown } | null)?.type;
    return type === "snapshot" || type === "delta" || type === "resync" || type === "ping" ? (frame as Frame) : null;
  } catch {
    return null;
  }
}

/** The floor after a frame; "gap" when a change is missing and only a new snapshot helps. */
export function after(floor: Floor | null, frame: Snapshot | Delta): Floor | "gap" {
  if (frame.type === "snapshot") {
    return {
      seq: frame.seq,
      tenant: frame.tenant,
      queues: new Map(frame.queues.map((row) => [row.id, row])),
      agents: new Map(frame.agents.map((row) => [row.id, row])),
    };
  }
  if (floor === null || frame.seq !== floor.seq + 1) return "gap";
  const queues = new Map(floor.queues);
  const agents = new Map(floor.agents);
  for (const change of frame.changes) {
    if (change.kind === "queues") put(queues, change.id, change.row);
    else if (change.kind === "agents") put(agents, change.id, change.row);
  }
  return { ...floor, seq: frame.seq, queues, agents };
}

function put<Row>(rows: Map<string, Row>, id: string, row: Row | null): void {
  if (row === null) rows.delete(id);
  else rows.set(id, row);
}
