import type { View } from "@callside/phone-core";
import { cleanup, fireEvent, screen } from "@testing-library/preact";
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
