import { expect, it } from "vitest";
import { clock, percent, rankOf } from "../src/words";

it("writes times as people read them", () => {
  expect([0, 59_999, 75_000, 3_723_000, -5].map(clock)).toEqual(["0:00", "0:59", "1:15", "1:02:03", "0:00"]);
});

it("has no share where there was nothing to divide by", () => {
  expect([percent(null), percent(0), percent(0.845)]).toEqual(["–", "0 %", "85 %"]);
});

it("puts who needs to be looked at first", () => {
  const states = ["ready", "break", "talking", "lost", "wrap_up"];
  expect(states.sort((a, b) => rankOf(a) - rankOf(b))).toEqual(["lost", "talking", "wrap_up", "ready", "break"]);
});
