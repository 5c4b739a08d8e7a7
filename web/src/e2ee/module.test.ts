// The WebAssembly core: what it is made of, and that it derives what docs/protocol.md says.

import assert from "node:assert/strict";
import { createDecipheriv, hkdfSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fromBase64url } from "./base64url.ts";
import { built, countUp, newModule, Pair, participant } from "./testing.ts";

const secret = countUp(32, 0);
const meeting = countUp(16, 0x40);

test("the module imports its cryptography and nothing else, no WASI", async () => {
  const module = await WebAssembly.compile(readFileSync(built("src/e2ee/e2ee.wasm")));
  const imports = WebAssembly.Module.imports(module);
  assert.deepEqual([...new Set(imports.map((i) => i.module))], ["incamera"]);
  assert.deepEqual(imports.map((i) => i.name).sort(), [
    "aead_free",
    "aead_new",
    "aead_open",
    "aead_seal",
    "cipher_open",
    "cipher_seal",
    "ed25519_public",
    "ed25519_sign",
    "ed25519_verify",
    "hash",
    "hmac",
    "mlkem_decap",
    "mlkem_encap",
    "mlkem_public",
    "random",
    "sha3_256",
    "shake256",
    "x25519_public",
    "x25519_secret",
  ]);
});

test("the admission proof is HKDF of the link secret", async () => {
  const module = await newModule();
  const want = hkdfSync("sha256", secret, "", "incamera 1 admission", 32);
  assert.deepEqual(Buffer.from(module.admissionProof(secret)), Buffer.from(want));
});

test("an announcement opens with the key of the protocol, by other code", async () => {
  const module = await participant();
  const who = countUp(16, 9);
  const sealed = Buffer.from(module.sealAnnouncement(who, Buffer.from('{"name":"Layla"}')));
  const info = Buffer.concat([Buffer.from("incamera 1 announcement"), meeting]);
  const key = Buffer.from(hkdfSync("sha256", secret, "", info, 16));
  const cipher = createDecipheriv("aes-128-gcm", key, sealed.subarray(0, 12));
  cipher.setAAD(who);
  cipher.setAuthTag(sealed.subarray(-16));
  const text = Buffer.concat([cipher.update(sealed.subarray(12, -16)), cipher.final()]);
  assert.equal(text.length, 256);
  assert.equal(text.toString().trimEnd(), '{"name":"Layla"}');
});

test("an announcement with any byte changed, or of another participant, does not open", async () => {
  const module = await participant();
  const who = countUp(16, 9);
  const sealed = module.sealAnnouncement(who, Buffer.from("{}"));
  assert.equal(module.openAnnouncement(countUp(16, 10), sealed), undefined);
  for (let i = 0; i < sealed.length; i++) {
    const damaged = sealed.slice();
    damaged[i] = (damaged[i] ?? 0) ^ 1;
    assert.equal(module.openAnnouncement(who, damaged), undefined);
  }
  assert.equal(module.openAnnouncement(who, sealed.subarray(0, 27)), undefined);
  assert.ok(module.openAnnouncement(who, sealed));
});

test("a frame opens with the key schedule of the protocol and RFC 9605, by other code", async () => {
  const pair = await Pair.make();
  const sender = pair.alice.newSender("camera", "vp8");
  const frame = Buffer.from([0x31, 5, 6, 7, 8, 9]);
  const plan = pair.alice.planSeal(sender, frame);
  assert.ok(typeof plan !== "number");
  const media = pair.alice.keys.media(plan.key);
  assert.ok(media);
  const body = Buffer.from(await crypto.subtle.encrypt(plan.parameters, media, frame));

  const kid = (1 << 18) | (3 << 8) | pair.epoch.number;
  const kid4 = Buffer.alloc(4);
  kid4.writeUInt32BE(kid);
  const info = Buffer.concat([Buffer.from("incamera 1 frames"), meeting, kid4]);
  const nonce = fromBase64url(pair.epoch.nonce, 16) ?? new Uint8Array();
  const base = Buffer.from(hkdfSync("sha256", secret, nonce, info, 16));
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
  const media = pair.alice.keys.media(plan.key);
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
  const algorithm = pair.alice.keys.media(plan.key)?.algorithm;
  assert.deepEqual({ ...algorithm }, { name: "AES-GCM", length: 128 });
});

test("an epoch of nonsense is not installed", async () => {
  const module = await participant();
  const nonce = "AAECAwQFBgcICQoLDA0ODw";
  const rows = [
    { what: "an index of 1024", index: 1024, epoch: { number: 1, nonce } },
    { what: "an index below zero", index: -1, epoch: { number: 1, nonce } },
    { what: "a number of 256", index: 1, epoch: { number: 256, nonce } },
    { what: "half a number", index: 1, epoch: { number: 0.5, nonce } },
    { what: "a short nonce", index: 1, epoch: { number: 1, nonce: "AAEC" } },
    { what: "no base64url", index: 1, epoch: { number: 1, nonce: `${nonce.slice(1)}=` } },
  ];
  for (const { what, index, epoch } of rows)
    assert.equal(await module.memberInstall(index, epoch, 0), false, what);
});
