/** The browser behind the core's ports. */

export { browserClock, openBrowserWire, redeemOverHttp, takeSessionId } from "./browser";
export { browserHostWindow } from "./host-window";
export { BrowserMedia } from "./media";
export { browserMicrophones } from "./microphone";
export { onReturn, stayAwake } from "./page-life";
export { Tones } from "./tones";
