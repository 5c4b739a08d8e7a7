// What a secret leaves behind in the memory of libsodium.

import assert from "node:assert/strict";
import { test } from "node:test";
import { CoreMemory } from "./memory.ts";
import { library, Sodium } from "./sodium.ts";

const SECRET = 1024; // addresses in the core's memory
const POINT = 2048;
const OUT = 4096;
const BASE = Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 9 : 0));

test("libsodium's memory holds neither a secret nor what was made of it after a call", async () => {
  const lib = await library();
  const memory = new CoreMemory();
  memory.attach(new WebAssembly.Memory({ initial: 1 }));
  const make = new Sodium(lib).imports(memory);
  memory.at(POINT, 32).set(BASE);
  const rows = [
    { what: "x25519_secret", out: 32, run: () => make.x25519_secret(OUT, SECRET, POINT) },
    { what: "x25519_public", out: 0, run: () => make.x25519_public(OUT, SECRET) },
    { what: "ed25519_public", out: 0, run: () => make.ed25519_public(OUT, SECRET) },
    { what: "ed25519_sign", out: 0, run: () => make.ed25519_sign(OUT, SECRET, POINT, 32) },
    { what: "mlkem_public", out: 0, run: () => make.mlkem_public(OUT, SECRET) },
    { what: "mlkem_decap", out: 32, run: () => make.mlkem_decap(OUT, POINT, SECRET) },
    {
      what: "ChaCha20-Poly1305",
      out: 0,
      run: () => make.chacha_seal(OUT, SECRET, POINT, POINT, 0, POINT, 32),
    },
  ];
  for (const { what, out, run } of rows) {
    const secret = crypto.getRandomValues(memory.at(SECRET, 64)).slice();
    assert.ok(run(), what);
    const heap = Buffer.from(lib.HEAPU8);
    for (const at of [0, 16, 32, 48])
      assert.equal(
        heap.indexOf(secret.subarray(at, at + 16)),
        -1,
        `${what}, the secret from ${at}`,
      );
    for (let at = 0; at < out; at += 16)
      assert.equal(heap.indexOf(memory.copy(OUT + at, 16)), -1, `${what}, its result from ${at}`);
  }
});
