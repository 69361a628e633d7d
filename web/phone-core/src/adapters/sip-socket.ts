/** JsSIP's socket over ours: the bearer goes in the subprotocols, keep-alives are answered, and it never comes back by itself. */

import { socketUrl } from "./browser";

export class SipSocket {
  // JsSIP's names; it sets the three callbacks itself.
  onconnect: () => void = () => {};
  ondisconnect: (error: boolean, code?: number, reason?: string) => void = () => {};
  ondata: <T>(data: T) => void = () => {};
  /** The wire is gone, whoever closed it. */
  ongone: (() => void) | null = null;

  readonly url: string;
  readonly via_transport: string;
  readonly sip_uri: string;
  readonly #bearer: string;
  #socket: WebSocket | null = null;
  #wasOpened = false;

  constructor(path: string, bearer: string) {
    this.url = socketUrl(path);
    this.#bearer = bearer;
    const { host, protocol } = new URL(this.url);
    this.via_transport = protocol === "wss:" ? "WSS" : "WS";
    this.sip_uri = `sip:${host};transport=ws`;
  }

  /** Once only: JsSIP's own recovery would open a second socket, and the server lets a session have one. */
  connect(): void {
    if (this.#wasOpened) return;
    this.#wasOpened = true;
    const socket = new WebSocket(this.url, ["sip", `bearer.${this.#bearer}`]);
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.onconnect();
    socket.onmessage = ({ data }) => this.#received(data);
    socket.onclose = ({ wasClean, code, reason }) => {
      this.#socket = null;
      this.ondisconnect(!wasClean, code, reason);
      this.ongone?.();
    };
  }

  disconnect(): void {
    const socket = this.#socket;
    this.#socket = null;
    if (socket === null) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  send(message: string | ArrayBufferLike | Blob | ArrayBufferView): boolean {
    if (!this.isConnected()) return false;
    this.#socket?.send(message as string);
    return true;
  }

  isConnected(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  isConnecting(): boolean {
    return this.#socket?.readyState === WebSocket.CONNECTING;
  }

  /** RFC 7118 keep-alives are answered here, so that JsSIP never sees one (its issues #744, #745). */
  #received(data: unknown): void {
    if (data === "\r\n\r\n") this.send("\r\n");
    else if (data !== "\r\n") this.ondata(data);
  }
}
