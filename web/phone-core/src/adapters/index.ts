/** The browser behind the core's ports. */

export { browserClock, openBrowserWire } from "./browser";
export { browserHostWindow } from "./host-window";
export { BrowserMedia } from "./media";
export { browserMicrophones } from "./microphone";
export { onLeave, onReturn, stayAwake } from "./page-life";
export { redeemOverHttp, takeSessionId } from "./ticket";
export { Tones } from "./tones";
