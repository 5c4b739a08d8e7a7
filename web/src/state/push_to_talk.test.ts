// A held key opens the microphone for as long, and for no longer.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PushToTalk } from "./push_to_talk.ts";

function fakeMicrophone(on: boolean) {
  return {
    on,
    async turnOn() {
      this.on = true;
    },
    turnOff() {
      this.on = false;
    },
  };
}

test("the microphone is on while the key is held", () => {
  const microphone = fakeMicrophone(false);
  const talk = new PushToTalk(microphone);
  talk.hold(true);
  assert.equal(microphone.on, true);
  talk.hold(true);
  talk.hold(false);
  assert.equal(microphone.on, false);
});

test("a microphone that was on before stays on", () => {
  const microphone = fakeMicrophone(true);
  const talk = new PushToTalk(microphone);
  talk.hold(true);
  talk.hold(false);
  assert.equal(microphone.on, true);
});

test("letting go of what was not held turns nothing off", () => {
  const microphone = fakeMicrophone(true);
  new PushToTalk(microphone).hold(false);
  assert.equal(microphone.on, true);
});
