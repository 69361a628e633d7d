import { describe, expect, test } from "vitest";
import { diffViews, type HostEvent, readyEvent, type View } from "../src";
import { aCall, aLead, aView, aWrapUp, inState } from "./fakes";

/** The events of a whole story, view by view. */
function story(...views: View[]): string[] {
  const events: HostEvent[] = [];
  let before: View | null = null;
  for (const view of views) {
    events.push(...diffViews(before, view));
    before = view;
  }
  return events.map((event) => ("state" in event ? `${event.type} ${event.state}` : event.type));
}

const offered = inState("ringing", { call: aCall({ state: "offered" }) });
const talking = inState("talking", { call: aCall() });
const held = inState("held", { call: aCall({ state: "held" }) });
const wrapping = inState("wrap_up", { wrapUp: aWrapUp() });
const ready = inState("ready");

describe("an incoming call", () => {
  test("is told from offer to end, each step once", () => {
    expect(story(ready, offered, talking, held, talking, wrapping, ready)).toEqual([
      "call.incoming",
      "agent.stateChanged ringing",
      "call.answered",
      "agent.stateChanged talking",
      "agent.stateChanged held",
      "agent.stateChanged talking",
      "call.ended",
      "agent.stateChanged wrap_up",
      "agent.stateChanged ready",
    ]);
  });

  test("that is a callback is told as offered, then as a call that rings at the customer", () => {
    const call = { direction: "outbound", callback: true } as const;
    expect(
      story(
        ready,
        inState("ringing", { call: aCall({ ...call, state: "offered" }) }),
        inState("dialing", { call: aCall({ ...call, state: "planned" }) }),
        inState("dialing", { call: aCall({ ...call, state: "ringing" }) }),
        inState("talking", { call: aCall({ ...call, state: "talking" }) }),
      ).filter((one) => one.startsWith("call.")),
    ).toEqual(["call.incoming", "call.ringing", "call.answered"]);
  });

  test("that was answered between two views is still announced before it is answered", () => {
    expect(story(ready, talking)).toEqual(["call.incoming", "call.answered", "agent.stateChanged talking"]);
  });

  test("the end carries who hung up, why, and how long they talked", () => {
    const lastCall = { id: "c1", cause: "normal", hungUpBy: "customer", talkMs: 61_000 };
    const [ended] = diffViews(talking, { ...wrapping, lastCall });
    expect(ended).toEqual({
      type: "call.ended",
      call: {
        id: "c1",
        direction: "inbound",
        number: "+15550100123",
        name: "Maria Okafor",
        via: "Support",
        cause: "normal",
        hungUpBy: "customer",
        talkMs: 61_000,
      },
    });
  });

  test("that the agent missed ends as not answered", () => {
    const lastCall = { id: "c1", cause: "no_answer", hungUpBy: "system", talkMs: 0 };
    const [ended] = diffViews(offered, inState("not_responding", { lastCall }));
    expect(ended).toMatchObject({ type: "call.ended", call: { cause: "no_answer", talkMs: 0 } });
  });

  test("that the caller gave up ends as cancelled", () => {
    const [ended] = diffViews(offered, ready);
    expect(ended).toMatchObject({ type: "call.ended", call: { cause: "cancelled" } });
  });

  test("without wrap-up ends with what the server says of it", () => {
    const lastCall = { id: "c1", cause: "agent_lost", hungUpBy: "system", talkMs: 5_000 };
    const [ended] = diffViews(talking, inState("ready", { lastCall }));
    expect(ended).toMatchObject({ call: { cause: "agent_lost", hungUpBy: "system", talkMs: 5_000 } });
  });

  test("that was followed by another still ends, with what the phone knows", () => {
    const [ended] = diffViews(inState("talking", { call: aCall({ talkMs: 5_000 }) }), ready);
    expect(ended).toMatchObject({ type: "call.ended", call: { cause: "normal", hungUpBy: null, talkMs: 5_000 } });
  });

  test("that follows another within one view ends the first and announces the second", () => {
    const next = inState("ringing", { call: aCall({ id: "c2", state: "offered" }) });
    const events = diffViews(talking, next);
    expect(events.map((event) => [event.type, "call" in event ? event.call?.id : null])).toEqual([
      ["call.ended", "c1"],
      ["call.incoming", "c2"],
      ["agent.stateChanged", null],
    ]);
  });
});

