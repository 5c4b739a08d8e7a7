// What a screen reader hears when people come and go.
import assert from "node:assert/strict";
import { test } from "node:test";
import meeting from "../strings/meeting.en.ftl";
import { sentencesOf } from "./notices.ts";
import { addWords, isolate } from "./words.ts";

addWords(meeting);

test("one person is named, and the name cannot turn the sentence around", () => {
  const said = sentencesOf([{ key: "1", what: "joined", name: "Layla" }]);
  assert.deepEqual(said, [`${isolate("Layla")} joined.`]);
});

test("several in one batch are counted, and nothing is said twice", () => {
  const batch = ["A", "B", "C", "D"].map((name, i) => ({
    key: `${i}`,
    what: "joined" as const,
    name,
  }));
  assert.deepEqual(sentencesOf([...batch, { key: "5", what: "back_again" }]), [
    "4 people joined.",
    "You are back. Check your mic before you talk.",
  ]);
});
