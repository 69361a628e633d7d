/** The line by JsSIP: REGISTER, one incoming INVITE answered at once with the open microphone, BYE. Nothing else of SIP. */

import { UA } from "jssip";
import type { RTCSession } from "jssip/lib/RTCSession";
import type { IncomingRTCSessionEvent, OutgoingRTCSessionEvent } from "jssip/lib/UA";
import type { MediaLine, Microphone } from "../ports";
import type { SipCredentials } from "../protocol";
import type { Loudspeaker } from "./loudspeaker";
import type { BrowserMicrophone } from "./microphone";
import { SipSocket } from "./sip-socket";

/** After the first usable candidate: the engine's address is fixed and reachable, later candidates add nothing (JsSIP#432). */
const CANDIDATES_MS = 250;
const REGISTER_MS = 10_000;
const REGISTER_EXPIRES_S = 300;
/** "disconnected" often heals by itself within seconds; "failed" does not. */
const ICE_PATIENCE_MS = 5_000;

class Turn<T> {
  readonly promise: Promise<T>;
  resolve: (value: T) => void = () => {};
  reject: (error: Error) => void = () => {};

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // A rejection nobody waits for any more is no accident.
    this.promise.catch(() => {});
  }
}

export class JsSipLine implements MediaLine {
  onlost: ((why: string) => void) | null = null;

  readonly #speaker: Loudspeaker;
  readonly #socket: SipSocket;
  readonly #ua: UA;
  readonly #registered = new Turn<void>();
  readonly #answered = new Turn<void>();
  #microphone: BrowserMicrophone;
  #session: RTCSession | null = null;
  #connection: RTCPeerConnection | null = null;
  #stream: MediaStream | null = null;
  #iceTimer: ReturnType<typeof setTimeout> | undefined;
  #registerTimer: ReturnType<typeof setTimeout> | undefined;
  #isUp = false;
  #isOver = false;

  constructor(credentials: SipCredentials, bearer: string, microphone: BrowserMicrophone, speaker: Loudspeaker) {
    this.#microphone = microphone;
    this.#speaker = speaker;
    this.#socket = new SipSocket(credentials.sipPath, bearer);
    this.#socket.ongone = () => this.#lost("the SIP socket closed");
    this.#ua = new UA({
      sockets: [this.#socket],
      uri: `sip:${credentials.endpoint}@${credentials.realm}`,
      authorization_user: credentials.endpoint,
      password: credentials.password,
      realm: credentials.realm,
      register: true,
      register_expires: REGISTER_EXPIRES_S,
      session_timers: false,
      user_agent: "Callside web phone",
    });
    this.#ua.on("registered", () => this.#isRegistered());
    this.#ua.on("registrationFailed", ({ cause }) => this.#lost(`registration failed: ${cause ?? ""}`));
    this.#ua.on("newRTCSession", (event: IncomingRTCSessionEvent | OutgoingRTCSessionEvent) =>
      this.#called(event.session),
    );
    this.#registerTimer = setTimeout(() => this.#lost("registration took too long"), REGISTER_MS);
    this.#ua.start();
  }

  get registered(): Promise<void> {
    return this.#registered.promise;
  }

  get answered(): Promise<void> {
    return this.#answered.promise;
  }

  useMicrophone(microphone: Microphone): void {
    this.#microphone = microphone as BrowserMicrophone;
    const sender = this.#connection?.getSenders().find(({ track }) => track === null || track.kind === "audio");
    void sender?.replaceTrack(this.#microphone.track);
  }

  close(): void {
    this.#isOver = true;
    this.onlost = null;
    clearTimeout(this.#iceTimer);
    clearTimeout(this.#registerTimer);
    this.#registered.reject(new Error("closed"));
    this.#answered.reject(new Error("closed"));
    // The wire first: no BYE and no un-REGISTER, the server knows better than we whether the call goes on.
    this.#socket.ongone = null;
    this.#socket.disconnect();
    this.#ua.stop();
    this.#connection?.close();
    this.#speaker.stop(this.#stream);
  }

  end(): void {
    this.#isOver = true;
    this.onlost = null;
    clearTimeout(this.#iceTimer);
    clearTimeout(this.#registerTimer);
    this.#socket.ongone = null;
    this.#ua.stop();
    this.#speaker.stop(this.#stream);
  }

  #isRegistered(): void {
    clearTimeout(this.#registerTimer);
    this.#registered.resolve();
  }

  #called(session: RTCSession): void {
    if (session.direction !== "incoming" || this.#session !== null) {
      session.terminate({ status_code: 486 });
      return;
    }
    this.#session = session;
    let candidatesAreDue = false;
    session.on("icecandidate", ({ ready }) => {
      if (candidatesAreDue) return;
      candidatesAreDue = true;
      setTimeout(ready, CANDIDATES_MS);
    });
    session.on("peerconnection", ({ peerconnection }) => this.#watch(peerconnection));
    session.on("confirmed", () => this.#confirmed());
    session.on("ended", ({ cause }) => this.#lost(`the call to the phone ended: ${cause}`));
    session.on("failed", ({ cause }) => this.#lost(`the call to the phone failed: ${cause}`));
    session.answer({ mediaStream: this.#microphone.stream, pcConfig: { iceServers: [] } });
  }

  #watch(connection: RTCPeerConnection): void {
    this.#connection = connection;
    connection.addEventListener("track", ({ track, streams }) => {
      this.#stream = streams[0] ?? new MediaStream([track]);
      this.#speaker.play(this.#stream);
    });
    connection.addEventListener("connectionstatechange", () => this.#connectionChanged(connection.connectionState));
  }

  #connectionChanged(state: RTCPeerConnectionState): void {
    clearTimeout(this.#iceTimer);
    if (state === "failed") this.#lost("the audio path failed");
    if (state === "disconnected") {
      this.#iceTimer = setTimeout(() => this.#lost("the audio path was lost"), ICE_PATIENCE_MS);
    }
  }

  #confirmed(): void {
    this.#isUp = true;
    this.#answered.resolve();
  }

  #lost(why: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#registerTimer);
    this.#registered.reject(new Error(why));
    this.#answered.reject(new Error(why));
    // Sound may still flow: it is let go (close) when a new line has taken over.
    if (this.#isUp) this.onlost?.(why);
  }
}
