import { beforeEach, expect, test } from "vitest";
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
