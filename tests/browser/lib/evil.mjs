// Browsers before a server that lies: how they come to a scene (tests/system/lib/evil_scene.mjs), and
// what they are shown and hear there.
import assert from "node:assert/strict";
import { ask, inside } from "./meeting.mjs";
import { sleep } from "./server.mjs";
import { listen } from "./watch.mjs";

export const ACCOMPLICE = { habit: "accomplice" };

/** The person is told this, anywhere on the page. */
export const sees = (person, words, ms = 8000) =>
  person.until((wanted) => document.body.innerText.includes(wanted), words, ms, words);

export const tiles = (person) =>
  person.evaluate(() => [...document.querySelectorAll("[data-person]")].map((tile) => tile.textContent));

export const isCalm = () => !document.querySelector(".lane-brief");
export const isTold = (words) => document.querySelector(".lane")?.innerText.includes(words);

/** Asserts that these tones (hertz, rising) come out of the loudspeaker, and no other, of whatever plays. */
export async function hearsOnly(person, ...tones) {
  let heard = [];
  for (let tries = 0; tries < 4; tries++) {
    const sounds = await Promise.all([...Array(8).keys()].map((which) => listen(person, 1500, which)));
    heard = sounds.filter(({ loudness }) => loudness > 0.01).map(({ hertz }) => hertz).sort((a, b) => a - b);
    if (heard.length === tones.length && heard.every((hertz, i) => Math.abs(hertz - tones[i]) < 15)) return;
  }
  assert.fail(`${person.name} heard ${heard}, not ${tones}`);
}

/** Waits until the real server sends somebody's stream to a browser. */
export async function isSent(person, { wire }, stream) {
  const { participant } = wire;
  for (let tries = 0; tries < 200; tries++) {
    const slots = person.wire.last("slots")?.slots ?? [];
    if (slots.some((slot) => slot.participant === participant && slot.stream === stream)) return;
    await sleep(50);
  }
  assert.fail(`${person.name} is not sent ${stream}`);
}

/** A browser knocks in a scene; `lie` gets its wire first. */
export async function knock(scene, person, link, lie = () => {}) {
  const next = scene.evil.next().then((wire) => {
    lie(wire);
    return wire;
  });
  await person.open("about:blank");
  await person.open(link);
  await ask(person, person.name);
  person.wire = await next;
}

export async function letIn(scene, person) {
  await scene.host.event("knock", (event) => event.name === person.name);
  scene.host.say(`admit ${person.name}`);
  await inside(person);
}

export async function knockAndEnter(scene, person) {
  await knock(scene, person, scene.link);
  await letIn(scene, person);
}
