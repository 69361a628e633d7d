/** The page that embeds us. */

import type { HostWindow } from "../ports";

export const browserHostWindow: HostWindow = {
  get knownOrigin() {
    return location.ancestorOrigins?.[0] ?? null;
  },
  post(message, origin) {
    if (window.parent !== window) window.parent.postMessage(message, origin);
  },
  listen(callback) {
    const heard = (event: MessageEvent<unknown>) => {
      if (event.source === window.parent && window.parent !== window) callback(event.data, event.origin);
    };
    window.addEventListener("message", heard);
    return () => window.removeEventListener("message", heard);
  },
};
