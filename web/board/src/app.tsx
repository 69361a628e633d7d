/** The board: queues on top, agents below; before that, a token. Nothing here can be changed. */

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Agents } from "./agents";
import type { Feed } from "./feed";
import type { Floor } from "./floor";
import { Queues } from "./queues";
import { TokenForm } from "./token";
import { FORMULA_WORDS } from "./words";

const now = signal(Date.now());

export function App({ feed }: { feed: Feed }) {
  useEffect(() => {
    const timer = setInterval(() => {
      now.value = Date.now();
    }, 1000);
    return () => clearInterval(timer);
  }, []);
  const phase = feed.phase.value;
  const floor = feed.floor.value;
  if (phase.name === "token") return <TokenForm rejected={phase.rejected} use={(token) => feed.use(token)} />;
  if (floor === null) {
    return (
      <main class="still">
        <h1>Live board</h1>
        <p role="status">
          {phase.name === "lost" ? "The server cannot be reached. Trying again…" : "Connecting to the live floor…"}
        </p>
        <button type="button" class="quiet" onClick={() => feed.leave()}>
          Use another token
        </button>
      </main>
    );
  }
  return <Board feed={feed} floor={floor} />;
}

function Board({ feed, floor }: { feed: Feed; floor: Floor }) {
  const phase = feed.phase.value;
  const lost = phase.name === "lost";
  const server = (lost ? phase.since : now.value) + feed.ahead.value;
  return (
    <div class="board" data-lost={lost}>
      <header class="top">
        <h1>{floor.tenant}</h1>
        <p class="link" role="status">
          {lost ? `Connection lost. Shown as of ${timeOf(phase.since)}, trying again…` : "Live"}
        </p>
        <button type="button" class="quiet" onClick={() => feed.leave()}>
          Forget token
        </button>
      </header>
      <main>
        <Queues queues={[...floor.queues.values()]} server={server} />
        <Agents agents={[...floor.agents.values()]} queues={floor.queues} server={server} />
      </main>
      <footer>{FORMULA_WORDS}</footer>
    </div>
  );
}

function timeOf(at: number): string {
  return new Date(at).toLocaleTimeString();
}
