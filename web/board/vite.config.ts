import { defineConfig } from "vite";

// The page's policy allows files of its own origin only: nothing is inlined, neither code nor pictures.
export default defineConfig({
  base: "/board/",
  root: import.meta.dirname,
  publicDir: false,
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    rolldownOptions: {
      output: { comments: { legal: false } },
    },
  },
});
