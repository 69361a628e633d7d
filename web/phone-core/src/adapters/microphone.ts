/** The agent's microphone, and the reason when there is none (research: reliability-security.md §2). */

import { type Microphone, MicrophoneError, type MicrophoneFault, type Microphones } from "../ports";

const CONSTRAINTS: MediaStreamConstraints = {
  audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
};

export class BrowserMicrophone implements Microphone {
  onended: (() => void) | null = null;
  readonly stream: MediaStream;
  readonly track: MediaStreamTrack;

  constructor(stream: MediaStream, track: MediaStreamTrack) {
    this.stream = stream;
    this.track = track;
    track.onended = () => this.onended?.();
  }

  get live(): boolean {
    return this.track.readyState === "live";
  }

  close(): void {
    this.onended = null;
    this.track.stop();
  }
}

export const browserMicrophones: Microphones = {
  async open() {
    if (!navigator.mediaDevices?.getUserMedia) throw new MicrophoneError("insecure_page");
    let stream: MediaStream;
    try {
      stream = await navigator.mediaDevices.getUserMedia(CONSTRAINTS);
    } catch (error) {
      throw new MicrophoneError(await faultOf(error));
    }
    const track = stream.getAudioTracks()[0];
    if (track === undefined) throw new MicrophoneError("no_device");
    return new BrowserMicrophone(stream, track);
  },
};

async function faultOf(error: unknown): Promise<MicrophoneFault> {
  const { name, message } = error instanceof DOMException ? error : { name: "", message: "" };
  if (name === "NotFoundError" || name === "OverconstrainedError") return "no_device";
  if (name === "NotReadableError" || name === "AbortError") return "busy";
  if (!delegated()) return "not_delegated";
  return /system/i.test(message) ? "blocked_by_system" : "denied";
}

interface PolicyOfDocument {
  allowsFeature(name: string): boolean;
}

/** Whether the embedding page passes the microphone on; browsers that do not tell count as yes. */
function delegated(): boolean {
  const { permissionsPolicy, featurePolicy } = document as Document & {
    permissionsPolicy?: PolicyOfDocument;
    featurePolicy?: PolicyOfDocument;
  };
  return (permissionsPolicy ?? featurePolicy)?.allowsFeature("microphone") ?? true;
}
