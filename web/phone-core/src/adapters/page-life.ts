/** The page's own life: kept awake while it is open, quick to come back. */

/** Holds a lock for ever: browsers do not freeze a page that holds one (research: embedded-phones.md §0.3). */
export function stayAwake(): void {
  navigator.locks
    ?.request("callside-phone", { mode: "shared" }, () => new Promise<void>(() => {}))
    .catch(() => {
      // Storage (and with it locks) is refused to embedded pages here; the open line keeps the page awake as well.
    });
}

/** Calls back when the network is back or the page is seen again; a page out of the back/forward cache is loaded anew. */
export function onReturn(callback: () => void): void {
  window.addEventListener("online", callback);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) callback();
  });
  window.addEventListener("pageshow", ({ persisted }) => {
    if (persisted) location.reload();
  });
}

/** Calls back when the page goes (a reload, another page, a closed tab) or is put away: the last moment to say something. */
export function onLeave(callback: () => void): void {
  window.addEventListener("pagehide", callback);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) callback();
  });
}
