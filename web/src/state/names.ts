// Names that people type: what they may be, and what is drawn instead of a picture. A name is a
// claim that nobody checked; it is only ever shown as text.

import { lookOf, mixesScripts } from "./looks.ts";

export type NameProblem = "empty" | "too_long" | "bad_characters";

const NAME_MAX = 60; // characters
const TITLE_MAX = 100;
const COLOURS = 8;

// Control, format (bidi, zero width, tags), surrogate, private and unassigned characters, and line
// and paragraph separators. Zero width joiners are allowed only inside words that need them.
const BAD = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u;
const JOINERS =
  /(?<=\p{L}|\p{M}|\p{Extended_Pictographic}\uFE0F?)[\u200C\u200D](?=\p{L}|\p{Extended_Pictographic})/gu;

/** The name as it will be announced, or what is wrong with it. */
export function checkName(
  typed: string,
): { readonly name: string } | { readonly problem: NameProblem } {
  return checkLine(typed, NAME_MAX);
}

/** The same for what a meeting is called; nothing is no problem: it need not be called anything. */
export function checkTitle(
  typed: string,
): { readonly title: string } | { readonly problem: Exclude<NameProblem, "empty"> } {
  const checked = checkLine(typed, TITLE_MAX);
  if ("name" in checked) return { title: checked.name };
  return checked.problem === "empty" ? { title: "" } : { problem: checked.problem };
}

function checkLine(
  typed: string,
  most: number,
): { readonly name: string } | { readonly problem: NameProblem } {
  const name = typed
    .normalize("NFC")
    .trim()
    .replace(/\p{Zs}+/gu, " ");
  if (name === "") return { problem: "empty" };
  if ([...name].length > most) return { problem: "too_long" };
  if (BAD.test(name.replace(JOINERS, "")) || !/[\p{L}\p{N}\p{S}\p{P}]/u.test(name))
    return { problem: "bad_characters" };
  return { name };
}

/** First letters of the first and the last word. */
export function initials(name: string): string {
  const words = name.split(" ").filter((word) => /[\p{L}\p{N}]/u.test(word));
  const chosen = words.length > 1 ? [words[0], words.at(-1)] : words;
  const letters = chosen.map((word) => /[\p{L}\p{N}]/u.exec(word ?? "")?.[0] ?? "");
  return letters.join("").toLocaleUpperCase() || "?";
}

/** An avatar colour that stays with the participant. */
export function colour(participant: string): number {
  let sum = 0;
  for (const character of participant) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 65_521;
  return sum % COLOURS;
}

/** The same however it is written: to find a name by a part of it. */
export function folded(name: string): string {
  return name.normalize("NFKC").toLowerCase().replace(/\s+/g, " ").trim();
}

/** Names that are likely to be taken for one another have the same. */
export function likeness(name: string): string {
  return lookOf(folded(name));
}

/** Is there a word of several alphabets in it? Such a one can look like another. */
export function mixesAlphabets(name: string): boolean {
  return name.split(/[\s-]+/u).some(mixesScripts);
}

/** The same names, those that somebody earlier in the list has already with a number: "Layla (2)". */
export function numbered(names: readonly string[]): readonly string[] {
  const times = new Map<string, number>();
  return names.map((name) => {
    const plain = likeness(name);
    const count = (times.get(plain) ?? 0) + 1;
    times.set(plain, count);
    return count > 1 ? `${name} (${count})` : name;
  });
}
