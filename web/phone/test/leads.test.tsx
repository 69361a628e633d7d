import type { Campaign, View } from "@callside/phone-core";
import { cleanup, fireEvent, screen, within } from "@testing-library/preact";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { aCall, aLead, aWrapUp, inState } from "../../phone-core/test/fakes";
import { fromLocalInput } from "../src/words-of-leads";
import { DESK_PHONE, Stage } from "./stage";

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});
afterEach(cleanup);

const HOUR = 3_600_000;
const button = (name: string | RegExp) => screen.getByRole("button", { name });
const noButton = (name: string | RegExp) => expect(screen.queryByRole("button", { name })).toBeNull();
const click = (name: string | RegExp) => stage.do(() => fireEvent.click(button(name)));
const choose = (name: string | RegExp) => stage.do(() => fireEvent.click(screen.getByRole("radio", { name })));
const at = (name: View["state"]["name"], part: Partial<View> = {}) => inState(name, { line: DESK_PHONE, ...part });
const campaign = (type: Campaign["type"], part: Partial<Campaign> = {}): Campaign => ({
  type,
  halt: null,
  resumesMs: null,
  ...part,
});
const progressive = (part: Partial<Campaign> = {}): Partial<View> => ({
  loginType: "PROGRESSIVE",
  queues: [],
  campaign: campaign("PROGRESSIVE", part),
});
const byHand = (type: "MANUAL" | "PREVIEW" = "MANUAL"): Partial<View> => ({
  loginType: "MANUAL",
  queues: [],
  campaign: campaign(type),
  canDial: true,
});
const heading = (name: string) => screen.getByRole("heading", { name });

describe("waiting for a dialer", () => {
  test("says that somebody is looked for", async () => {
    await stage.open(at("ready", progressive()));
    expect(heading("Looking for somebody to call")).toBeTruthy();
  });

  test.each([
    ["stopped", "The campaign is not running"],
    ["paused", "The campaign is paused"],
    ["no_profile", "The campaign cannot dial"],
    ["forbidden", "The campaign may not dial just now"],
    ["not_yet", "The campaign has not begun"],
    ["ended", "The campaign is over"],
    ["trunk_down", "Calls do not get out"],
    ["no_leads", "Nobody to call just now"],
    ["something_new", "Nothing is dialed just now"],
    ["constructor", "Nothing is dialed just now"],
  ])("halted by %s it says: %s", async (halt, words) => {
    await stage.open(at("ready", progressive({ halt })));
    expect(heading(words)).toBeTruthy();
  });

  test("counts down to when it goes on, where that is known", async () => {
    await stage.open(at("ready", progressive({ halt: "trunk_down", resumesMs: 10_000 })));
    const left = () => screen.getByRole("timer", { name: "Time until it goes on" }).textContent;
    expect(left()).toBe("0:10");
    await stage.pass(4_000);
    expect(left()).toBe("0:06");
  });

  test("a line that was dialled shows whose it is before anybody answers", async () => {
    const call = aCall({ direction: "outbound", state: "ringing", leadId: "9001" });
    await stage.open(at("dialing", { ...progressive(), call, lead: aLead({ notes: "Prefers mornings" }) }));
    const record = screen.getByRole("region", { name: "Customer" });
    expect(record.textContent).toContain("Okafor Travel");
    expect(record.textContent).toContain("Prefers mornings");
    await click("Hang up");
    expect(stage.asked).toEqual({ do: "call.hangup" });
  });
});

