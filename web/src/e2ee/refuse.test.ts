// A browser that cannot seal is refused, and told why.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBase64url, toBase64url } from "./base64url.ts";
import { refuse } from "./refuse.ts";

const able = {
  isSecureContext: true,
  RTCRtpScriptTransform: 1,
  RTCPeerConnection: 1,
  WebAssembly: 1,
  Worker: 1,
};

test("a browser with all that is needed is not refused", () => {
  assert.equal(refuse(able), undefined);
});

test("a browser without one of them is refused with its name", () => {
  const { RTCRtpScriptTransform: _transform, ...withoutTransform } = able;
  const { WebAssembly: _wasm, ...withoutWasm } = able;
  assert.equal(refuse(withoutTransform), "script_transform");
  assert.equal(refuse(withoutWasm), "wasm");
  assert.equal(refuse({ ...able, isSecureContext: false }), "secure_context");
  assert.equal(refuse({}), "secure_context");
});

test("base64url round trips, and refuses other spellings", () => {
  for (let length = 0; length < 20; length++) {
    const bytes = Uint8Array.from({ length }, (_, i) => 250 - i * 13);
    assert.deepEqual(fromBase64url(toBase64url(bytes), length), bytes);
  }
  for (const text of ["Zg==", "Zh", "+g", "Z", "Zm 8"])
    assert.equal(fromBase64url(text), undefined, text);
});