describe("an outgoing call", () => {
  const planned = inState("dialing", { call: aCall({ direction: "outbound", state: "planned" }) });
  const ringing = inState("dialing", { call: aCall({ direction: "outbound", state: "ringing" }) });
  const answered = inState("talking", { call: aCall({ direction: "outbound" }) });

  test("rings, is answered, ends", () => {
    expect(story(ready, planned, ringing, answered, wrapping)).toEqual([
      "agent.stateChanged dialing",
      "call.ringing",
      "call.answered",
      "agent.stateChanged talking",
      "call.ended",
      "agent.stateChanged wrap_up",
    ]);
  });

  test("that never rang only ends", () => {
    expect(story(planned, ready)).toEqual(["call.ended", "agent.stateChanged ready"]);
  });

  test("shown as ended before it goes away ends once", () => {
    const over = inState("talking", { call: aCall({ direction: "outbound", state: "ended" }) });
    expect(story(answered, over, wrapping).filter((type) => type === "call.ended")).toHaveLength(1);
  });
});

describe("nothing is sent twice", () => {
  test("the same view again, as after a reconnect, says nothing", () => {
    expect(diffViews(talking, { ...talking, seq: 9 })).toEqual([]);
  });

  test("the first view of a page says nothing: what goes on is in ready", () => {
    expect(diffViews(null, talking)).toEqual([]);
    expect(readyEvent(talking)).toMatchObject({
      type: "ready",
      agent: { username: "ann" },
      loginType: "AUTO",
      state: "talking",
      call: { id: "c1" },
    });
  });

  test("another reason for the same break is a change", () => {
    const lunch = aView({
      state: { name: "break", elapsedMs: 0, reason: { code: "lunch", label: "Lunch", limitMs: 60_000 } },
    });
    const pause = aView({
      state: { name: "break", elapsedMs: 0, reason: { code: "break", label: "Short break", limitMs: null } },
    });
    expect(diffViews(lunch, pause)).toEqual([
      { type: "agent.stateChanged", state: "break", reason: { code: "break", label: "Short break" } },
    ]);
  });
});

describe("a customer of a campaign's list", () => {
  const lead = aLead({ chosen: 1 });
  const shown = {
    leadId: "9001",
    number: "+15550100124",
    name: "Maria Okafor",
    fields: { Company: "Okafor Travel", Contract: "A-17" },
  };
  const preview = inState("preview", { lead });
  const call = aCall({ direction: "outbound", state: "planned", leadId: "9001" });

  test("is told before the call, once, with the number and the fields", () => {
    expect(diffViews(ready, preview)[0]).toEqual({ type: "lead.shown", ...shown });
    expect(
      story(
        ready,
        preview,
        inState("dialing", { lead, call }),
        inState("dialing", { lead, call: { ...call, state: "ringing" } }),
      ),
    ).toEqual(["lead.shown", "agent.stateChanged preview", "agent.stateChanged dialing", "call.ringing"]);
  });

  test("is told before its call where Callside dials, and after the end of the one before", () => {
    const next = inState("talking", {
      lead: aLead({ id: "9002" }),
      call: { ...call, id: "c2", state: "talking", leadId: "9002" },
    });
    const before = inState("talking", { lead, call: { ...call, state: "talking" } });
    expect(story(before, next)).toEqual(["call.ended", "lead.shown", "call.ringing", "call.answered"]);
  });

  test("is named by every message of its call, and by no other call", () => {
    const dialing = inState("dialing", { lead, call: { ...call, state: "answered" } });
    expect(diffViews(preview, dialing)[0]).toMatchObject({ type: "call.ringing", call: { leadId: "9001" } });
    const [ringing] = diffViews(
      ready,
      inState("dialing", { call: aCall({ direction: "outbound", state: "ringing" }) }),
    );
    expect(ringing).not.toHaveProperty("call.leadId");
  });

  test("is in ready for a page that comes later", () => {
    expect(readyEvent(preview)).toMatchObject({ lead: shown });
    expect(readyEvent(ready)).toMatchObject({ lead: null });
  });

  test("cannot reach the prototype with a column's name", () => {
    const fields = [{ name: "__proto__", value: "polluted" }];
    const [event] = diffViews(ready, inState("preview", { lead: aLead({ fields }) }));
    expect(Object.hasOwn((event as { fields: object }).fields, "__proto__")).toBe(true);
    expect(Object.getPrototypeOf((event as { fields: object }).fields)).toBe(Object.prototype);
  });
});
