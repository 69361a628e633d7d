// Logging out: at once, or with a question when a call is on.

import { post } from "./api.js";
import { h, toast } from "./dom.js";

/**
 * @param {boolean} onCall whether a call is on
 * @returns {Promise<"left" | "waiting" | "stayed">} what became of it
 */
export async function leave(onCall) {
  const wanted = onCall ? await askHow() : "now";
  if (wanted === "stay") return "stayed";
  if (wanted === "force") return endNow();
  return endSession({ wait: wanted === "after", force: false });
}

/** End the session, the call that is on with it. The CRM's own waits until the page has noted the call's end. */
export const endNow = () => endSession({ wait: true, force: true });

async function endSession(how) {
  try {
    const { me } = await post("logout", how);
    return me && !how.force ? "waiting" : "left";
  } catch (error) {
    if (error.status === 401) return "left";
    toast(error.message, true);
    return "stayed";
  }
}

function askHow() {
  return new Promise((resolve) => {
    const choice = (value, words, look) => h(`button${look}`, { type: "submit", value }, words);
    const dialog = h(
      "dialog",
      { onclose: () => (dialog.remove(), resolve(dialog.returnValue || "stay")), "aria-labelledby": "leave-title" },
      h(
        "form",
        { method: "dialog" },
        h("h2", { id: "leave-title" }, "You are on a call"),
        h("p", {}, "You can be logged out as soon as it is over. No further call comes."),
        h("div.choices", {}, choice("after", "Log out after the call", ".primary"), choice("force", "End now", ".danger"), choice("stay", "Stay", "")),
      ),
    );
    document.body.append(dialog);
    dialog.showModal();
  });
}
