import type { Campaign, LeadRow, View } from "@callside/phone-core";
import { cleanup, fireEvent, screen } from "@testing-library/preact";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { inState } from "../../phone-core/test/fakes";
import { dueWords, fromLocalInput, toLocalInput } from "../src/words-of-leads";
import { DESK_PHONE, Stage } from "./stage";

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});
afterEach(cleanup);

const HOUR = 3_600_000;
const button = (name: string | RegExp) => screen.getByRole("button", { name });
const click = (name: string | RegExp) => stage.do(() => fireEvent.click(button(name)));
const tab = (name: string) => stage.do(() => fireEvent.click(screen.getByRole("tab", { name })));
const heading = (name: string) => screen.getByRole("heading", { name });
const ready = (type: Campaign["type"] = "MANUAL", halt: string | null = null): View =>
  inState("ready", {
    line: DESK_PHONE,
    loginType: "MANUAL",
    queues: [],
    campaign: { type, halt, resumesMs: null },
    canDial: true,
  });

describe("calling at one's own pace", () => {
  const row = (part: Partial<LeadRow>): LeadRow => ({
    id: "9001",
    name: "Maria Okafor",
    display: "(555) 010-0123",
    label: "mobile",
    attempts: 0,
    lastOutcome: null,
    dueAt: 0,
    callback: null,
    notes: "",
    ...part,
  });
  const list = async (...leads: LeadRow[]) => {
    await stage.open(ready());
    await tab("My list");
    await stage.do(() => stage.network.last.answer("leads.list", { leads }));
  };

  test("begins with the keypad; the list is beside it", async () => {
    await stage.open(ready());
    expect(screen.getByRole("textbox", { name: "Number to dial" })).toBeTruthy();
    await tab("My list");
    expect(stage.asked).toEqual({ do: "leads.list" });
    expect(screen.getByText("Fetching your list…")).toBeTruthy();
  });

  test("callbacks come first, and say since when they are late", async () => {
    const mine = { agent: "Ann", mine: true };
    await list(row({ callback: mine, dueAt: Date.now() - 60_000 }), row({ id: "9002", name: "Jonas Lind" }));
    const titles = screen.getAllByRole("heading", { level: 2 }).map(({ textContent }) => textContent);
    expect(titles).toEqual(["Callbacks", "Next in the campaign"]);
    expect(button(/Maria Okafor/).textContent).toContain("since");
    await click(/Jonas Lind/);
    expect(stage.asked).toEqual({ do: "lead.show", lead: "9002" });
  });

  test("somebody whom a colleague has opened meanwhile: it is said, and the list fetched anew", async () => {
    await list(row({}));
    await click(/Maria Okafor/);
    await stage.do(() => stage.network.last.refuse("lead.show", "conflict", "lead: somebody else has it"));
    expect(screen.getAllByRole("alert").map(({ textContent }) => textContent)).toContain("Somebody else has itOK");
    expect(stage.asked).toEqual({ do: "leads.list" });
  });

  test("an empty list says so, and the next customer can be asked for", async () => {
    await list();
    expect(screen.getByText("Nobody is on your list just now.")).toBeTruthy();
    await click("Next customer");
    expect(stage.asked).toEqual({ do: "lead.next" });
  });

  test("a list that cannot be had can be fetched again", async () => {
    await stage.open(ready());
    await tab("My list");
    await stage.do(() => stage.network.last.refuse("leads.list", "unavailable", "The database cannot be read"));
    expect(screen.getByText("The database cannot be read")).toBeTruthy();
    await click("Refresh");
    await stage.do(() => stage.network.last.answer("leads.list", { leads: [row({})] }));
    expect(button(/Maria Okafor/)).toBeTruthy();
  });

  test("why nobody new comes stands above the list", async () => {
    await stage.open(ready("MANUAL", "paused"));
    await tab("My list");
    expect(screen.getByText(/^The campaign is paused/)).toBeTruthy();
  });

  test("in a PREVIEW campaign the next customer comes by themselves; the keypad is a tab away", async () => {
    await stage.open(ready("PREVIEW"));
    expect(heading("Looking for your next customer")).toBeTruthy();
    await tab("Keypad");
    expect(screen.getByRole("textbox", { name: "Number to dial" })).toBeTruthy();
  });

  test("arrow keys walk through the tabs", async () => {
    await stage.open(ready("PREVIEW"));
    await stage.do(() => fireEvent.keyDown(screen.getByRole("tab", { name: "Next" }), { key: "ArrowLeft" }));
    expect(screen.getByRole("tab", { name: "Keypad" }).getAttribute("aria-selected")).toBe("true");
  });
});

describe("dates", () => {
  const now = new Date("2030-03-05T12:00").getTime();

  test("a moment goes into the picker and comes back", () => {
    expect(toLocalInput(now)).toBe("2030-03-05T12:00");
    expect(fromLocalInput("2030-03-05T12:00")).toBe(now);
    expect(fromLocalInput("")).toBeNull();
    expect(fromLocalInput("soon")).toBeNull();
  });

  test.each([
    [now + HOUR, /^1:00|^13:00/],
    [now + 24 * HOUR, /^tomorrow 12:00/],
    [now + 96 * HOUR, /Mar 9.*12:00/],
    [now - HOUR, /^since 11:00/],
    [now - 48 * HOUR, /^since .*Mar 3/],
  ])("%d is %s", (dueAt, words) => {
    expect(dueWords(dueAt, now)).toMatch(words);
  });
});
