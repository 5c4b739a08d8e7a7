// Names that people have, names that nobody may have, and what is drawn for them.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  checkName,
  colour,
  folded,
  initials,
  likeness,
  mixesAlphabets,
  numbered,
} from "./names.ts";

const good: [string, string][] = [
  ["Layla Rahman", "Layla Rahman"],
  ["  Layla \u00a0 Rahman ", "Layla Rahman"],
  ["Zoe\u0308", "Zoë"],
  ["李小龙", "李小龙"],
  ["نرگس\u200cخانم", "نرگس\u200cخانم"],
  ["क्\u200dष", "क्\u200dष"],
  ["👩\u200d🚒", "👩\u200d🚒"],
  ["O’Neill-7", "O’Neill-7"],
  ["x".repeat(60), "x".repeat(60)],
];

test("names of people are taken as they are, in NFC and with single spaces", () => {
  for (const [typed, name] of good) assert.deepEqual(checkName(typed), { name });
});

const bad: { what: string; typed: string; problem: string }[] = [
  { what: "nothing", typed: "", problem: "empty" },
  { what: "spaces only", typed: " \u3000 ", problem: "empty" },
  { what: "61 characters", typed: "x".repeat(61), problem: "too_long" },
  { what: "a bidi override", typed: "Layla\u202e", problem: "bad_characters" },
  { what: "a bidi isolate", typed: "\u2066Layla", problem: "bad_characters" },
  { what: "a zero width space", typed: "Lay\u200bla", problem: "bad_characters" },
  { what: "a joiner at the end", typed: "Layla\u200d", problem: "bad_characters" },
  { what: "two joiners", typed: "نر\u200c\u200cگس", problem: "bad_characters" },
  { what: "a tag character", typed: "Layla\u{e0041}", problem: "bad_characters" },
  { what: "a new line", typed: "Layla\nRahman", problem: "bad_characters" },
  { what: "a line separator", typed: "Layla\u2028Rahman", problem: "bad_characters" },
  { what: "half a character", typed: "Layla\ud800", problem: "bad_characters" },
  { what: "a private character", typed: "\ue000", problem: "bad_characters" },
  { what: "marks without a letter", typed: "\u0301\u0302", problem: "bad_characters" },
];

for (const { what, typed, problem } of bad) {
  test(`a name is refused: ${what}`, () => {
    assert.deepEqual(checkName(typed), { problem });
  });
}

test("initials are of the first and the last word", () => {
  assert.equal(initials("Layla Rahman"), "LR");
  assert.equal(initials("ann mary o’neill"), "AO");
  assert.equal(initials("李小龙"), "李");
  assert.equal(initials("(Sam) 7"), "S7");
  assert.equal(initials("👩"), "?");
});

test("a colour stays with a participant and all eight are used", () => {
  const ids = Array.from({ length: 200 }, (_, n) => `ICEiIyQlJicoKSorLC0u${n}`);
  assert.equal(new Set(ids.map(colour)).size, 8);
  assert.equal(colour("ICEiIyQlJicoKSorLC0uLw"), colour("ICEiIyQlJicoKSorLC0uLw"));
});

test("a name that somebody has already is numbered, however it is written", () => {
  assert.deepEqual(numbered(["Ana", "Layla", "ana", " Ａna ", "Layla"]), [
    "Ana",
    "Layla",
    "ana (2)",
    " Ａna  (3)",
    "Layla (2)",
  ]);
});

test("names that look alike have one likeness, and others do not (ACC-17)", () => {
  const alike: [string, string][] = [
    ["Amara Osei", "Аmаrа Оsеi"], // Cyrillic
    ["Amara Osei", "AMARA  0SEI"],
    ["Layla", "Iayla"],
    ["Barney", "Bamey"],
    ["O'Neill", "O’Neill"],
    ["ТОМ", "TOM"], // the first is Cyrillic throughout
  ];
  for (const [one, other] of alike) assert.equal(likeness(one), likeness(other), `${one} ${other}`);
  for (const other of ["Amara Osel-Bonsu", "Omara Osei", "Amar Osei"])
    assert.notEqual(likeness("Amara Osei"), likeness(other));
  assert.ok(folded("Barney").includes(folded("barn"))); // finding is by letters, not by looks
});

test("a word of several alphabets is told, a name of several words is not (ACC-17)", () => {
  for (const name of ["Аmara Osei", "Kofi Меnsah", "Sοfia"])
    assert.equal(mixesAlphabets(name), true, name);
  for (const name of [
    "Amara Осеи",
    "李小龙",
    "ليلى Rahman",
    "Zoë O’Neill-7",
    "田中Taro",
    "👩‍🚒 Sam",
  ])
    assert.equal(mixesAlphabets(name), false, name);
});
