import type { View } from "@callside/phone-core";
import { cleanup, fireEvent, screen } from "@testing-library/preact";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { aCall, aWrapUp, inState } from "../../phone-core/test/fakes";
import { DESK_PHONE, Stage } from "./stage";

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

const at = (name: View["state"]["name"], part: Partial<View> = {}) => inState(name, { line: DESK_PHONE, ...part });

describe("callers who wait", () => {
  test.each([
    ["talking", { call: aCall() }],
    ["wrap_up", { wrapUp: aWrapUp() }],
    ["not_responding", {}],
  ] as const)("are counted in the head while %s", async (name, part) => {
    await stage.open(at(name, { ...part, waiting: 2 }));
    expect(screen.getByText("2 waiting · Support")).toBeTruthy();
  });

  test("are not counted there where nobody waits, nor where the queues are listed", async () => {
    await stage.open(at("talking", { call: aCall() }));
    expect(screen.getByText("Incoming calls · Support")).toBeTruthy();
    await stage.show(at("ready", { waiting: 2 }));
    expect(screen.getByText("Incoming calls · Support")).toBeTruthy();
  });
});

describe("a new situation", () => {
  test("is seen from its beginning", async () => {
    const scrolled = vi.spyOn(window, "scrollTo").mockImplementation(() => {});
    await stage.open(at("talking", { call: aCall() }));
    scrolled.mockClear();
    await stage.show(at("wrap_up", { wrapUp: aWrapUp() }));
    expect(scrolled).toHaveBeenCalledWith(0, 0);
  });

  test("does not move what somebody is writing in", async () => {
    const scrolled = vi.spyOn(window, "scrollTo").mockImplementation(() => {});
    await stage.open(at("talking", { call: aCall() }));
    await stage.do(() => fireEvent.focusIn(screen.getByLabelText("Notes")));
    scrolled.mockClear();
    await stage.show(at("wrap_up", { wrapUp: aWrapUp() }));
    expect(scrolled).not.toHaveBeenCalled();
  });
});
