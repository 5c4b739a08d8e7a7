// The WebAssembly modules: what they are made of, and that keys of frames are derived as
// docs/security.md says.

import assert from "node:assert/strict";
import { createDecipheriv, hkdfSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ALICE, baseKeyOf, built, Pair } from "./testing.ts";

async function compiled(name: string): Promise<WebAssembly.Module> {
  return WebAssembly.compile(readFileSync(built(`src/e2ee/${name}.wasm`)));
}

async function importsOf(name: string): Promise<string[]> {
  const imports = WebAssembly.Module.imports(await compiled(name));
  assert.deepEqual([...new Set(imports.map((i) => i.module))], ["incamera"]);
  return imports.map((i) => i.name).sort();
}

test("the modules import their cryptography, what goes from one to the other, and nothing else, no WASI", async () => {
  assert.deepEqual(await importsOf("e2ee"), [
    "chacha_open",
    "chacha_seal",
    "ed25519_public",
    "ed25519_sign",
    "ed25519_verify",
    "keys_hold",
    "keys_install",
    "keys_left",
    "keys_over",
    "keys_send",
    "mlkem_decap",
    "mlkem_encap",
    "mlkem_public",
    "random",
    "sha3_256",
    "shake256",
    "x25519_public",
    "x25519_secret",
  ]);
  assert.deepEqual(await importsOf("frames"), ["aead_free", "aead_new"]);
});

test("the keys that a link alone gave once are gone", async () => {
  const wasm = readFileSync(built("src/e2ee/e2ee.wasm"));
  const exports = WebAssembly.Module.exports(await compiled("e2ee")).map((e) => e.name);
  assert.ok(exports.includes("conference_open"));
  assert.deepEqual(
    exports.filter((name) => /link_open|open_link|epoch|member|announce/.test(name)),
    ["conference_epoch"],
  );
  assert.ok(wasm.includes("incamera 2 admission"), "labels are found here");
  for (const gone of ["incamera 1 frames", "incamera 1 announcement", "incamera 1 admission"])
    assert.ok(!wasm.includes(gone), gone);
});

test("nothing that comes out of the frames' module is a key", async () => {
  const exports = WebAssembly.Module.exports(await compiled("frames")).map((e) => e.name);
  assert.deepEqual(
    exports.filter((name) => /key|secret|export/.test(name)),
    [],
  );
});

test("a frame opens with the key schedule of the protocol and RFC 9605, by other code", async () => {
  const pair = await Pair.make();
  const sender = pair.alice.newSender("camera", "vp8");
  const frame = Buffer.from([0x31, 5, 6, 7, 8, 9]);
  const plan = pair.alice.planSeal(sender, frame);
  assert.ok(typeof plan !== "number");
  const media = await pair.alice.keys.hardened(plan.key);
  assert.ok(media);
  const body = Buffer.from(await crypto.subtle.encrypt(plan.parameters, media, frame));

  const kid = (1 << 18) | (ALICE << 8) | pair.epoch;
  const kid4 = Buffer.alloc(4);
  kid4.writeUInt32BE(kid);
  const base = Buffer.from(baseKeyOf(pair.epoch));
  const label = (name: string) =>
    Buffer.concat([
      Buffer.from(`SFrame 1.0 Secret ${name} `),
      Buffer.alloc(4),
      kid4,
      Buffer.of(0, 4),
    ]);
  const key = Buffer.from(hkdfSync("sha256", base, "", label("key"), 16));
  const salt = Buffer.from(hkdfSync("sha256", base, "", label("salt"), 12));
  const cipher = createDecipheriv("aes-128-gcm", key, salt); // counter 0: the nonce is the salt
  cipher.setAAD(Buffer.concat([plan.prefix.subarray(1), plan.prefix.subarray(0, 1)]));
  cipher.setAuthTag(body.subarray(-16));
  assert.deepEqual(Buffer.concat([cipher.update(body.subarray(0, -16)), cipher.final()]), frame);
});

test("keys of frames cannot be read, also by the worker", async () => {
  const pair = await Pair.make();
  const plan = pair.alice.planSeal(pair.alice.newSender("camera", "vp8"), Buffer.from([1, 2, 3]));
  assert.ok(typeof plan !== "number");
  const media = await pair.alice.keys.hardened(plan.key);
  assert.ok(media && !media.extractable);
  await assert.rejects(crypto.subtle.exportKey("raw", media));
});

// SEC-05: the cipher that runs is the one that the page about it names.
test("frames are sealed with the suite that docs/security.md names, and no other is named", async () => {
  const page = readFileSync("docs/security.md", "utf8");
  assert.deepEqual(page.match(/AES_\w+/g), ["AES_128_GCM_SHA256_128"]);
  const pair = await Pair.make();
  const plan = pair.alice.planSeal(pair.alice.newSender("camera", "vp8"), Buffer.from([1, 2, 3]));
  assert.ok(typeof plan !== "number");
  assert.equal(plan.parameters.tagLength, 128);
  const algorithm = (await pair.alice.keys.hardened(plan.key))?.algorithm;
  assert.deepEqual({ ...algorithm }, { name: "AES-GCM", length: 128 });
});
