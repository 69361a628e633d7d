/** Who is logged in, for what, in which state and for how long, and whether the line is well. */

import type { View } from "@callside/phone-core";
import { useState } from "preact/hooks";
import { useDesk } from "../desk";
import { LOGIN_WORDS, limitInWords, stateInWords } from "../words";
import { LineHealth } from "./line-health";
import { LogOutQuestion } from "./log-out";
import { Menu } from "./menu";
import { Timer } from "./timer";

export function Header({ view }: { view: View }) {
  return (
    <header class="head">
      <div class="who">
        <p class="avatar" aria-hidden="true">
          {initials(view.agent.name)}
        </p>
        <div class="who-text">
          <p class="agent">{view.agent.name || view.agent.username}</p>
          <p class="work" title={workOf(view)}>
            <LineHealth /> <span>{workOf(view)}</span>
          </p>
        </div>
        <AgentMenu view={view} />
      </div>
      <div class="state">
        <p class="pill" role="status">
          {stateInWords(view)}
        </p>
        <Timer from={view.state.elapsedMs} label="Time in this state" />
        <BreakMenu view={view} />
      </div>
    </header>
  );
}

/** While a call is coming in there is one thing to decide; without a line there is nothing to take a break from. */
const NO_BREAK: ReadonlySet<string> = new Set(["ringing", "reserved", "lost", "closed"]);

const AT_ONCE: ReadonlySet<string> = new Set(["ready", "preview", "not_responding", "break", "connecting"]);

function BreakMenu({ view }: { view: View }) {
  const desk = useDesk();
  const { name, reason } = view.state;
  if (view.breaks.length === 0 || view.pending.logout || NO_BREAK.has(name)) return null;
  const now = AT_ONCE.has(name);
  const chosen = name === "break" ? reason?.code : view.pending.break?.code;
  return (
    <Menu
      label="Break"
      icon="cup"
      heading={now ? "Take a break now" : "Break after this call"}
      choices={view.breaks.map(({ code, label, limitMs }) => ({
        key: code,
        label: limitMs === null ? label : `${label}, up to ${limitInWords(limitMs)}`,
        chosen: code === chosen,
        choose: () => void desk.do("state.break", { reason: code }),
      }))}
    />
  );
}

function AgentMenu({ view }: { view: View }) {
  const desk = useDesk();
  const [asking, setAsking] = useState(false);
  const onCall = ["reserved", "dialing", "talking", "held"].includes(view.state.name);
  return (
    <>
      <Menu
        label="More"
        icon="more"
        iconOnly
        heading={`Logged in as ${view.agent.username}`}
        choices={[{ key: "out", label: "Log out", icon: "logOut", choose: () => setAsking(true) }]}
      />
      {asking && (
        <LogOutQuestion
          onCall={onCall}
          wrappingUp={view.state.name === "wrap_up"}
          answer={(yes) => {
            setAsking(false);
            if (yes) void desk.do("session.end", {});
          }}
        />
      )}
    </>
  );
}

/** Where nothing else tells how many callers wait. While one is offered, that is the one to think of. */
const COUNTS_CALLERS: ReadonlySet<string> = new Set([
  "talking",
  "held",
  "wrap_up",
  "dialing",
  "preview",
  "not_responding",
]);

function workOf(view: View): string {
  const names = view.assignment.map(({ name }) => name).join(", ");
  const counted = view.waiting > 0 && COUNTS_CALLERS.has(view.state.name);
  const what = counted ? `${view.waiting} waiting` : LOGIN_WORDS[view.loginType];
  return names === "" ? what : `${what} · ${names}`;
}

function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const letters = [words[0], words.length > 1 ? words.at(-1) : ""].map((word) => [...(word ?? "")][0] ?? "");
  return letters.join("").toUpperCase();
}
