import { expect, it } from "vitest";
import { clock, lookOf, overLimit, percent, rankOf } from "../src/words";

it("writes times as people read them", () => {
  expect([0, 59_999, 75_000, 3_723_000, -5].map(clock)).toEqual(["0:00", "0:59", "1:15", "1:02:03", "0:00"]);
});

it("has no share where there was nothing to divide by", () => {
  expect([percent(null), percent(0), percent(0.845)]).toEqual(["–", "0 %", "85 %"]);
});

it("puts who needs to be looked at first", () => {
  const states = ["ready", "break", "talking", "lost", "wrap_up"];
  expect(states.sort((a, b) => rankOf(lookOf(a)) - rankOf(lookOf(b)))).toEqual([
    "lost",
    "talking",
    "wrap_up",
    "ready",
    "break",
  ]);
});

it("says when a break has gone on beyond its limit, and never of one without", () => {
  expect(overLimit({ break_limit_at: 10_000 }, 9_999)).toBe(false);
  expect(overLimit({ break_limit_at: 10_000 }, 10_000)).toBe(true);
  expect(overLimit({ break_limit_at: null }, 99_999)).toBe(false);
});
