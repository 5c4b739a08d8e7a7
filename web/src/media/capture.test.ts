// A device against a browser of our own: what is asked of it, and when it is stopped.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Capture, problemOf } from "./capture.ts";

interface FakeTrack {
  stopped: boolean;
  id: string;
  onended?: () => void;
  stop(): void;
  getSettings(): { deviceId: string; height: number };
}

function fakeBrowser() {
  const asked: MediaStreamConstraints[] = [];
  const tracks: FakeTrack[] = [];
  let refuse: string | undefined;
  const getUserMedia = async (constraints: MediaStreamConstraints) => {
    asked.push(constraints);
    if (refuse) throw new DOMException("refused", refuse);
    const track: FakeTrack = {
      stopped: false,
      id: `device ${tracks.length}`,
      stop() {
        this.stopped = true;
      },
      getSettings() {
        return { deviceId: this.id, height: 720 };
      },
    };
    tracks.push(track);
    return { getTracks: () => [track] };
  };
  Object.defineProperty(globalThis, "navigator", {
    value: { mediaDevices: { getUserMedia } },
    configurable: true,
  });
  const refuseWith = (name: string | undefined) => {
    refuse = name;
  };
  return { asked, tracks, refuseWith };
}

const pass = (ms: number) => new Promise((done) => setTimeout(done, ms));

test("nothing is asked of the browser before a press (PRV-02)", () => {
  const { asked } = fakeBrowser();
  const camera = new Capture("camera", () => {});
  assert.equal(camera.source, null);
  assert.equal(camera.on, false);
  assert.deepEqual(asked, []);
});

test("off takes the track away at once and stops the device after 3 s", async () => {
  const { tracks } = fakeBrowser();
  const camera = new Capture("camera", () => {});
  await camera.toggle();
  assert.equal(camera.source?.height, 720);
  await camera.toggle();
  assert.equal(camera.source, null);
  assert.equal(tracks[0]?.stopped, false);
  await pass(3100);
  assert.equal(tracks[0]?.stopped, true);
});

test("on again within 3 s uses the device that still runs", async () => {
  const { asked, tracks } = fakeBrowser();
  const camera = new Capture("camera", () => {});
  await camera.toggle();
  await camera.toggle();
  await camera.toggle();
  await pass(3100);
  assert.equal(asked.length, 1);
  assert.equal(tracks[0]?.stopped, false);
  assert.notEqual(camera.source, null);
  camera.stop();
  assert.equal(tracks[0]?.stopped, true);
});

test("a device turned off while the browser still asked is stopped when it comes", async () => {
  const { tracks } = fakeBrowser();
  const microphone = new Capture("microphone", () => {});
  const starting = microphone.toggle();
  microphone.turnOff();
  await starting;
  assert.equal(microphone.on, false);
  assert.equal(microphone.source, null);
  assert.equal(tracks[0]?.stopped, true);
});

test("a paused device stops as one turned off, stays on, and starts again by itself", async () => {
  const { asked, tracks } = fakeBrowser();
  const camera = new Capture("camera", () => {});
  await camera.toggle();
  camera.pause();
  assert.equal(camera.source, null);
  assert.equal(camera.paused, true);
  await pass(3100);
  assert.equal(tracks[0]?.stopped, true);
  await camera.resume();
  assert.equal(camera.paused, false);
  assert.notEqual(camera.source, null);
  assert.equal(asked.length, 2);
  camera.pause();
  camera.turnOff();
  await camera.resume();
  assert.equal(camera.source, null, "off stays off");
  camera.stop();
});

test("a device paused while the browser still asked is stopped when it comes", async () => {
  const { tracks } = fakeBrowser();
  const camera = new Capture("camera", () => {});
  const starting = camera.toggle();
  camera.pause();
  await starting;
  assert.equal(tracks[0]?.stopped, true);
  assert.equal(camera.source, null);
  await camera.resume();
  assert.notEqual(camera.source, null);
  camera.stop();
});

test("a refused device is off with its reason, and the next press asks again", async () => {
  const { asked, refuseWith } = fakeBrowser();
  const microphone = new Capture("microphone", () => {});
  refuseWith("NotAllowedError");
  await microphone.toggle();
  assert.equal(microphone.on, false);
  assert.equal(microphone.problem, "denied");
  refuseWith(undefined);
  await microphone.toggle();
  assert.equal(microphone.on, true);
  assert.equal(microphone.problem, undefined);
  assert.equal(asked.length, 2);
  microphone.stop();
});

test("a problem goes at the next press, so that the same one is told anew", async () => {
  const { refuseWith } = fakeBrowser();
  const told: (string | undefined)[] = [];
  const microphone = new Capture("microphone", () => told.push(microphone.problem));
  refuseWith("NotReadableError");
  await microphone.toggle();
  await microphone.toggle();
  refuseWith(undefined);
  await microphone.toggle();
  assert.deepEqual(told, ["busy", undefined, "busy", undefined, undefined]);
});

test("another device replaces the running one", async () => {
  const { asked, tracks } = fakeBrowser();
  const camera = new Capture("camera", () => {});
  await camera.toggle();
  await camera.choose("front");
  assert.equal(tracks[0]?.stopped, true);
  assert.notEqual(camera.source, null);
  assert.deepEqual(asked[1]?.video instanceof Object && asked[1].video.deviceId, {
    exact: "front",
  });
  camera.stop();
});

test("choosing a device while off asks for nothing", async () => {
  const { asked } = fakeBrowser();
  const camera = new Capture("camera", () => {});
  await camera.choose("front");
  assert.deepEqual(asked, []);
  assert.equal(camera.chosen, "front");
});

test("an unplugged device goes off with a reason", async () => {
  const { tracks } = fakeBrowser();
  let changes = 0;
  const camera = new Capture("camera", () => {
    changes += 1;
  });
  await camera.toggle();
  tracks[0]?.onended?.();
  assert.equal(camera.on, false);
  assert.equal(camera.problem, "gone");
  camera.forgetProblem();
  assert.equal(camera.problem, undefined);
  assert.equal(changes, 3);
});

test("every error of the browser has a reason a person can act on", () => {
  const cases = {
    NotAllowedError: "denied",
    SecurityError: "denied",
    NotReadableError: "busy",
    AbortError: "busy",
    NotFoundError: "none",
    OverconstrainedError: "none",
    TypeError: "failed",
  };
  for (const [name, problem] of Object.entries(cases)) assert.equal(problemOf(name), problem);
});
