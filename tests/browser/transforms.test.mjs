// The core, its workers and the transforms in real browsers, without a server between them:
//
//   Alice's page half                            Bob's page half
//   camera, microphone -> core -> sealed frames ====> core -> picture, sound
//
// Both halves are one page with two peer connections and two cores (pages/transforms.ts).
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { chromium, firefox } from "./lib/people.mjs";
import { root } from "./lib/server.mjs";

const require = createRequire(join(root, "web/package.json"));
const { build } = require("esbuild");
const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; worker-src 'self'; " +
  "img-src 'self'; media-src 'self' blob:";
const SEND_MS = 4000;

async function script(entry) {
  const target = ["chrome111", "firefox115"];
  const made = await build({
    entryPoints: [join(root, entry)],
    bundle: true,
    write: false,
    format: "iife",
    target,
  });
  return made.outputFiles[0].text;
}

let server;
let origin;

before(async () => {
  const wasm = (name) => readFileSync(join(root, `build/release/src/e2ee/${name}.wasm`));
  const files = {
    "/": ["text/html", '<!doctype html><title>transforms</title><script src="/page.js"></script>'],
    "/page.js": ["text/javascript", await script("tests/browser/pages/transforms.ts")],
    "/e2ee-worker.js": ["text/javascript", await script("web/src/e2ee/group_worker.ts")],
    "/frames-worker.js": ["text/javascript", await script("web/src/e2ee/frames_worker.ts")],
    "/e2ee.wasm": ["application/wasm", wasm("e2ee")],
    "/frames.wasm": ["application/wasm", wasm("frames")],
  };
  server = createServer(({ url }, response) => {
    const [type, body] = files[url] ?? ["text/plain", ""];
    response.writeHead(200, { "content-type": type, "content-security-policy": POLICY });
    response.end(body);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  origin = `http://127.0.0.1:${server.address().port}/`;
});

after(() => server?.close());

// Side by side: each waits most of the time.
describe("transforms", { concurrency: true }, () => {
  for (const [name, start] of [
    ["Chromium", chromium],
    ["Firefox", firefox],
  ]) {
    test(`transforms in ${name}`, async (t) => {
      const person = await start({ name });
      const play = (scene) => person.evaluate((s) => globalThis.play(s), { ...scene, ms: SEND_MS });
      try {
        await person.open(origin);

        // That many links take the group's worker seconds. Frames in the same one would wait for them all.
        await t.test("picture and sound arrive sealed, every frame opens, both are shown, and no frame waits for the group", async () => {
          const seen = await play({ alice: "early", bob: "early", linksToMake: 12_000 });
          const told = JSON.stringify(seen);
          assert.ok(seen.drawnMeanwhile > 10, told);
          t.diagnostic(`${seen.drawnMeanwhile} pictures while the group was busy`);
          assert.deepEqual(seen.shown, ["picture", "voice"], told);
          assert.ok(seen.pictures > 10 && seen.drawn > 5 && seen.energy > 0, told);
          for (const { out, failed, dropped } of Object.values(seen.counts))
            assert.ok(out > 10 && failed === 0 && dropped === 0, told);
        });

        await t.test("a sender's transform that is attached late is refused and lets nothing out", async () => {
          const seen = await play({ alice: "late", bob: "early" });
          const told = JSON.stringify(seen);
          assert.equal(seen.refused, 2, told);
          assert.equal(seen.sent, 0, told);
          assert.deepEqual([seen.pictures, seen.drawn, seen.energy], [0, 0, 0], told);
        });

        await t.test("a receiver's transform that is attached late is refused and shows nobody", async () => {
          const seen = await play({ alice: "early", bob: "late" });
          const told = JSON.stringify(seen);
          assert.equal(seen.refused, 2, told);
          assert.ok(seen.sent > 30, told);
          assert.deepEqual([seen.pictures, seen.drawn, seen.shown], [0, 0, []], told);
        });

        // Left alone a browser's picture stands still for three seconds.
        await t.test("a key that comes late thaws the picture by a key frame asked for", async () => {
          const seen = await play({ alice: "early", bob: "early", newKeyAfterMs: 500 });
          const told = JSON.stringify(seen);
          assert.ok(seen.thawedMs < 1500, told);
          t.diagnostic(`a picture ${Math.round(seen.thawedMs)} ms after the key`);
        });

        // SEC-04, part
        await t.test("frames in the clear render nothing", async () => {
          const seen = await play({ alice: "never", bob: "early" });
          const told = JSON.stringify(seen);
          assert.ok(seen.sent > 30, told);
          assert.deepEqual([seen.pictures, seen.drawn, seen.energy, seen.shown], [0, 0, 0, []], told);
          assert.ok(seen.counts.picture.dropped > 10 && seen.counts.picture.out === 0, told);
        });
      } finally {
        await person.close();
      }
    });
  }
});
