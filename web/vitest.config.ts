import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    environment: "happy-dom",
    include: ["phone-core/**/*.test.ts", "phone/**/*.test.{ts,tsx}", "board/**/*.test.{ts,tsx}"],
    passWithNoTests: true,
  },
});