describe("a lead in preview", () => {
  const shown = at("preview", { ...byHand("PREVIEW"), lead: aLead(), previewMs: 25_000 });

  test("shows who it is, is announced, and counts down", async () => {
    await stage.open(at("ready", byHand("PREVIEW")));
    await stage.show(shown);
    expect(heading("Maria Okafor")).toBeTruthy();
    expect(screen.getByText("Next customer: Maria Okafor").getAttribute("aria-live")).toBe("assertive");
    const left = () => screen.getByRole("timer", { name: "Time until the call" }).textContent;
    expect(left()).toBe("0:25");
    await stage.pass(5_000);
    expect(left()).toBe("0:20");
  });

  test("of a campaign that was paused meanwhile is not called, and says why instead of counting down", async () => {
    await stage.open({ ...shown, campaign: campaign("PREVIEW", { halt: "paused" }) });
    expect(screen.getByText("The campaign is paused")).toBeTruthy();
    expect(screen.queryByRole("timer", { name: "Time until the call" })).toBeNull();
    expect((button("Call") as HTMLButtonElement).disabled).toBe(true);
    await click("Skip");
    expect(screen.getByRole("dialog")).toBeTruthy();
  });

  test.each(["stopped", "forbidden", "no_leads", "trunk_down"])(
    "by hand is called also where the halt is %s",
    async (halt) => {
      await stage.open({ ...shown, previewMs: null, campaign: campaign("MANUAL", { halt }) });
      await click("Call");
      expect(stage.asked).toEqual({ do: "lead.dial", number: 0 });
    },
  );

  test("is called on the number whose turn it is", async () => {
    await stage.open({ ...shown, lead: aLead({ chosen: 1 }) });
    await click("Call");
    expect(stage.asked).toEqual({ do: "lead.dial", number: 1 });
  });

  test("is called on another number", async () => {
    await stage.open(shown);
    await choose(/010-0124/);
    await click("Call");
    expect(stage.asked).toEqual({ do: "lead.dial", number: 1 });
  });

  test("a number that must not be called cannot be chosen", async () => {
    const numbers = aLead().numbers.map((number, index) => ({ ...number, blocked: index === 1 }));
    await stage.open({ ...shown, lead: aLead({ numbers }) });
    const radio = screen.getByRole<HTMLInputElement>("radio", { name: /010-0124.*must not be called/ });
    expect(radio.disabled).toBe(true);
  });

  test("is skipped with a reason", async () => {
    await stage.open(shown);
    await click("Skip");
    const question = within(screen.getByRole("dialog", { name: "Skip this customer?" }));
    await stage.do(() => fireEvent.click(question.getByRole("radio", { name: "Wrong or incomplete record" })));
    await stage.do(() => fireEvent.click(question.getByRole("button", { name: "Skip" })));
    expect(stage.asked).toEqual({ do: "lead.skip", reason: "Wrong or incomplete record" });
  });

  test("is skipped in the agent's own words, or not at all", async () => {
    await stage.open(shown);
    await click("Skip");
    await click("Back");
    expect(stage.asked).toBeUndefined();
    await click("Skip");
    const question = within(screen.getByRole("dialog"));
    await choose("Something else");
    await stage.do(() => fireEvent.input(question.getByRole("textbox"), { target: { value: " on holiday " } }));
    await stage.do(() => fireEvent.click(question.getByRole("button", { name: "Skip" })));
    expect(stage.asked).toEqual({ do: "lead.skip", reason: "on holiday" });
  });

  test("tells what came before, whose callback it is, and what time it is there", async () => {
    const lead = aLead({
      attempts: 2,
      lastOutcome: "no_answer",
      callback: { agent: "Ben", mine: false },
      zone: "America/New_York",
      notes: "Asked for a better price",
    });
    await stage.open({ ...shown, lead });
    const about = screen.getByRole("list", { name: "About this customer" }).textContent;
    expect(about).toContain("Callback for Ben");
    expect(about).toContain("Called 2 times, last: no answer");
    expect(about).toMatch(/\d{1,2}:\d{2}.* there/);
    expect(screen.getByText("Asked for a better price")).toBeTruthy();
  });

  test("a zone that the browser does not know is left out", async () => {
    await stage.open({ ...shown, lead: aLead({ zone: "Mars/Olympus" }) });
    expect(screen.getByRole("list", { name: "About this customer" }).textContent).toBe("Not called yet");
  });

  test("a record that looks like markup is text", async () => {
    const evil = "<img src=x onerror=alert(1)>";
    const fields = [{ name: `<b>${evil}`, value: evil }];
    await stage.open({ ...shown, lead: aLead({ name: evil, fields, notes: evil }) });
    expect(heading(evil)).toBeTruthy();
    expect(document.querySelector("img, b")).toBeNull();
  });

  test("a break can be taken at once", async () => {
    await stage.open(shown);
    await click("Break");
    expect(screen.getByText("Take a break now")).toBeTruthy();
  });

  test("the next lead is another card: nothing stays chosen", async () => {
    await stage.open(shown);
    await choose(/010-0124/);
    await stage.show({ ...shown, seq: 2, lead: aLead({ id: "9002", name: "Jonas Lind" }) });
    await click("Call");
    expect(stage.asked).toEqual({ do: "lead.dial", number: 0 });
  });

  test("a refusal is said in words", async () => {
    await stage.open(shown);
    await click("Call");
    await stage.do(() =>
      stage.network.last.refuse("lead.dial", "not_allowed", "number: not called, for the campaign is closed now"),
    );
    const said = screen.getAllByRole("alert").map(({ textContent }) => textContent);
    expect(said.join()).toContain("Not called, for the campaign is closed now");
  });
});

