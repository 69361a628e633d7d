import { MicrophoneError, type View } from "@callside/phone-core";
import { cleanup, fireEvent, screen, within } from "@testing-library/preact";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { aCall, aView, aWrapUp, inState } from "../../phone-core/test/fakes";
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

describe("an incoming call", () => {
  const offered = at("ringing", { call: aCall({ state: "offered" }) });

  test("says who calls and is announced at once", async () => {
    await stage.open(at("ready"));
    await stage.show(offered);
    expect(state()).toBe("Incoming call");
    expect(screen.getByRole("heading", { name: "Maria Okafor" })).toBeTruthy();
    const announced = screen.getByText("Incoming call, Maria Okafor, (555) 010-0123, for Support");
    expect(announced.getAttribute("aria-live")).toBe("assertive");
  });

  test("is answered", async () => {
    await stage.open(offered);
    await click("Answer");
    expect(stage.asked).toEqual({ do: "call.answer" });
  });

  test("is declined", async () => {
    await stage.open(offered);
    await click("Decline");
    expect(stage.asked).toEqual({ do: "call.decline" });
  });

  test("never takes the focus of a button: a key pressed for something else must not answer", async () => {
    await stage.open(at("break"));
    button("Back to ready").focus();
    await stage.show(offered);
    expect(document.activeElement).not.toBe(button("Answer"));
  });

  test("a name that looks like markup is text", async () => {
    await stage.open(at("ringing", { call: aCall({ state: "offered", name: "<img src=x onerror=alert(1)>" }) }));
    expect(screen.getByRole("heading", { name: "<img src=x onerror=alert(1)>" })).toBeTruthy();
    expect(document.querySelector("img")).toBeNull();
  });
});

describe("a call", () => {
  test("runs its timer, mutes, holds, hangs up", async () => {
    await stage.open(at("talking", { call: aCall({ talkMs: 9_000 }) }));
    expect(state()).toBe("On a call");
    expect(screen.getByRole("timer", { name: "Call duration" }).textContent).toBe("0:09");
    await click("Mute");
    expect(stage.asked).toEqual({ do: "call.mute", on: true });
    await click("Hold");
    expect(stage.asked).toEqual({ do: "call.hold", on: true });
    await click("Hang up");
    expect(stage.asked).toEqual({ do: "call.hangup" });
  });

  test("shows what the server says, not what was clicked", async () => {
    await stage.open(at("talking", { call: aCall() }));
    await click("Mute");
    expect(button("Mute").getAttribute("aria-pressed")).toBe("false");
    await stage.show(at("talking", { call: aCall({ muted: true }) }));
    expect(button("Mute").getAttribute("aria-pressed")).toBe("true");
    await stage.do(() => stage.network.last.answer("call.mute"));
    await click("Mute");
    expect(stage.asked).toEqual({ do: "call.mute", on: false });
  });

  test("sends keys, clicked and typed", async () => {
    await stage.open(at("talking", { call: aCall() }));
    await click("Keypad");
    await click("5");
    expect(stage.asked).toEqual({ do: "call.digits", digits: "5" });
    await stage.do(() => fireEvent.keyDown(document.body, { key: "#" }));
    expect(stage.asked).toEqual({ do: "call.digits", digits: "#" });
    expect(stage.keys).toEqual(["5", "#"]);
    await click("Hash");
    expect(screen.getByText("5##")).toBeTruthy();
  });

  test("keeps its notes as they are written", async () => {
    await stage.open(at("talking", { call: aCall() }));
    await stage.do(() =>
      fireEvent.input(screen.getByRole("textbox", { name: "Notes" }), { target: { value: "invoice" } }),
    );
    await stage.pass(1_000);
    expect(stage.asked).toEqual({ do: "call.notes", text: "invoice" });
  });

  test("a refused verb is said aloud", async () => {
    await stage.open(at("talking", { call: aCall() }));
    await click("Hold");
    await stage.do(() => stage.network.last.refuse("call.hold", "conflict", "You are not on a call"));
    expect(
      screen
        .getAllByRole("alert")
        .map(({ textContent }) => textContent)
        .join(),
    ).toContain("You are not on a call");
  });

  test("goes on while the phone reconnects", async () => {
    await stage.open(at("talking", { call: aCall() }));
    await stage.do(() => stage.network.last.drop());
    expect(screen.getByText("Reconnecting… Your call goes on.")).toBeTruthy();
    expect(button("Hang up")).toBeTruthy();
  });
});

