// What letters look like: names and hosts that could be taken for one another have the same look, and a
// word of several alphabets is told apart (ACC-17, CHT-04).

const ALPHABETS = [
  /\p{Script=Latin}/u,
  /\p{Script=Cyrillic}/u,
  /\p{Script=Greek}/u,
  /\p{Script=Armenian}/u,
  /\p{Script=Cherokee}/u,
  /\p{Script=Georgian}/u,
  /\p{Script=Hebrew}/u,
  /\p{Script=Arabic}/u,
  /\p{Script=Thai}/u,
  /\p{Script=Devanagari}/u,
];
const WITH_LATIN = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;
const OTHERS =
  /[^\p{Script=Latin}\p{Script=Common}\p{Script=Inherited}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;

// Chinese, Japanese and Korean names have Latin letters beside their own.
export function mixesScripts(label: string): boolean {
  const used = ALPHABETS.filter((alphabet) => alphabet.test(label)).length;
  return used > 1 || (WITH_LATIN.test(label) && OTHERS.test(label));
}

// Cyrillic, Greek and Armenian letters that look like Latin ones, small or large, and signs that do.
const LOOKS: Readonly<Record<string, string>> = {
  а: "a",
  α: "a",
  в: "b",
  β: "b",
  ь: "b",
  с: "c",
  ԁ: "d",
  е: "e",
  ε: "e",
  г: "r",
  ց: "g",
  һ: "h",
  н: "h",
  η: "h",
  հ: "h",
  і: "l",
  ї: "ï",
  ι: "l",
  ӏ: "l",
  ı: "l",
  i: "l",
  "1": "l",
  "|": "l",
  ј: "j",
  к: "k",
  κ: "k",
  м: "m",
  μ: "m",
  ո: "n",
  о: "o",
  ο: "o",
  օ: "o",
  "0": "o",
  р: "p",
  ρ: "p",
  ѕ: "s",
  "5": "s",
  т: "t",
  τ: "t",
  υ: "u",
  ս: "u",
  ν: "v",
  х: "x",
  χ: "x",
  у: "y",
  ζ: "z",
  ё: "ë",
  "’": "'",
  "`": "'",
  "‐": "-",
  "‑": "-",
  "–": "-",
};

/** Whatever looks the same has the same. For comparing only: it is no text to be shown. */
export function lookOf(text: string): string {
  return [...text.normalize("NFKC").toLowerCase()]
    .map((letter) => LOOKS[letter] ?? letter)
    .join("")
    .replaceAll("rn", "m")
    .replaceAll("vv", "w");
}
