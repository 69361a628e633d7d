/** The phone's state and protocol, free of any view framework. */

export { formatDuration } from "./duration";
export type { HostEvent } from "./events";
export { diffViews, readyEvent } from "./events";
export { type LineStatus, type MicrophoneStatus, microphoneFault } from "./line";
export type { NotesState } from "./notes";
export type { CallbackWish, Phase, PhoneState, Refusal, World } from "./phone";
export { Phone } from "./phone";
export type * from "./ports";
export { MicrophoneError } from "./ports";
export type * from "./protocol";
export { type Situation, situationOf } from "./situation";
export { type LinkState, VerbError } from "./socket";
export { Cell, type Readable, type Stop } from "./store";
