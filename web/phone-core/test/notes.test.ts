import { beforeEach, describe, expect, test } from "vitest";
import { NotesDraft } from "../src/notes";
import { aCall, aWrapUp, FakeClock, inState, settle } from "./fakes";

let clock: FakeClock;
let saved: string[];
let fails: boolean;
let notes: NotesDraft;

beforeEach(() => {
  clock = new FakeClock();
  saved = [];
  fails = false;
  notes = new NotesDraft(clock, async (text) => {
    if (fails) throw new Error("disconnected");
    saved.push(text);
  });
  notes.see(inState("talking", { call: aCall({ notes: "before" }) }));
});

test("a call's notes are shown as the server has them", () => {
  expect(notes.state.get()).toEqual({ callId: "c1", text: "before", saved: "yes" });
});

test("what is written is saved once, a moment after the last key", async () => {
  notes.write("b");
  await clock.pass(500);
  notes.write("be");
  await clock.pass(500);
  expect(saved).toEqual([]);
  await clock.pass(300);
  expect(saved).toEqual(["be"]);
  expect(notes.state.get().saved).toBe("yes");
});

test("a view from before the last key does not take the text away", () => {
  notes.write("new");
  notes.see(inState("talking", { call: aCall({ notes: "before" }) }));
  expect(notes.state.get().text).toBe("new");
});

test("the draft goes on from the call into its wrap-up", () => {
  notes.write("half a sen");
  notes.see(inState("wrap_up", { wrapUp: aWrapUp() }));
  expect(notes.state.get().text).toBe("half a sen");
});

describe("in a wrap-up that ends by itself", () => {
  const ending = (remainingMs: number) => notes.see(inState("wrap_up", { wrapUp: { ...aWrapUp(), remainingMs } }));

  test("what is being typed is saved a second before its end", async () => {
    ending(1_400);
    notes.write("half a sen");
    await clock.pass(300);
    expect(saved).toEqual([]);
    await clock.pass(100);
    expect(saved).toEqual(["half a sen"]);
  });

  test("in its last second every key is saved at once", async () => {
    ending(10_000);
    await clock.pass(9_200);
    notes.write("call");
    notes.write("call back");
    await settle();
    expect(saved).toEqual(["call", "call back"]);
    expect(notes.state.get().saved).toBe("yes");
  });

  test("what was typed before the view that says so is saved in time, too", async () => {
    notes.write("last words");
    ending(800);
    await settle();
    expect(saved).toEqual(["last words"]);
  });

  test("one that was extended leaves the pause between keys as it was", async () => {
    ending(1_400);
    ending(60_000);
    notes.write("no hurry");
    await clock.pass(600);
    expect(saved).toEqual([]);
  });
});

test("another call's notes never get this call's text", async () => {
  notes.write("about Maria");
  notes.see(inState("ringing", { call: aCall({ id: "c2", state: "offered" }) }));
  await clock.pass(10_000);
  expect(saved).toEqual([]);
  expect(notes.state.get()).toEqual({ callId: "c2", text: "", saved: "yes" });
});

test("text that could not be saved is kept, said to be unsaved, and saved at the next chance", async () => {
  fails = true;
  notes.write("important");
  await clock.pass(1_000);
  expect(notes.state.get()).toMatchObject({ text: "important", saved: "failed" });
  fails = false;
  expect(await notes.flush()).toBe(true);
  expect(saved).toEqual(["important"]);
});

test("text written while the text before is being saved is saved as well", async () => {
  notes.write("one");
  const first = notes.flush();
  notes.write("one two");
  await first;
  expect(notes.state.get().saved).toBe("not_yet");
  await clock.pass(1_000);
  await settle();
  expect(saved).toEqual(["one", "one two"]);
});
