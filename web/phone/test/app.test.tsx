import { MicrophoneError, type View } from "@callside/phone-core";
import { cleanup, fireEvent, screen, within } from "@testing-library/preact";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { aCall, aView, inState } from "../../phone-core/test/fakes";
import { DESK_PHONE, Stage } from "./stage";

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});
afterEach(cleanup);

const button = (name: string | RegExp) => screen.getByRole("button", { name });
const noButton = (name: string | RegExp) => expect(screen.queryByRole("button", { name })).toBeNull();
const click = (name: string | RegExp) => stage.do(() => fireEvent.click(button(name)));
const state = () => screen.getByRole("status").textContent;
const at = (name: View["state"]["name"], part: Partial<View> = {}) => inState(name, { line: DESK_PHONE, ...part });

describe("the head", () => {
  test("says who, for what, in which state and for how long", async () => {
    await stage.open(aView({ line: DESK_PHONE, state: { name: "ready", elapsedMs: 61_000, reason: null } }));
    expect(screen.getByText("Ann Example")).toBeTruthy();
    expect(screen.getByText("Incoming calls · Support")).toBeTruthy();
    expect(state()).toBe("Ready");
    expect(screen.getByRole("timer", { name: "Time in this state" }).textContent).toBe("1:01");
    await stage.pass(5_000);
    expect(screen.getByRole("timer", { name: "Time in this state" }).textContent).toBe("1:06");
  });

  test.each([
    ["ready", "Ready"],
    ["break", "On break"],
    ["not_responding", "Paused"],
    ["lost", "Line lost"],
    ["connecting", "Connecting"],
  ] as const)("%s is %s", async (name, words) => {
    await stage.open(at(name));
    expect(state()).toBe(words);
  });

  test("a break is one of the tenant's reasons", async () => {
    await stage.open(at("ready"));
    await click("Break");
    await click("Lunch, up to 30 min");
    expect(stage.asked).toEqual({ do: "state.break", reason: "lunch" });
  });

  test("Escape closes the menu and leaves the keyboard on its button", async () => {
    await stage.open(at("ready"));
    await click("Break");
    expect(button("Break").getAttribute("aria-expanded")).toBe("true");
    await stage.do(() => fireEvent.keyDown(button("Lunch, up to 30 min"), { key: "Escape" }));
    expect(button("Break").getAttribute("aria-expanded")).toBe("false");
    expect(document.activeElement).toBe(button("Break"));
  });

  test("logging out asks first, and on a call says what will happen", async () => {
    await stage.open(at("talking", { call: aCall() }));
    await click("More");
    await click("Log out");
    const question = screen.getByRole("dialog", { name: "Log out after this call?" });
    expect(question.textContent).toContain("Your call goes on");
    expect(stage.asked).toBeUndefined();
    await stage.do(() => fireEvent.click(within(question).getByRole("button", { name: "Log out after call" })));
    expect(stage.asked).toEqual({ do: "session.end" });
  });

  test("staying logged in asks the server for nothing", async () => {
    await stage.open(at("ready"));
    await click("More");
    await click("Log out");
    await click("Stay");
    expect(screen.queryByRole("dialog")).toBeNull();
    expect(stage.asked).toBeUndefined();
  });
});

