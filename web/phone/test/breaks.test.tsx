import type { View } from "@callside/phone-core";
import { cleanup, fireEvent, screen } from "@testing-library/preact";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { aCall, inState } from "../../phone-core/test/fakes";
import { DESK_PHONE, Stage } from "./stage";

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});
afterEach(cleanup);

const click = (name: string) => stage.do(() => fireEvent.click(screen.getByRole("button", { name })));
const at = (name: View["state"]["name"], part: Partial<View> = {}) => inState(name, { line: DESK_PHONE, ...part });

describe("breaks", () => {
  test("a break asked for in a call is shown, and can be taken back", async () => {
    await stage.open(
      at("talking", {
        call: aCall(),
        pending: { break: { code: "lunch", label: "Lunch", limitMs: null }, logout: false },
      }),
    );
    expect(screen.getByText("Break after this call: Lunch")).toBeTruthy();
    await click("Cancel break");
    expect(stage.asked).toEqual({ do: "state.cancelBreak" });
  });

  test("a break with a limit says what is left of it, and then how far it is beyond it", async () => {
    const reason = { code: "lunch", label: "Lunch", limitMs: 120_000 };
    await stage.open(at("break", { state: { name: "break", elapsedMs: 0, reason } }));
    expect(screen.getByRole("timer", { name: "Break time left" }).textContent).toBe("2:00");
    expect(screen.getByText("of 2 min")).toBeTruthy();
    const mood = () => document.querySelector(".phone")?.getAttribute("data-mood");
    expect(mood()).toBe("away");
    await stage.show(at("break", { state: { name: "break", elapsedMs: 110_000, reason } }));
    await stage.pass(9_000);
    expect(screen.getByRole("timer", { name: "Break time left" }).textContent).toBe("0:01");
    await stage.show(at("break", { state: { name: "break", elapsedMs: 120_000, reason } }));
    await stage.pass(5_000);
    expect(screen.getByRole("timer", { name: "Time over the limit" }).textContent).toBe("0:05");
    const said = screen.getByText("Your break is longer than 2 min.");
    expect(said.getAttribute("aria-live")).toBe("polite");
    expect(mood()).toBe("trouble");
    await click("Back to ready");
    expect(stage.asked).toEqual({ do: "state.ready" });
  });

  test("a break without a limit has no time left", async () => {
    const reason = { code: "other", label: "Other", limitMs: null };
    await stage.open(at("break", { state: { name: "break", elapsedMs: 9_000_000, reason } }));
    expect(screen.queryByRole("timer", { name: /limit|left/ })).toBeNull();
  });
});
