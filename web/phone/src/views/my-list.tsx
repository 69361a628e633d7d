/** The agent's own list: callbacks by their date, then who is next in the campaign. A click opens the customer. */

import type { LeadRow } from "@callside/phone-core";
import { useEffect, useState } from "preact/hooks";
import { inWords, useDesk } from "../desk";
import { Actions, Button } from "../parts/button";
import { Icon } from "../parts/icon";
import { callbackWords, dueWords, waitingWords } from "../words-of-leads";

interface Listed {
  readonly rows: readonly LeadRow[] | null;
  readonly error: string;
}

export function MyList() {
  const desk = useDesk();
  const [{ rows, error }, setListed] = useState<Listed>({ rows: null, error: "" });
  const load = async () => {
    try {
      setListed({ rows: (await desk.phone.ask("leads.list", {})).leads, error: "" });
    } catch (refused) {
      setListed({ rows: null, error: inWords(refused) });
    }
  };
  useEffect(() => void load(), []);
  const open = async (lead: string) => {
    if (!(await desk.do("lead.show", { lead }))) await load();
  };
  return (
    <div class="my-list">
      <Halted />
      {error !== "" && <p class="empty">{error}</p>}
      {error === "" && rows === null && <p class="empty">Fetching your list…</p>}
      {rows?.length === 0 && <p class="empty">Nobody is on your list just now.</p>}
      {rows !== null && rows.length > 0 && <Groups rows={rows} open={open} />}
      <Actions>
        <Button look="quiet" icon="again" act={load}>
          Refresh
        </Button>
        <Button look="primary" class="big" act={() => desk.do("lead.next", {})}>
          Next customer
        </Button>
      </Actions>
    </div>
  );
}

/** Why nobody new comes, where the list alone would not say it. */
function Halted() {
  const campaign = useDesk().state.value.view?.campaign;
  if (!campaign || campaign.halt === null || campaign.halt === "no_leads") return null;
  return <p class="halted">{waitingWords(campaign).title}: nobody new comes. You can call whoever is listed.</p>;
}

function Groups({ rows, open }: { rows: readonly LeadRow[]; open: (lead: string) => unknown }) {
  const groups = [
    { title: "Callbacks", rows: rows.filter(({ callback }) => callback !== null) },
    { title: "Next in the campaign", rows: rows.filter(({ callback }) => callback === null) },
  ];
  return (
    <>
      {groups.map(
        (group) =>
          group.rows.length > 0 && (
            <section key={group.title}>
              <h2 class="list-title">{group.title}</h2>
              <ul class="lead-list">
                {group.rows.map((row) => (
                  <li key={row.id}>
                    <Row row={row} open={() => open(row.id)} />
                  </li>
                ))}
              </ul>
            </section>
          ),
      )}
    </>
  );
}

function Row({ row, open }: { row: LeadRow; open: () => unknown }) {
  const now = Date.now();
  const late = row.callback !== null && row.dueAt <= now;
  const due = row.callback !== null && row.dueAt > 0 ? dueWords(row.dueAt, now) : "";
  const whose = row.callback === null || row.callback.mine ? "" : callbackWords(row.callback);
  return (
    <button type="button" class="lead-row" onClick={open}>
      <span class="lead-row-who">
        <strong>{row.name || row.display}</strong>
        <small>{[row.name && row.display, row.label, whose].filter(Boolean).join(" · ")}</small>
        {row.notes !== "" && <small class="lead-row-notes">{row.notes}</small>}
      </span>
      {due !== "" && (
        <span class={late ? "lead-row-due late" : "lead-row-due"}>
          <Icon name="clock" />
          {due}
        </span>
      )}
    </button>
  );
}
