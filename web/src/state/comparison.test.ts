// Comparing words: what is shown stays still, and an answer counts for its own epoch only.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { COMPARISONS, type Comparison } from "../e2ee/conference_values.ts";
import { Comparing } from "./comparison.ts";

function world() {
  const said: string[] = [];
  const now = { epoch: 4, others: 2, made: () => {} };
  const comparing = new Comparing({
    words: async () => {
      now.made();
      return { words: [`word${now.epoch}`], numbers: ["0001"] };
    },
    say: (answer) => void said.push(answer),
    epoch: () => now.epoch,
    others: () => now.others,
    changed: () => {},
  });
  const hear = (participant: string, what: Comparison, epoch = now.epoch) =>
    comparing.heard({
      what: "compare",
      participant,
      epoch,
      leaf: 1,
      number: COMPARISONS.indexOf(what),
      text: "",
    });
  return { comparing, said, now, hear };
}

test("who begins asks the others once in an epoch, and who was asked does not ask again", async () => {
  const { comparing, said, hear, now } = world();
  await comparing.begin();
  comparing.close();
  await comparing.begin();
  assert.deepEqual(said, ["asked"]);
  now.epoch = 5;
  hear("layla", "asked");
  comparing.close();
  assert.equal(comparing.asker, "layla");
  await comparing.begin();
  assert.deepEqual(said, ["asked"]);
  assert.equal(comparing.asker, undefined, "looked");
});

test("the words stay still while they are shown, and no answer is given to words of the past", async () => {
  const { comparing, said, now } = world();
  await comparing.begin();
  now.epoch = 5;
  assert.deepEqual(comparing.shown?.words, ["word4"]);
  assert.ok(comparing.stale);
  comparing.say("same");
  assert.deepEqual(said, ["asked"]);
  await comparing.begin();
  assert.deepEqual(comparing.shown?.words, ["word5"]);
  comparing.say("same");
  assert.equal(comparing.own, "same");
  assert.deepEqual(said, ["asked", "asked", "same"]);
});

test("words that were made over a change of epoch are made again", async () => {
  const { comparing, now } = world();
  now.made = () => {
    now.epoch = 7;
  };
  await comparing.begin();
  assert.deepEqual(comparing.shown?.words, ["word7"]);
  assert.ok(!comparing.stale);
});

test("an answer counts for the epoch that it names, and a difference is an alarm until it is taken back", async () => {
  const { comparing, hear, now } = world();
  await comparing.begin();
  assert.equal(hear("layla", "same", 3), false);
  assert.equal(comparing.answerOf("layla"), undefined);
  hear("layla", "same");
  assert.equal(comparing.answerOf("layla"), "same");
  assert.equal(hear("sam", "different"), true);
  now.epoch = 5;
  assert.ok(comparing.differs("sam"), "a new epoch does not make it good");
  hear("sam", "same");
  assert.ok(!comparing.differs("sam"));
  hear("sam", "different");
  comparing.left("sam");
  assert.ok(!comparing.differs("sam"));
});

test("an own answer is over with its epoch, and can be taken back", async () => {
  const { comparing, now } = world();
  await comparing.begin();
  comparing.say("different");
  assert.equal(comparing.own, "different");
  comparing.takeBack();
  assert.equal(comparing.own, undefined);
  comparing.say("same");
  comparing.close();
  now.epoch = 5;
  assert.equal(comparing.own, undefined);
});

/** Lets the time pass after which it is offered. */
function minute(t: TestContext) {
  const due: (() => void)[] = [];
  t.mock.method(globalThis, "setTimeout", ((act: () => void, ms: number) => {
    assert.equal(ms, 60_000);
    due.push(act);
  }) as typeof setTimeout);
  return () => {
    for (const act of due.splice(0)) act();
  };
}

test("comparing is offered once, a minute after one came, and only where few are in", (t) => {
  const pass = minute(t);
  const { comparing, now } = world();
  comparing.offerLater();
  assert.equal(comparing.offered, false);
  comparing.offerLater(); // with each epoch
  pass();
  assert.equal(comparing.offered, true);
  for (const [others, offered] of [
    [0, false],
    [5, true],
    [6, false],
  ] as const) {
    now.others = others;
    assert.equal(comparing.offered, offered, `${others} others`);
  }
  now.others = 2;
  comparing.later();
  comparing.offerLater();
  pass();
  assert.equal(comparing.offered, false);
});

test("who compared already is offered nothing", async (t) => {
  const pass = minute(t);
  const { comparing } = world();
  comparing.offerLater();
  await comparing.begin();
  comparing.close();
  pass();
  assert.equal(comparing.offered, false);
});
