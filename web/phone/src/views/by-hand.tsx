/** Ready, and calling at one's own pace: a number by hand, the agent's own list, or the next lead by itself. */

import { useId } from "preact/hooks";
import { type ByHandTab, useDesk } from "../desk";
import { Waiting } from "./away";
import { Dial } from "./dial";
import { MyList } from "./my-list";

const WORDS: Record<ByHandTab, string> = { next: "Next", keys: "Keypad", list: "My list" };

export function ByHand() {
  const desk = useDesk();
  const id = useId();
  const preview = desk.state.value.view?.campaign?.type === "PREVIEW";
  const tabs: readonly ByHandTab[] = preview ? ["next", "list", "keys"] : ["keys", "list"];
  const wanted = desk.tab.value;
  const shown = wanted !== null && tabs.includes(wanted) ? wanted : (tabs[0] as ByHandTab);
  const walk = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = tabs[(tabs.indexOf(shown) + step + tabs.length) % tabs.length] as ByHandTab;
    desk.tab.value = next;
    document.getElementById(`${id}-${next}`)?.focus();
  };
  return (
    <>
      <div class="tabs" role="tablist" aria-label="Ways to call" onKeyDown={walk}>
        {tabs.map((tab) => (
          <button
            key={tab}
            id={`${id}-${tab}`}
            type="button"
            role="tab"
            class="tab"
            aria-selected={tab === shown}
            aria-controls={`${id}-panel`}
            tabIndex={tab === shown ? 0 : -1}
            onClick={() => {
              desk.tab.value = tab;
            }}
          >
            {WORDS[tab]}
          </button>
        ))}
      </div>
      <div class="tab-panel" role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${shown}`} key={shown}>
        {shown === "keys" && <Dial />}
        {shown === "list" && <MyList />}
        {shown === "next" && <Waiting />}
      </div>
    </>
  );
}
