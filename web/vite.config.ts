import { defineConfig } from "vitest/config";

export default defineConfig({
  build: {
    target: "es2022",
    // A strict policy allows no data URLs: every picture keeps an address of its own.
    assetsInlineLimit: 0,
    modulePreload: false,
    chunkSizeWarningLimit: 600,
    rolldownOptions: {
      output: { codeSplitting: false },
      // livekit-client carries shims for browsers of old. One that has X25519, without which no
      // secret opens here, needs none of them; this leaves out 9 kB.
      treeshake: { manualPureFunctions: ["adapterFactory"] },
    },
  },
  test: {
    include: ["test/**/*.test.ts"],
  },
});
