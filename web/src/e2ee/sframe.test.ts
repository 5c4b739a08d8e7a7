// The published vectors of RFC 9605 on the WebAssembly build, read in place from $VECTORS/sframe.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { Provider } from "./provider.ts";
import { built } from "./testing.ts";

const file = `${process.env.VECTORS ?? "../shared/vectors"}/sframe/sframe.json`;
const skip = existsSync(file) ? false : `the published vectors are not at ${file}`;

interface HeaderRow {
  kid: bigint;
  ctr: bigint;
  encoded: string;
}
interface FrameRow {
  cipher_suite: bigint;
  kid: bigint;
  ctr: bigint;
  [hex: string]: string | bigint;
}

/** Numbers become bigints: some are beyond what a double holds. */
function vectors(): { header: HeaderRow[]; sframe: FrameRow[] } {
  const text = readFileSync(file, "utf8").replaceAll(/(": ?)(\d+)/g, '$1"#$2"');
  return JSON.parse(text, (_, value) =>
    typeof value === "string" && value.startsWith("#") ? BigInt(value.slice(1)) : value,
  );
}

interface Exports {
  memory: WebAssembly.Memory;
  _initialize(): void;
  io(): number;
  header_write(): number;
  header_read(length: number): number;
  derive(suite: number): void;
  seal(aadLength: number, length: number): number;
}

async function load() {
  const provider = new Provider();
  const wasm = readFileSync(built("tests/e2ee/e2ee_vectors.wasm"));
  const { instance } = await WebAssembly.instantiate(wasm, { incamera: provider.imports });
  const api = instance.exports as unknown as Exports;
  provider.attach(api.memory);
  api._initialize();
  const io = api.io();
  return {
    api,
    view: new DataView(api.memory.buffer, io),
    hex: (at: number, length: number) =>
      Buffer.from(api.memory.buffer, io + at, length).toString("hex"),
    put: (at: number, hex: unknown) => {
      const bytes = Buffer.from(String(hex), "hex");
      new Uint8Array(api.memory.buffer, io + at, bytes.length).set(bytes);
      return bytes.length;
    },
  };
}

test("sframe headers in WebAssembly are those of RFC 9605 both ways", { skip }, async () => {
  const { api, view, hex, put } = await load();
  for (const { kid, ctr, encoded } of vectors().header) {
    view.setBigUint64(0, kid, true);
    view.setBigUint64(8, ctr, true);
    assert.equal(hex(112, api.header_write()), encoded);
    view.setBigUint64(0, 99n, true);
    assert.equal(api.header_read(put(112, encoded)), encoded.length / 2);
    assert.equal(view.getBigUint64(0, true), kid);
    assert.equal(view.getBigUint64(8, true), ctr);
  }
});

test("sframe keys, salts and nonces in WebAssembly are those of RFC 9605", { skip }, async () => {
  const { api, view, hex, put } = await load();
  for (const row of vectors().sframe) {
    view.setBigUint64(0, row.kid, true);
    view.setBigUint64(8, row.ctr, true);
    put(16, row.base_key);
    api.derive(Number(row.cipher_suite));
    assert.equal(hex(48, String(row.sframe_key).length / 2), row.sframe_key);
    assert.equal(hex(48 + 48 + 4, 12), row.sframe_salt);
    assert.equal(hex(32, 12), row.nonce);
  }
});

// Suites 1 and 3 are never used: their cipher (AES-CTR with HMAC) is not written.
test("sframe whole frame of suite 4 in WebAssembly is that of RFC 9605", { skip }, async () => {
  const { api, view, hex, put } = await load();
  const rows = vectors().sframe.filter((row) => row.cipher_suite === 4n);
  assert.equal(rows.length, 1);
  for (const row of rows) {
    view.setBigUint64(0, row.kid, true);
    view.setBigUint64(8, row.ctr, true);
    const header = hex(112, api.header_write());
    put(16, row.base_key);
    api.derive(4);
    const aad = put(112, row.aad);
    const length = put(112 + aad, row.pt);
    assert.equal(api.seal(aad, length), 1);
    assert.equal(header + hex(112 + aad, length + 16), row.ct);
  }
});
