// Whom one has checked: it holds for a key, and another key under the same name is told loudly.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Checked, Checks } from "./checks.ts";

/** `slow`: answers about keys come when the test lets them. */
function world(kept: readonly Checked[] = [], slow?: (() => void)[]) {
  const keys = new Map<string, string>(); // by participant
  const loud: string[] = [];
  const saved: (readonly Checked[])[] = [];
  const checks = new Checks({
    safety: async (participant) => {
      const key = keys.get(participant);
      if (slow) await new Promise<void>((answer) => slow.push(answer));
      return key === undefined ? undefined : { number: ["12345", key], key };
    },
    keeper: {
      load: async () => kept,
      save: (checked) => void saved.push(checked),
      seal: async (text) => `sealed ${text}`,
    },
    changed: () => {},
    keyChanged: (name) => void loud.push(name),
  });
  const comes = async (participant: string, key: string, name: string) => {
    keys.set(participant, key);
    await checks.met(participant, name);
  };
  const check = async (participant: string, answer: "same" | "different") => {
    await checks.begin(participant);
    checks.say(answer);
  };
  return { checks, loud, saved, comes, check, keys };
}

test("who was compared is checked by you, and nobody else is (SEC-08)", async () => {
  const { checks, comes, check } = world();
  await comes("kofi", "k1", "Kofi Mensah");
  await comes("layla", "l1", "Layla Rahman");
  assert.equal(checks.of("kofi"), undefined);
  await checks.begin("kofi");
  assert.deepEqual(checks.open?.number, ["12345", "k1"]);
  checks.close();
  await check("kofi", "same");
  assert.equal(checks.open, undefined);
  assert.equal(checks.of("kofi"), "checked");
  assert.equal(checks.of("layla"), undefined);
});

test("a checked person who comes back with the key of before is still checked", async () => {
  const { checks, loud, comes, check } = world();
  await comes("kofi", "k1", "Kofi Mensah");
  await check("kofi", "same");
  checks.left("kofi");
  await comes("kofi again", "k1", "Kofi Mensah");
  assert.equal(checks.of("kofi again"), "checked");
  assert.deepEqual(loud, []);
});

test("the name of a checked person with another key is told once, loudly, until it is checked", async () => {
  const { checks, loud, comes, check } = world();
  await comes("kofi", "k1", "Kofi Mensah");
  await check("kofi", "same");
  await comes("other", "k2", "KOFI  mensah");
  assert.deepEqual(loud, []); // the checked one is here: somebody of the same name
  assert.equal(checks.of("other"), undefined);
  checks.left("kofi");
  assert.deepEqual(loud, ["KOFI  mensah"]);
  assert.equal(checks.of("other"), "changed");
  await comes("layla", "l1", "Layla Rahman");
  assert.equal(loud.length, 1);
  await check("other", "same");
  assert.equal(checks.of("other"), "checked");
  await comes("kofi", "k1", "Kofi Mensah"); // the key of before counts no more
  assert.equal(checks.of("kofi"), undefined);
});

test("a number that differs takes the mark away and stays until it is compared anew", async () => {
  const { checks, comes, check } = world();
  await comes("kofi", "k1", "Kofi Mensah");
  await check("kofi", "same");
  await check("kofi", "different");
  assert.equal(checks.of("kofi"), "different");
  assert.notEqual(checks.open, undefined);
  await check("kofi", "same");
  assert.equal(checks.of("kofi"), "checked");
});

test("an answer counts for the key whose number was shown", async () => {
  const { checks, comes } = world();
  await comes("kofi", "k1", "Kofi Mensah");
  await checks.begin("kofi");
  await comes("kofi", "k2", "Kofi Mensah"); // while the number is on the screen
  checks.say("same");
  assert.equal(checks.of("kofi"), undefined);
});

test("what was kept on the device holds, and what is checked is kept sealed", async () => {
  const { checks, loud, saved, comes, check } = world([
    { key: "sealed k1", name: "sealed kofi mensah" },
    { key: "sealed r1", name: "sealed ruth adler" },
  ]);
  await comes("kofi", "k1", "Kofi Mensah");
  assert.equal(checks.of("kofi"), "checked");
  await comes("ruth", "r2", "Ruth Adler");
  assert.equal(checks.of("ruth"), "changed");
  assert.deepEqual(loud, ["Ruth Adler"]);
  await check("ruth", "same");
  assert.deepEqual(saved.at(-1), [
    { key: "sealed k1", name: "sealed kofi mensah" },
    { key: "sealed r2", name: "sealed ruth adler" },
  ]);
});

const settle = () => new Promise((done) => setTimeout(done, 5));

test("a person who is told of anew while the number is made can be checked all the same (SEC-08)", async () => {
  const slow: (() => void)[] = [];
  const { checks, keys } = world([], slow);
  keys.set("kofi", "k1");
  void checks.met("kofi", "Kofi Mensah"); // and the answer takes its time
  void checks.begin("kofi");
  void checks.met("kofi", "Kofi Mensah"); // made a host
  while (slow.length > 0) {
    slow.splice(0).forEach((answer) => void answer());
    await settle();
  }
  assert.deepEqual(checks.open?.number, ["12345", "k1"]);
  checks.say("same");
  assert.equal(checks.of("kofi"), "checked");
});

test("an answer that is too late does not bring anybody back", async () => {
  const slow: (() => void)[] = [];
  const { checks, keys, loud } = world([{ key: "sealed r1", name: "sealed ruth adler" }], slow);
  keys.set("ruth", "r1");
  void checks.met("ruth", "Ruth Adler");
  checks.left("ruth");
  slow.splice(0).forEach((answer) => void answer());
  await settle();
  keys.set("other", "r2");
  void checks.met("other", "Ruth Adler");
  slow.splice(0).forEach((answer) => void answer());
  await settle();
  assert.equal(checks.of("ruth"), undefined);
  assert.equal(checks.of("other"), "changed");
  assert.deepEqual(loud, ["Ruth Adler"]);
});

test("saying that an old number matches marks nobody, and shows the number of now", async () => {
  const { checks, comes } = world();
  await comes("kofi", "k1", "Kofi Mensah");
  await checks.begin("kofi");
  await comes("kofi", "k2", "Kofi Mensah");
  checks.say("same");
  await settle();
  assert.equal(checks.of("kofi"), undefined);
  assert.deepEqual(checks.open?.number, ["12345", "k2"]);
});
