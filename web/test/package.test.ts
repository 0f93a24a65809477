import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const web = new URL("..", import.meta.url).pathname;

it("the package builds from the page's own source, and holds what it names", async () => {
  // Within reach of node_modules, as it would be where it is installed.
  const folder = mkdtempSync(join(web, "node_modules", ".offmic-receiver-"));
  try {
    const tsc = join(web, "node_modules", ".bin", "tsc");
    execFileSync(tsc, ["--project", join(web, "receiver", "tsconfig.json"), "--outDir", folder]);
    const { Receiver } = (await import(join(folder, "receiver.js"))) as typeof import("../src/receiver");
    expect((await Receiver.create()).key).toMatch(/^[\w-]{43}$/);
    const { default: manifest } = await import("../receiver/package.json");
    const { types, default: main } = manifest.exports["."];
    expect([types, main]).toEqual(["./dist/receiver.d.ts", "./dist/receiver.js"]);
    expect(Object.keys(manifest.dependencies)).toEqual(["@hpke/core"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 60_000);