describe("away and back", () => {
  test.each([
    ["break", "Back to ready"],
    ["not_responding", "I’m back"],
  ] as const)("%s ends with one button", async (name, words) => {
    await stage.open(at(name));
    await click(words);
    expect(stage.asked).toEqual({ do: "state.ready" });
  });

  test("waiting callers are counted", async () => {
    await stage.open(at("ready", { waiting: 3 }));
    expect(screen.getByText("3 callers are waiting.")).toBeTruthy();
  });

  test("each queue shows who waits and for how long, and the day its figures", async () => {
    const queues = [
      { id: "1", name: "Support", colour: "#0b57a8", waiting: 2, longestMs: 61_000 },
      { id: "2", name: "Sales", colour: "", waiting: 0, longestMs: 0 },
    ];
    const today = { calls: 12, talkMs: 3_600_000, wrapMs: 60_000, avgHandleMs: 305_000 };
    await stage.open(at("ready", { queues, today }));
    const lines = screen.getAllByRole("listitem").map((line) => line.textContent);
    expect(lines).toContain("Support2 waiting · 1:01");
    expect(lines).toContain("Sales0 waiting");
    expect(screen.getByLabelText("Your day so far").textContent).toBe("Calls today12Talk time1:00:00Average call5:05");
    await stage.pass(2_000);
    expect(screen.getByLabelText("Longest wait in Support").textContent).toBe("1:03");
  });

  test("a desk phone is to be picked up", async () => {
    await stage.open(at("connecting", { line: { state: "rising", device: "extension", extension: "101" } }));
    expect(screen.getByRole("heading", { name: "Pick up your desk phone 101" })).toBeTruthy();
  });

  test("a desk phone that was hung up can be called again", async () => {
    await stage.open(at("lost", { line: { state: "down", device: "extension", extension: "101" } }));
    await click("Call my desk phone");
    expect(stage.asked).toEqual({ do: "line.ready" });
    await stage.show(at("lost", { line: { state: "rising", device: "extension", extension: "101" } }));
    expect(screen.getByRole("heading", { name: "Pick up your desk phone 101" })).toBeTruthy();
  });

  test("an engine that is down is named", async () => {
    await stage.open(at("lost", { engine: "down" }));
    expect(screen.getByRole("heading", { name: "The phone system is down" })).toBeTruthy();
  });
});

describe("the microphone", () => {
  test.each([
    ["not_delegated", "The CRM page blocks the microphone"],
    ["denied", "The microphone is not allowed"],
    ["no_device", "No microphone found"],
  ] as const)("%s is explained, and can be tried again", async (fault, words) => {
    stage.microphones.fault = new MicrophoneError(fault);
    await stage.open(inState("connecting", { line: { state: "down", device: "browser", extension: null } }));
    expect(screen.getByRole("heading", { name: words })).toBeTruthy();
    stage.microphones.fault = null;
    await click("Try again");
    expect(screen.queryByRole("heading", { name: words })).toBeNull();
    expect(stage.asked).toEqual({ do: "line.credentials" });
  });

  test("the line that is missing in the CRM's page can be copied", async () => {
    stage.microphones.fault = new MicrophoneError("not_delegated");
    await stage.open(inState("connecting", { line: { state: "down", device: "browser", extension: null } }));
    expect(screen.getByText('allow="microphone; autoplay"')).toBeTruthy();
  });

  test("sound that the browser holds back is the first thing to click", async () => {
    await stage.open(at("talking", { call: aCall() }));
    await stage.do(() => stage.media.onblocked?.());
    await click("Click to hear the caller");
    noButton("Click to hear the caller");
  });
});

describe("not in use here", () => {
  test("opened in another tab: it can be taken back", async () => {
    await stage.open(at("ready"));
    await stage.do(() => stage.network.last.drop(4001, "opened again"));
    expect(screen.getByRole("heading", { name: "Open in another tab" })).toBeTruthy();
    await click("Use it here");
    expect(stage.tickets.asked).toHaveLength(2);
  });

  test.each([
    ["logout", "You are logged out"],
    ["taken_over", "You logged in somewhere else"],
    ["expired", "Your login has run out"],
    ["revoked", "Your access was changed"],
  ])("ended by %s: %s", async (cause, words) => {
    await stage.open(at("ready"));
    await stage.do(() => stage.network.last.drop(4002, cause));
    expect(screen.getByRole("heading", { name: words })).toBeTruthy();
    noButton("Break");
  });

  test("in use in another browser: the server's words say what to do", async () => {
    stage.tickets.answers = [{ ok: false, status: 409, message: "This phone is already in use in another browser." }];
    await stage.open(at("ready")).catch(() => undefined);
    expect(screen.getByRole("heading", { name: "Already in use elsewhere" })).toBeTruthy();
    expect(screen.getByText("This phone is already in use in another browser.")).toBeTruthy();
  });
});
