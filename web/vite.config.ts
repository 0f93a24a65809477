import { defineConfig } from "vitest/config";

export default defineConfig({
  build: {
    target: "es2022",
    // Every file keeps its own address: a strict policy allows no data URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
    reportCompressedSize: true,
  },
  test: {
    include: ["test/**/*.test.ts"],
  },
});
