// Every pair of colours the interface uses is readable in both schemes (WCAG 2.2 relative luminance).
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const css = readFileSync("web/src/ui/tokens.css", "utf8");

function block(start: string): Map<string, string> {
  const from = css.indexOf("{", css.indexOf(start));
  const body = css.slice(from, css.indexOf("}", from));
  return new Map(
    [...body.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map((m) => [m[1] ?? "", m[2] ?? ""]),
  );
}

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

const SCHEMES = { light: block(":root {"), dark: block(':root[data-scheme="dark"]') };

const PAIRS: readonly (readonly [string, string, number])[] = [
  ["ink", "paper", 7],
  ["ink", "surface", 7],
  ["ink", "surface-2", 7],
  ["ink-2", "paper", 7],
  ["ink-2", "surface", 7],
  ["ink-2", "surface-2", 4.5],
  ["ink-3", "paper", 4.5],
  ["ink-3", "surface", 4.5],
  ["ink-3", "surface-2", 4.5],
  ["accent", "paper", 4.5],
  ["accent", "surface", 4.5],
  ["accent", "accent-soft", 4.5],
  ["on-accent", "accent", 4.5],
  ["on-accent", "accent-hover", 4.5],
  ["danger", "surface", 4.5],
  ["danger", "danger-soft", 4.5],
  ["on-danger", "danger-fill", 4.5],
  ["warn", "surface", 4.5],
  ["warn", "paper", 4.5],
  ["warn", "warn-soft", 4.5],
  ["ink", "warn-soft", 7],
  ["on-warn", "warn-fill", 4.5],
  ["line-strong", "paper", 3],
  ["line-strong", "surface", 3],
  ["line-strong", "surface-2", 3],
  ["focus", "paper", 3],
  ["focus", "surface", 3],
  ["accent", "surface-2", 3],
];

for (const [scheme, colours] of Object.entries(SCHEMES)) {
  test(`every pair of colours is readable in ${scheme}`, () => {
    for (const [front, behind, least] of PAIRS) {
      const got = contrast(colours.get(front) ?? "", colours.get(behind) ?? "");
      assert.ok(got >= least, `${front} on ${behind}: ${got.toFixed(2)} is under ${least}`);
    }
  });
}

test("the system's dark scheme has the same colours as the meeting's", () => {
  const system = block(":root:not([data-scheme]) {");
  for (const [name, colour] of SCHEMES.dark) assert.equal(system.get(name), colour, name);
});

test("contrast agrees with known values", () => {
  assert.equal(contrast("#000000", "#ffffff").toFixed(1), "21.0");
  assert.equal(contrast("#777777", "#ffffff").toFixed(2), "4.48");
});
