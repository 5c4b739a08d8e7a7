// The steps of a reconnection, with times of the test's own.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { PeerState } from "../media/peer.ts";
import { nextStep, type Step } from "./recovery.ts";

const lost = { since: 1000, restarted: false, freshAt: -60_000 };

function step(peer: PeerState, after: number, trouble = lost, signalling = true): Step {
  return nextStep(trouble, { peer, signalling }, 1000 + after);
}

test("a path that went silent is restarted after 2 s, once, and made anew at 10 s", () => {
  assert.equal(step("disconnected", 1999), "wait");
  assert.equal(step("disconnected", 2000), "restart");
  const restarted = { ...lost, restarted: true };
  assert.equal(step("disconnected", 5000, restarted), "wait");
  assert.equal(step("disconnected", 10_000, restarted), "fresh");
});

test("a path that failed is made anew at once, and again every 2 s at most", () => {
  assert.equal(step("failed", 0), "fresh");
  assert.equal(step("failed", 11_999, { ...lost, freshAt: 11_000 }), "wait");
  assert.equal(step("failed", 12_000, { ...lost, freshAt: 11_000 }), "fresh");
});

test("a new connection has 10 s to come up", () => {
  const trouble = { ...lost, freshAt: 11_000 };
  assert.equal(step("connecting", 19_999, trouble), "wait");
  assert.equal(step("connecting", 20_000, trouble), "fresh");
});

test("without signalling nothing can be tried, and media that works is left alone", () => {
  assert.equal(step("failed", 30_000, lost, false), "wait");
  assert.equal(step("connected", 30_000, lost, false), "wait");
  assert.equal(step("connected", 30_000), "wait");
});

test("after two minutes it ends", () => {
  for (const peer of ["connecting", "connected", "disconnected", "failed"] as const) {
    assert.equal(step(peer, 119_999, lost, false), "wait");
    assert.equal(step(peer, 120_000, lost, false), "give_up");
  }
});
