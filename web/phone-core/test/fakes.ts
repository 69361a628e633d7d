/** The world in memory: time that moves when told, sockets and lines that do as the test says. */

import type {
  Call,
  Clock,
  HostWindow,
  Lead,
  MediaAgent,
  MediaLine,
  Microphone,
  Microphones,
  OpenWire,
  Redeem,
  RedeemAnswer,
  Stop,
  View,
  Wire,
} from "../src";

interface Due {
  at: number;
  callback: () => void;
}

export class FakeClock implements Clock {
  chance = 0.5;
  #now = 0;
  #due: Due[] = [];

  now(): number {
    return this.#now;
  }

  after(ms: number, callback: () => void): Stop {
    const due = { at: this.#now + ms, callback };
    this.#due.push(due);
    return () => {
      this.#due = this.#due.filter((one) => one !== due);
    };
  }

  random(): number {
    return this.chance;
  }

  /** Let time pass: everything that falls due happens in its order, and what it starts is waited for. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await settle();
      const next = this.#due.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#due = this.#due.filter((one) => one !== next);
      this.#now = Math.max(this.#now, next.at);
      next.callback();
    }
    this.#now = end;
    await settle();
  }
}

/** Everything that is only waiting for a turn of the event loop gets it. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

export class FakeWire implements Wire {
  onmessage: ((text: string) => void) | null = null;
  onclose: ((code: number, reason: string) => void) | null = null;
  readonly path: string;
  readonly protocols: readonly string[];
  readonly sent: Record<string, unknown>[] = [];
  isClosed = false;

  constructor(path: string, protocols: readonly string[]) {
    this.path = path;
    this.protocols = protocols;
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.isClosed = true;
  }

  receive(frame: object): void {
    this.onmessage?.(JSON.stringify(frame));
  }

  show(view: View): void {
    this.receive({ type: "view", view });
  }

  drop(code = 1006, reason = ""): void {
    this.onclose?.(code, reason);
  }

  /** The verbs asked for, in order. */
  get verbs(): unknown[] {
    return this.sent.map((frame) => frame.do);
  }

  /** Answer the last request of that verb. */
  answer(verb: string, value: unknown = null): void {
    this.receive({ type: "reply", id: this.#lastId(verb), ok: true, value });
  }

  refuse(verb: string, code: string, message: string): void {
    this.receive({ type: "reply", id: this.#lastId(verb), ok: false, error: { code, message } });
  }

  #lastId(verb: string): unknown {
    const frame = this.sent.findLast((one) => one.do === verb);
    if (frame === undefined) throw new Error(`${verb} was not asked for`);
    return frame.id;
  }
}

export class FakeNetwork {
  readonly wires: FakeWire[] = [];
  readonly open: OpenWire = (path, protocols) => {
    const wire = new FakeWire(path, protocols);
    this.wires.push(wire);
    return wire;
  };

  get last(): FakeWire {
    const wire = this.wires.at(-1);
    if (wire === undefined) throw new Error("no socket was opened");
    return wire;
  }
}

export class FakeMicrophone implements Microphone {
  onended: (() => void) | null = null;
  live = true;

  close(): void {
    this.live = false;
  }

  unplug(): void {
    this.live = false;
    this.onended?.();
  }
}

export class FakeMicrophones implements Microphones {
  readonly opened: FakeMicrophone[] = [];
  fault: Error | null = null;

  async open(): Promise<Microphone> {
    if (this.fault !== null) throw this.fault;
    const microphone = new FakeMicrophone();
    this.opened.push(microphone);
    return microphone;
  }
}

export class FakeLine implements MediaLine {
  onlost: ((why: string) => void) | null = null;
  isClosed = false;
  isEnded = false;
  microphone: Microphone;
  register: () => void = () => {};
  failToRegister: (error: Error) => void = () => {};
  callIn: () => void = () => {};
  readonly registered: Promise<void>;
  readonly answered: Promise<void>;

  constructor(microphone: Microphone) {
    this.microphone = microphone;
    this.registered = new Promise((resolve, reject) => {
      this.register = resolve;
      this.failToRegister = reject;
    });
    this.answered = new Promise((resolve) => {
      this.callIn = resolve;
    });
  }

  end(): void {
    this.isEnded = true;
  }

  useMicrophone(microphone: Microphone): void {
    this.microphone = microphone;
  }

  close(): void {
    this.isClosed = true;
  }
}

export class FakeMedia implements MediaAgent {
  onblocked: (() => void) | null = null;
  readonly lines: FakeLine[] = [];
  readonly bearers: string[] = [];

  async open(_credentials: unknown, bearer: string, microphone: Microphone): Promise<MediaLine> {
    const line = new FakeLine(microphone);
    this.lines.push(line);
    this.bearers.push(bearer);
    return line;
  }

  async unblock(): Promise<boolean> {
    return true;
  }

  get last(): FakeLine {
    const line = this.lines.at(-1);
    if (line === undefined) throw new Error("no line was opened");
    return line;
  }
}

export class FakeHost implements HostWindow {
  knownOrigin: string | null = "https://crm.example.com";
  readonly posted: { message: Record<string, unknown>; origin: string }[] = [];
  #listener: ((message: unknown, origin: string) => void) | null = null;

  post(message: object, origin: string): void {
    this.posted.push({ message: message as Record<string, unknown>, origin });
  }

  listen(callback: (message: unknown, origin: string) => void): Stop {
    this.#listener = callback;
    return () => {
      this.#listener = null;
    };
  }

  say(message: unknown, origin = "https://crm.example.com"): void {
    this.#listener?.(message, origin);
  }

  get types(): unknown[] {
    return this.posted.map(({ message }) => message.type);
  }
}

/** A ticket office that gives what the test put there, the last answer again and again. */
export class FakeTickets {
  readonly asked: string[] = [];
  answers: (RedeemAnswer | Error)[] = [{ ok: true, bearer: "bearer-1", origins: ["https://crm.example.com"] }];
  readonly redeem: Redeem = async (sessionId) => {
    this.asked.push(sessionId);
    const answer = this.answers.length > 1 ? this.answers.shift() : this.answers[0];
    if (answer === undefined || answer instanceof Error) throw answer ?? new Error("no answer");
    return answer;
  };
}

export function aView(part: Partial<View> = {}): View {
  return {
    seq: 1,
    tenant: { region: "US" },
    agent: { id: "7", name: "Ann Example", username: "ann" },
    loginType: "AUTO",
    assignment: [{ id: "1", name: "Support" }],
    state: { name: "ready", elapsedMs: 0, reason: null },
    pending: { break: null, logout: false },
    line: { state: "up", device: "browser", extension: null },
    engine: "up",
    call: null,
    wrapUp: null,
    lastCall: null,
    breaks: [
      { code: "break", label: "Short break", limitMs: null },
      { code: "lunch", label: "Lunch", limitMs: 1_800_000 },
    ],
    canDial: false,
    waiting: 0,
    queues: [{ id: "1", name: "Support", colour: "", waiting: 0, longestMs: 0 }],
    today: { calls: 0, talkMs: 0, wrapMs: 0, avgHandleMs: 0 },
    campaign: null,
    lead: null,
    previewMs: null,
    ...part,
  };
}

export function inState(name: View["state"]["name"], part: Partial<View> = {}): View {
  return aView({ state: { name, elapsedMs: 0, reason: null }, ...part });
}

export function aCall(part: Partial<Call> = {}): Call {
  return {
    id: "c1",
    direction: "inbound",
    state: "talking",
    number: "+15550100123",
    display: "(555) 010-0123",
    name: "Maria Okafor",
    via: "Support",
    callback: false,
    elapsedMs: 0,
    talkMs: 0,
    muted: false,
    colour: "",
    script: "",
    leadId: null,
    earlyMedia: false,
    notes: "",
    ...part,
  };
}

export function aWrapUp(part: Partial<NonNullable<View["wrapUp"]>["call"]> = {}): NonNullable<View["wrapUp"]> {
  return {
    call: {
      id: "c1",
      direction: "inbound",
      number: "+15550100123",
      display: "(555) 010-0123",
      name: "Maria Okafor",
      via: "Support",
      talkMs: 61_000,
      cause: "normal",
      hungUpBy: "customer",
      notes: "",
      disposition: null,
      callbackAt: null,
      callbackMine: false,
      ...part,
    },
    remainingMs: 30_000,
    dispositions: [
      { code: "sale", label: "Sale" },
      { code: "resolved", label: "Resolved" },
    ],
    callbacks: [],
  };
}

export function aLead(part: Partial<Lead> = {}): Lead {
  const number = { attempts: 0, lastOutcome: null, blocked: false };
  return {
    id: "9001",
    name: "Maria Okafor",
    numbers: [
      { ...number, number: "+15550100123", display: "(555) 010-0123", label: "mobile" },
      { ...number, number: "+15550100124", display: "(555) 010-0124", label: "office" },
    ],
    chosen: 0,
    fields: [
      { name: "Company", value: "Okafor Travel" },
      { name: "Contract", value: "A-17" },
    ],
    notes: "",
    zone: "",
    attempts: 0,
    lastOutcome: null,
    callback: null,
    ...part,
  };
}