describe("wrap-up", () => {
  test("keeps the outcome at once, and ends with it", async () => {
    await stage.open(at("wrap_up", { wrapUp: aWrapUp() }));
    expect(state()).toBe("Wrap-up");
    await stage.do(() => fireEvent.click(screen.getByRole("radio", { name: "Sale" })));
    expect(stage.asked).toEqual({ do: "wrapUp.dispose", disposition: "sale", finish: false });
    await click("Save and be ready");
    expect(stage.asked).toEqual({ do: "wrapUp.dispose", disposition: "sale", finish: true });
  });

  test("counts down, and can be extended", async () => {
    await stage.open(at("wrap_up", { wrapUp: aWrapUp() }));
    const left = () => screen.getByRole("timer", { name: "Wrap-up time left" }).textContent;
    expect(left()).toBe("0:30");
    await stage.pass(4_000);
    expect(left()).toBe("0:26");
    await click("Extend");
    expect(stage.asked).toEqual({ do: "wrapUp.extend" });
  });

  test("without a limit there is no countdown", async () => {
    await stage.open(at("wrap_up", { wrapUp: { ...aWrapUp(), remainingMs: null } }));
    expect(screen.queryByRole("timer", { name: "Wrap-up time left" })).toBeNull();
    noButton("Extend");
  });

  test("says what comes next when a break is waiting", async () => {
    const pending = { break: { code: "lunch", label: "Lunch", limitMs: null }, logout: false };
    await stage.open(at("wrap_up", { wrapUp: aWrapUp(), pending }));
    expect(button("Save and take break")).toBeTruthy();
  });

  test("whoever was writing notes in the call goes on writing", async () => {
    await stage.open(at("talking", { call: aCall() }));
    screen.getByRole("textbox", { name: "Notes" }).focus();
    await stage.show(at("wrap_up", { wrapUp: aWrapUp() }));
    expect(document.activeElement).toBe(screen.getByRole("textbox", { name: "Notes" }));
  });
});

describe("dialing by hand", () => {
  const ready = aView({ loginType: "MANUAL", line: DESK_PHONE, canDial: true });
  const field = () => screen.getByRole<HTMLInputElement>("textbox", { name: "Number to dial" });
  const type = (value: string) => stage.do(() => fireEvent.input(field(), { target: { value } }));

  test("a typed number is dialled with Enter", async () => {
    await stage.open(ready);
    await type("555 010 0123");
    await stage.do(() => fireEvent.submit(field().form as HTMLFormElement));
    expect(stage.asked).toEqual({ do: "call.dial", number: "555 010 0123" });
  });

  test("a number is made with the keys, and dialled", async () => {
    await stage.open(ready);
    for (const key of ["1", "2", "3"]) await click(key);
    await click("Erase last digit");
    expect(field().value).toBe("12");
    await click("Dial");
    expect(stage.asked).toEqual({ do: "call.dial", number: "12" });
  });

  test("a pasted link or table cell becomes a number", async () => {
    await stage.open(ready);
    const paste = new Event("paste", { bubbles: true, cancelable: true });
    Object.assign(paste, { clipboardData: { getData: () => " tel:+1\u00a0555\u2011010\u20110123\u200e\n" } });
    await stage.do(() => field().dispatchEvent(paste));
    expect(field().value).toBe("+1 555-010-0123");
  });

  test("a refusal stands by the field, without the field's name", async () => {
    await stage.open(ready);
    await type("12");
    await click("Dial");
    await stage.do(() =>
      stage.network.last.refuse("call.dial", "invalid_field", "number: too short for a phone number"),
    );
    expect(screen.getByText("Too short for a phone number").id).toBe(field().getAttribute("aria-describedby"));
    expect(field().getAttribute("aria-invalid")).toBe("true");
    await type("123");
    expect(field().getAttribute("aria-invalid")).toBeNull();
  });

  test("nothing is dialled without a number", async () => {
    await stage.open(ready);
    await click("Dial");
    expect(stage.asked).toBeUndefined();
    expect(screen.getByText("Type the number you want to call.")).toBeTruthy();
  });

  test("nothing can be dialled while the server does not allow it", async () => {
    await stage.open({ ...ready, canDial: false });
    expect(button("Dial").hasAttribute("disabled")).toBe(true);
    await type("123");
    await stage.do(() => fireEvent.submit(field().form as HTMLFormElement));
    expect(stage.asked).toBeUndefined();
  });

  test("an outgoing call can be hung up while it rings", async () => {
    await stage.open(at("dialing", { call: aCall({ direction: "outbound", state: "ringing" }) }));
    expect(state()).toBe("Dialing");
    await click("Hang up");
    expect(stage.asked).toEqual({ do: "call.hangup" });
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