describe("a call with a lead", () => {
  const talking = at("talking", {
    ...progressive(),
    call: aCall({ direction: "outbound", leadId: "9001", script: "Good morning" }),
    lead: aLead(),
  });

  test("has its record and script beside it; both fold away and stay so", async () => {
    await stage.open(talking);
    expect(screen.getByRole("region", { name: "Customer" }).textContent).toContain("A-17");
    expect(screen.getByRole("region", { name: "Script" }).textContent).toBe("Good morning");
    await click("Customer");
    expect(button("Customer").getAttribute("aria-expanded")).toBe("false");
    expect(screen.queryByRole("region", { name: "Customer" })).toBeNull();
    await stage.show(at("ready", progressive()));
    await stage.show(talking);
    expect(button("Customer").getAttribute("aria-expanded")).toBe("false");
    expect(button("Script").getAttribute("aria-expanded")).toBe("true");
  });

  test("leaves its place to the keypad", async () => {
    await stage.open(talking);
    await click("Keypad");
    noButton("Customer");
    expect(button("Hang up")).toBeTruthy();
  });
});

describe("wrapping a lead up", () => {
  const wrapUp = { ...aWrapUp(), dispositions: [...aWrapUp().dispositions, { code: "cb", label: "Call back" }] };
  const wrapping = at("wrap_up", { ...byHand(), lead: aLead(), wrapUp: { ...wrapUp, callbacks: ["cb"] } });
  const when = () => screen.getByLabelText<HTMLInputElement>(/^Your time/);
  const local = (value: string) => new Date(value).getTime();

  test("a disposition that means a callback asks for its date at once, tomorrow by default", async () => {
    await stage.open(wrapping);
    await choose("Call back");
    const callbackAt = fromLocalInput(when().value) ?? 0;
    expect(callbackAt - Date.now()).toBeGreaterThan(23 * HOUR);
    expect(stage.asked).toEqual({
      do: "wrapUp.dispose",
      disposition: "cb",
      finish: false,
      callbackAt,
      callbackMine: true,
    });
  });

  test("the date is the agent's own clock, and anybody may call", async () => {
    await stage.open(wrapping);
    await choose("Call back");
    await stage.do(() => fireEvent.change(when(), { target: { value: "2030-03-05T09:30" } }));
    await choose("Anybody");
    await click("Save and be ready");
    expect(stage.asked).toEqual({
      do: "wrapUp.dispose",
      disposition: "cb",
      finish: true,
      callbackAt: local("2030-03-05T09:30"),
      callbackMine: false,
    });
  });

  test("any other outcome can have one too, and it can be taken back", async () => {
    await stage.open(wrapping);
    await click("Callback");
    expect(stage.asked).toBeUndefined();
    await choose("Sale");
    expect(stage.asked).toMatchObject({ disposition: "sale", callbackMine: true });
    await click("Callback");
    expect(stage.asked).toEqual({ do: "wrapUp.dispose", disposition: "sale", finish: false });
  });

  test("a callback without an outcome is not lost silently", async () => {
    await stage.open(wrapping);
    await click("Callback");
    await click("Save and be ready");
    expect(stage.asked).toBeUndefined();
    expect(screen.getByText(/Choose what came of the call/)).toBeTruthy();
  });

  test("what was chosen is there again after a reload", async () => {
    const callbackAt = local("2030-03-05T09:30");
    const call = { ...wrapUp.call, disposition: "cb", callbackAt, callbackMine: false };
    await stage.open({ ...wrapping, wrapUp: { ...wrapUp, call } });
    expect(when().value).toBe("2030-03-05T09:30");
    expect(screen.getByRole<HTMLInputElement>("radio", { name: "Anybody" }).checked).toBe(true);
  });

  test("says what time that is for the customer", async () => {
    await stage.open({ ...wrapping, lead: aLead({ zone: "Asia/Tokyo" }) });
    await click("Callback");
    expect(screen.getByText(/^For the customer: .+ \(Asia\/Tokyo\)$/).id).toBe(when().getAttribute("aria-describedby"));
  });

  test("they are called again, on the same number or another, and notes are kept first", async () => {
    await stage.open({ ...wrapping, lead: aLead() });
    await stage.do(() =>
      fireEvent.input(screen.getByRole("textbox", { name: "Notes" }), { target: { value: "busy" } }),
    );
    await click("Call again");
    await click(/010-0124/);
    expect(stage.asked).toEqual({ do: "call.notes", text: "busy" });
    await stage.do(() => stage.network.last.answer("call.notes"));
    expect(stage.asked).toEqual({ do: "lead.dial", number: 1 });
  });

  test("with one number there is nothing to choose", async () => {
    await stage.open({ ...wrapping, lead: aLead({ numbers: aLead().numbers.slice(0, 1) }) });
    await click("Call again");
    expect(stage.asked).toEqual({ do: "lead.dial", number: 0 });
  });

  test("where Callside dials, whoever is wrapped up is called again, too", async () => {
    await stage.open({ ...wrapping, ...progressive() });
    expect(button("Call again")).toBeTruthy();
    expect(button("Callback")).toBeTruthy();
  });

  test("a call without a lead has no callback", async () => {
    await stage.open({ ...wrapping, lead: null });
    noButton("Callback");
    noButton("Call again");
  });
});
