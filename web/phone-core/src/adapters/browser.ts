/** The browser's clock and sockets as the core wants them. */

import type { Clock, OpenWire, Wire } from "../ports";

export const browserClock: Clock = {
  now: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};

/** Address of a socket on the page's own origin. */
export function socketUrl(path: string): string {
  const url = new URL(path, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}

export const openBrowserWire: OpenWire = (path, protocols) => {
  const socket = new WebSocket(socketUrl(path), [...protocols]);
  const wire: Wire = {
    onmessage: null,
    onclose: null,
    send: (text) => socket.send(text),
    close: () => socket.close(),
  };
  socket.onmessage = ({ data }) => {
    if (typeof data === "string") wire.onmessage?.(data);
  };
  socket.onclose = ({ code, reason }) => wire.onclose?.(code, reason);
  return wire;
};
