// What is bold in a link: what somebody registered.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ownedPart } from "./owned.ts";

test("of a host the part that somebody registered is known, and of a public suffix none (CHT-01)", () => {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ["login.paypal.com.evil.org", "evil.org"],
    ["www.bank.co.uk", "bank.co.uk"],
    ["sam.github.io", "sam.github.io"],
    ["github.io", undefined],
    ["co.uk", undefined],
    ["xn--bcher-kva.example", "xn--bcher-kva.example"],
  ];
  for (const [host, owned] of rows) assert.equal(ownedPart(host), owned, host);
});
