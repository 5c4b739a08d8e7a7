// What a screen reader hears when people come and go.
import assert from "node:assert/strict";
import { test } from "node:test";
import chat from "../strings/chat.en.ftl";
import door from "../strings/door.en.ftl";
import meeting from "../strings/meeting.en.ftl";
import { added, isUrgent, Pace, sentencesOf } from "./notices.ts";
import { addWords, isolate } from "./words.ts";

addWords(meeting);
addWords(door);
addWords(chat);

test("one person is named, and the name cannot turn the sentence around", () => {
  const said = sentencesOf([{ key: "1", what: "joined", name: "Layla" }]);
  assert.deepEqual(said, [`${isolate("Layla")} joined.`]);
});

test("a name that nobody has checked is said as a claim, alone and in a batch (UX section 5)", () => {
  const guest = (key: string, name: string) => ({
    key,
    what: "joined" as const,
    name,
    isGuest: true,
  });
  assert.deepEqual(sentencesOf([guest("1", "Sam Porter")]), [
    `“${isolate("Sam Porter")}”, guest, joined.`,
  ]);
  const host = { key: "3", what: "joined" as const, name: "Amara", isGuest: false };
  assert.deepEqual(sentencesOf([guest("1", "Sam"), host]), [
    `“${isolate("Sam")}” and ${isolate("Amara")} joined.`,
  ]);
});

test("of several in one batch two are named, and nothing is said twice", () => {
  const batch = ["A", "B", "C", "D"].map((name, i) => ({
    key: `${i}`,
    what: "joined" as const,
    name,
  }));
  assert.deepEqual(sentencesOf([...batch, { key: "5", what: "back_again" }]), [
    `${isolate("A")}, ${isolate("B")} and 2 others joined.`,
    "You are back, and your mic is off. Turn it on when you want to talk.",
  ]);
});

test("two are both named, of three it is one other, and who leaves is told like who comes", () => {
  const batch = (what: "joined" | "left", ...names: string[]) =>
    sentencesOf(names.map((name) => ({ key: name, what, name })));
  assert.deepEqual(batch("joined", "A", "B"), [`${isolate("A")} and ${isolate("B")} joined.`]);
  assert.deepEqual(batch("left", "A", "B", "C"), [
    `${isolate("A")}, ${isolate("B")} and one other left.`,
  ]);
});

test("what is said at once stays beside what was said before, each a line of its own (PRV-03)", () => {
  const first = added([], ["A joined."], 0);
  const then = added(first, ["B joined.", "B joined."], 1);
  assert.deepEqual(
    then.map(({ text }) => text),
    ["A joined.", "B joined.", "B joined."],
  );
  assert.equal(new Set(then.map(({ key }) => key)).size, 3);
  assert.equal(then[0], first[0]);
  const later = added(then, ["C joined."], 60_000);
  assert.deepEqual(
    later.map(({ text }) => text),
    ["C joined."],
  );
});

test("knocks of one batch are one sentence, and a single one has the name in quotation marks", () => {
  const knock = (key: string, name: string) => ({ key, what: "knocking" as const, name });
  assert.deepEqual(sentencesOf([knock("1", "Sam Porter")]), [
    `“${isolate("Sam Porter")}” is waiting. Guest, name not checked.`,
  ]);
  assert.deepEqual(sentencesOf([knock("1", "A"), knock("2", "B")]), [
    "2 people are waiting. Names not checked.",
  ]);
});

test("a host hears how many waited with the link that was replaced (UX section 3)", () => {
  assert.deepEqual(sentencesOf([{ key: "1", what: "link_replaced_waiting", count: 2 }]), [
    "The old link stopped working. 2 people were waiting with it.",
  ]);
});

test("only a removal and a refused commit interrupt", () => {
  assert.ok(isUrgent({ key: "1", what: "removed_by_host", name: "A" }));
  assert.ok(isUrgent({ key: "3", what: "wrong_commit" }));
  assert.ok(!isUrgent({ key: "2", what: "left", name: "A" }));
});

test("messages are read with their writer, many are counted, and a long one is not read to its end", () => {
  const written = (key: string, text: string) => ({
    key,
    what: "written" as const,
    name: "Layla",
    text,
  });
  const hello = `${isolate("Layla")}: ${isolate("Hello")}`;
  assert.deepEqual(sentencesOf([written("1", "Hello")]), [hello]);
  const four = ["1", "2", "3", "4"].map((key) => written(key, key));
  assert.equal(sentencesOf(four.slice(1)).length, 3);
  assert.deepEqual(sentencesOf(four), ["4 new messages."]);
  const [long = ""] = sentencesOf([written("1", "a".repeat(2000))]);
  assert.ok(long.length < 330);
});

test("four are said at once, in a crowd each within a second, and after a pause four again (PRV-03)", () => {
  const pace = new Pace();
  const delays = (now: number, count: number) =>
    Array.from({ length: count }, () => {
      const delay = pace.delay(now);
      if (delay === 0) pace.take(now);
      return delay;
    });
  assert.deepEqual(delays(0, 6), [0, 0, 0, 0, 900, 900]);
  assert.deepEqual(delays(900, 2), [0, 900]);
  assert.deepEqual(delays(60_000, 5), [0, 0, 0, 0, 900]);
});
