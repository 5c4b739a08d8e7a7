// What is drawn of a name before the meeting: the same two letters that the others will see.

/** The first letters of the first and the last word; empty for a name without letters. */
export function initialsOf(name: string): string {
  const words = name
    .trim()
    .split(/\s+/u)
    .filter((word) => word !== "");
  const first = words[0];
  const last = words.length > 1 ? words[words.length - 1] : undefined;
  const letters = [first, last].map((word) => (word ? ([...word][0] ?? "") : ""));
  return letters.join("").toLocaleUpperCase();
}
