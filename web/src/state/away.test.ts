// When a page out of sight pauses the camera, with a clock of the test's own.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Away } from "./away.ts";

function world(t: TestContext) {
  const waiting = new Map<number, { at: number; act: () => void }>();
  let now = 0;
  let last = 0;
  t.mock.method(globalThis, "setTimeout", ((act: () => void, ms: number) => {
    last += 1;
    waiting.set(last, { at: now + ms, act });
    return last;
  }) as typeof setTimeout);
  t.mock.method(globalThis, "clearTimeout", ((id: number) => {
    waiting.delete(id);
  }) as typeof clearTimeout);
  const pass = (ms: number) => {
    now += ms;
    for (const [id, { at, act }] of [...waiting]) {
      if (at > now) continue;
      waiting.delete(id);
      act();
    }
  };
  const happened: string[] = [];
  const shares = { screen: false };
  const camera = {
    pause: () => happened.push("pause"),
    resume: async () => void happened.push("resume"),
  };
  return { happened, shares, pass, away: new Away(camera, () => shares.screen) };
}

test("a page out of sight for a second pauses the camera, and back in sight it goes on", (t) => {
  const { away, happened, pass } = world(t);
  away.look(true);
  pass(999);
  assert.deepEqual(happened, []);
  pass(1);
  assert.deepEqual(happened, ["pause"]);
  away.look(false);
  assert.deepEqual(happened, ["pause", "resume"]);
});

test("a glance at another page pauses nothing", (t) => {
  const { away, happened, pass } = world(t);
  away.look(true);
  pass(600);
  away.look(false);
  away.look(true);
  pass(600);
  assert.deepEqual(happened, ["resume"]);
});

test("whoever shares a screen is not away, until the sharing ends", (t) => {
  const { away, happened, pass, shares } = world(t);
  shares.screen = true;
  away.look(true);
  pass(5000);
  assert.ok(!happened.includes("pause"));
  shares.screen = false;
  away.look();
  pass(1000);
  assert.equal(happened.at(-1), "pause");
});

test("after the meeting nothing is paused any more", (t) => {
  const { away, happened, pass } = world(t);
  away.look(true);
  away.close();
  pass(5000);
  assert.deepEqual(happened, []);
});
