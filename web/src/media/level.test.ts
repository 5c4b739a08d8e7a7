// Loudness and the speaking ring, with times of the test's own.

import assert from "node:assert/strict";
import { test } from "node:test";
import { decibels, meterStep, SpeakingDetector } from "./level.ts";

const LOUD = -20;
const QUIET = -70;

test("the ring shows after 250 ms of voice and holds 600 ms after the last word", () => {
  const voice = new SpeakingDetector();
  assert.equal(voice.hear(LOUD, 0), false);
  assert.equal(voice.hear(LOUD, 200), false);
  assert.equal(voice.hear(LOUD, 250), true);
  assert.equal(voice.hear(QUIET, 300), true);
  assert.equal(voice.hear(QUIET, 849), true);
  assert.equal(voice.hear(QUIET, 850), false);
});

test("a short noise is not speech, however often", () => {
  const voice = new SpeakingDetector();
  for (let now = 0; now < 5000; now += 200) {
    assert.equal(voice.hear(now % 400 === 0 ? LOUD : QUIET, now), false);
  }
});

test("a pause between words does not end the ring, nor need another 250 ms", () => {
  const voice = new SpeakingDetector();
  voice.hear(LOUD, 0);
  voice.hear(LOUD, 300);
  assert.equal(voice.hear(QUIET, 700), true);
  assert.equal(voice.hear(LOUD, 800), true);
  assert.equal(voice.hear(QUIET, 1399), true);
  assert.equal(voice.hear(QUIET, 1400), false);
});

test("a full-scale sine is -3 dB, and silence has no level", () => {
  const sine = Float32Array.from({ length: 4800 }, (_, n) => Math.sin((n * Math.PI) / 24));
  assert.ok(Math.abs(decibels(sine) + 3.01) < 0.05);
  assert.equal(decibels(new Float32Array(64)), Number.NEGATIVE_INFINITY);
});

test("the meter goes from 0 to 1 in sixteenths", () => {
  assert.equal(meterStep(Number.NEGATIVE_INFINITY), 0);
  assert.equal(meterStep(-60), 0);
  assert.equal(meterStep(-30), 0.5);
  assert.equal(meterStep(0), 1);
  assert.equal(meterStep(3), 1);
});
