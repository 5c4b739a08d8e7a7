// Initials of the names that people really have.
import assert from "node:assert/strict";
import { test } from "node:test";
import { initialsOf } from "./names.ts";

test("initials are the first letters of the first and the last word", () => {
  const table = [
    ["Maya Haddad", "MH"],
    ["  Ji-woo   Han ", "JH"],
    ["Cher", "C"],
    ["ana maría de la cruz", "AC"],
    ["", ""],
    ["   ", ""],
    ["ليلى رحمن", "لر"],
    ["𝒜da Ω", "𝒜Ω"],
  ] as const;
  for (const [name, want] of table) assert.equal(initialsOf(name), want, name);
});
