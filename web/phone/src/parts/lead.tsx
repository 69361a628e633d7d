/** The customer of a campaign's list: who, what is known of them, which number. Every word is somebody else's: text only. */

import type { Lead, LeadNumber } from "@callside/phone-core";
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { useDesk } from "../desk";
import { callbackWords, outcomeWords, zoneTime } from "../words-of-leads";
import { Icon } from "./icon";

/** What came of earlier calls, a callback, and what time it is where the customer is: one line each, where there is any. */
export function LeadTags({ lead }: { lead: Lead }) {
  useDesk().sinceView.value; // the customer's clock goes on
  const time = zoneTime(lead.zone, Date.now());
  return (
    <ul class="lead-tags" aria-label="About this customer">
      {lead.callback && (
        <li class="lead-tag marked">
          <Icon name="again" />
          {callbackWords(lead.callback)}
        </li>
      )}
      <li class="lead-tag">{triedWords(lead)}</li>
      {time && (
        <li class="lead-tag">
          <Icon name="clock" />
          {time} there
        </li>
      )}
    </ul>
  );
}

function triedWords({ attempts, lastOutcome }: Pick<Lead, "attempts" | "lastOutcome">): string {
  if (attempts === 0) return "Not called yet";
  const times = attempts === 1 ? "Called once" : `Called ${attempts} times`;
  return lastOutcome === null ? times : `${times}, last: ${outcomeWords(lastOutcome)}`;
}

/** What the import brought. */
export function LeadFields({ lead }: { lead: Lead }) {
  if (lead.fields.length === 0) return null;
  return (
    <dl class="lead-fields">
      {lead.fields.map(({ name, value }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** What was written down in earlier calls. */
export function LeadNotes({ lead }: { lead: Lead }) {
  if (lead.notes === "") return null;
  return (
    <div class="lead-notes">
      <h3>Notes so far</h3>
      <p>{lead.notes}</p>
    </div>
  );
}

interface NumbersProps {
  lead: Lead;
  chosen: number;
  choose: (index: number) => void;
}

/** Which of their numbers is called; with one there is nothing to choose. */
export function LeadNumbers({ lead, chosen, choose }: NumbersProps) {
  const name = useId();
  if (lead.numbers.length === 1) {
    return (
      <p class="lead-number">
        <NumberWords number={lead.numbers[0] as LeadNumber} />
      </p>
    );
  }
  return (
    <fieldset class="lead-numbers">
      <legend class="hidden">Number to call</legend>
      {lead.numbers.map((number, index) => (
        <label class="outcome" key={number.number}>
          <input
            type="radio"
            name={name}
            value={index}
            checked={index === chosen}
            disabled={number.blocked}
            onChange={() => choose(index)}
          />
          <span>
            <NumberWords number={number} />
          </span>
        </label>
      ))}
    </fieldset>
  );
}

function NumberWords({ number }: { number: LeadNumber }) {
  return (
    <>
      <strong>{number.display}</strong>
      <small>{numberHint(number)}</small>
    </>
  );
}

/** `mobile · called once, last: busy` */
export function numberHint(number: LeadNumber): string {
  const tried = number.attempts === 0 ? "" : triedWords(number).toLowerCase();
  return [number.label, number.blocked ? "must not be called" : tried].filter(Boolean).join(" · ");
}

interface PanelProps {
  title: string;
  open: boolean;
  toggled: (open: boolean) => void;
  /** What is in it is short: nothing to scroll. */
  plain?: boolean;
  children: ComponentChildren;
}

/** A part that can be folded away, and that scrolls by itself: the call's buttons stay where they are. */
export function Panel({ title, open, toggled, plain = false, children }: PanelProps) {
  const id = useId();
  return (
    <div class="panel">
      <h3>
        <button type="button" class="panel-head" aria-expanded={open} aria-controls={id} onClick={() => toggled(!open)}>
          {title}
          <Icon name="down" />
        </button>
      </h3>
      <section
        class={plain ? "panel-body plain" : "panel-body"}
        id={id}
        hidden={!open}
        // A long text is scrolled with the keyboard.
        tabIndex={plain ? undefined : 0}
        aria-label={title}
      >
        {children}
      </section>
    </div>
  );
}

/** The customer's record beside a call. */
export function LeadPanel({ lead, withNotes = false }: { lead: Lead; withNotes?: boolean }) {
  const desk = useDesk();
  return (
    <Panel
      title="Customer"
      open={desk.recordOpen.value}
      toggled={(open) => {
        desk.recordOpen.value = open;
      }}
    >
      <LeadTags lead={lead} />
      <LeadFields lead={lead} />
      {withNotes && <LeadNotes lead={lead} />}
    </Panel>
  );
}
