import { expect, test } from "vitest";
import { formatDuration } from "../src";

test.each([
  [0, "0:00"],
  [7_999, "0:07"],
  [61_000, "1:01"],
  [754_000, "12:34"],
  [3_723_000, "1:02:03"],
  [-5_000, "0:00"],
])("%i ms is shown as %s", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});
