// Looks at a screen of the gallery: axe finds nothing against WCAG 2.0 to 2.2 A and AA, nothing scrolls
// sideways, nothing breaks the policy that the server sends. The picture goes to build/screens/.
// SCREENS=name[,name] looks at those alone.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { openGallery, settled } from "./gallery.mjs";
import { root } from "./server.mjs";

const require = createRequire(join(root, "web/package.json"));
const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const SHOTS = join(root, "build/screens");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"];
export const PHONE = { width: 320, height: 640 };
export const TABLET = { width: 768, height: 1024 };
export const DESK = { width: 1440, height: 900 };
export const SIZES = [PHONE, TABLET, DESK];
/** A desk at 400 % zoom, and a phone on its side. */
export const LOW = [
  { width: 360, height: 225 },
  { width: 740, height: 360 },
];

let gallery;

export async function openEyes(folder) {
  mkdirSync(SHOTS, { recursive: true });
  gallery = await openGallery(folder);
}

export const closeEyes = () => gallery?.close();

/** What axe, which is there already, has against the page, one line each. In forced colours it cannot
 * see the colours. */
async function audit(page, forced) {
  const violations = await page.evaluate(async (options) => (await globalThis.axe.run(options)).violations, {
    runOnly: { type: "tag", values: RULES },
    rules: { "color-contrast": { enabled: !forced } },
  });
  return violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`),
  );
}

/** What reaches out of the window sideways. */
function sideways() {
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  return wide > 0 ? `${wide} px too wide` : "";
}

/** `press`: the buttons to press first, one after the other; `keys`: the keys after them; `until`: words to wait for. With several
 * sizes the window takes one after the other, and after them, in the dark, those of `dark`, which costs
 * less than to open the screen for each. */
export async function look(screen, name, { press = [], keys = [], until, sizes, dark, ...how }) {
  const { page, complaints, close } = await gallery.open(screen, { ...how, size: sizes[0] });
  for (const button of press) await page.getByRole("button", { name: button }).last().click();
  for (const key of keys) await page.keyboard.press(key);
  if (until) await page.getByText(until).first().waitFor();
  await page.evaluate(AXE);
  const at = (scheme, size) =>
    lookNow(page, `${name}${scheme}-${size.width}x${size.height}`, size, how, !screen.startsWith("meeting"));
  for (const size of sizes) await at(dark ? "-light" : "", size);
  if (dark) await page.emulateMedia({ colorScheme: "dark" });
  for (const size of dark ?? []) await at("-dark", size);
  assert.deepEqual(complaints, [], name);
  await close();
}

async function lookNow(page, name, size, how, fullPage) {
  await page.setViewportSize(size);
  await settled(page);
  await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage });
  assert.deepEqual(await audit(page, how.forcedColors === "active"), [], name);
  assert.equal(await page.evaluate(sideways), "", name);
}

const wanted = process.env.SCREENS ? process.env.SCREENS.split(",") : undefined;
export const chosen = (screens) => screens.filter((screen) => !wanted || wanted.includes(screen));
