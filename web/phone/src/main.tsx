/** Puts the core, the browser and the views together. */

import { Phone } from "@callside/phone-core";
import {
  BrowserMedia,
  browserClock,
  browserHostWindow,
  browserMicrophones,
  onLeave,
  onReturn,
  openBrowserWire,
  redeemOverHttp,
  stayAwake,
  Tones,
  takeSessionId,
} from "@callside/phone-core/adapters";
import { render } from "preact";
import { App } from "./app";
import { Desk } from "./desk";
import "./styles/index.css";

const media = new BrowserMedia();
const tones = new Tones();
const phone = new Phone({
  clock: browserClock,
  openWire: openBrowserWire,
  redeem: redeemOverHttp,
  media,
  microphones: browserMicrophones,
  hostWindow: browserHostWindow,
});

const sessionId = takeSessionId();
/** Before a queue's call the engine plays its tone; before one that we made nothing does. */
const UNANNOUNCED = ["ready", "reserved", "dialing"];
let before: string | undefined;
phone.state.watch(({ view, phase }) => {
  const now = phase.name === "live" ? view?.state.name : undefined;
  tones.ring(now === "ringing");
  const outbound = view?.call?.direction === "outbound";
  if (outbound && now === "talking" && before !== undefined && UNANNOUNCED.includes(before)) tones.connected();
  before = now;
});
for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, () => tones.wake(), { passive: true });
onReturn(() => phone.hurry());
onLeave(() => void phone.notes.flush());
stayAwake();
if (sessionId !== null) media.prepare();
phone.start(sessionId);

const place = document.getElementById("phone");
if (place !== null) render(<App desk={new Desk(phone, tones)} />, place);
