import { cleanup, fireEvent, screen } from "@testing-library/preact";
import { afterEach, beforeEach, expect, test } from "vitest";
import { aCall, inState } from "../../phone-core/test/fakes";
import { DESK_PHONE, Stage } from "./stage";

const callback = { direction: "outbound", callback: true } as const;
const offered = inState("ringing", { line: DESK_PHONE, call: aCall({ ...callback, state: "offered" }) });
const dialled = inState("dialing", { line: DESK_PHONE, call: aCall({ ...callback, state: "ringing" }) });

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});
afterEach(cleanup);

test("a callback is told apart from a call, also to those who only hear the page", async () => {
  await stage.open(offered);
  expect(screen.getByRole("status").textContent).toBe("Callback");
  expect(screen.getByText(/Wants to be called back/)).toBeTruthy();
  expect(screen.getByText("Callback, Maria Okafor, (555) 010-0123, for Support")).toBeTruthy();
  expect(screen.getByText("Queue:")).toBeTruthy();
});

test("taking a callback is answering it, and then the customer is rung", async () => {
  await stage.open(offered);
  await stage.do(() => fireEvent.click(screen.getByRole("button", { name: "Call back" })));
  expect(stage.asked).toEqual({ do: "call.answer" });
  await stage.show(dialled);
  expect(screen.getByRole("status").textContent).toBe("Dialing");
  expect(screen.getByRole("button", { name: "Hang up" })).toBeTruthy();
});
