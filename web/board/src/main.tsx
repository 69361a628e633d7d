/** Puts feed, browser and views together. */

import { render } from "preact";
import { App } from "./app";
import { Feed, type Socket } from "./feed";
import "./styles.css";

function open(token: string): Socket {
  const url = new URL("/v1/live", location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return new WebSocket(url, ["callside.live.v1", `bearer.${token}`]) as Socket;
}

function later(act: () => void, ms: number): () => void {
  const timer = setTimeout(act, ms);
  return () => clearTimeout(timer);
}

const feed = new Feed({ open, later, now: () => Date.now(), kept: sessionStorage });
feed.start();

const place = document.getElementById("board");
if (place !== null) render(<App feed={feed} />, place);
