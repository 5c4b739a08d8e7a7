// Every screen of the interface, drawn from made-up views under the policy that the server sends: axe
// finds nothing against WCAG 2.0 to 2.2 A and AA, nothing scrolls sideways, nothing breaks the policy.
// The pictures go to build/screens/. SCREENS=name[,name] looks at those alone.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openGallery, settled } from "./lib/gallery.mjs";
import { root } from "./lib/server.mjs";

const require = createRequire(join(root, "web/package.json"));
const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const SHOTS = join(root, "build/screens");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"];
const PHONE = { width: 320, height: 640 };
const TABLET = { width: 768, height: 1024 };
const DESK = { width: 1440, height: 900 };
const SIZES = [PHONE, TABLET, DESK];

const PAGES = [
  "home",
  "home-no-start",
  "home-invite",
  "home-invite-local",
  "home-start-used",
  "join",
  "join-live",
  "join-denied",
  "join-name",
  "join-problem",
  "left",
  "left-ended",
  "left-gave-up",
];
const MEETINGS = [
  "meeting-alone",
  "meeting-two",
  "meeting-two-live",
  "meeting-three",
  "meeting-grid",
  "meeting-many",
  "meeting-share",
  "meeting-own-share",
  "meeting-reconnecting",
  "meeting-offline",
  "meeting-sound",
];
// What a press opens: the screen, the buttons to press one after the other, where.
const OPENED = [
  { name: "people", screen: "meeting-grid", press: ["People"], sizes: [TABLET, DESK] },
  { name: "people-phone", screen: "meeting-grid", press: ["More", "People"], sizes: [PHONE] },
  { name: "more", screen: "meeting-grid", press: ["More"], sizes: [PHONE] },
  { name: "truth", screen: "meeting-grid", press: ["End-to-end"], sizes: SIZES },
  { name: "devices", screen: "meeting-two-live", press: ["Devices"], sizes: [TABLET, DESK] },
  { name: "devices-phone", screen: "meeting-two-live", press: ["More", "Devices"], sizes: [PHONE] },
  { name: "keys", screen: "meeting-two", press: ["Devices", "Show all keys"], sizes: [DESK] },
  { name: "leave", screen: "meeting-host", press: ["Leave"], sizes: SIZES },
  { name: "pinned", screen: "meeting-grid", press: ["Layla Rahman"], sizes: SIZES },
];

let gallery;
before(async () => {
  mkdirSync(SHOTS, { recursive: true });
  gallery = await openGallery("gallery-look");
});
after(() => gallery?.close());

/** What axe has against the page, one line each. In forced colours it cannot see the colours. */
async function audit(page, forced) {
  await page.evaluate(AXE);
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

async function look(screen, name, { press = [], ...how }) {
  const { page, complaints, close } = await gallery.open(screen, how);
  for (const button of press) await page.getByRole("button", { name: button }).last().click();
  await settled(page);
  const fullPage = !screen.startsWith("meeting");
  await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage });
  assert.deepEqual(await audit(page, how.forcedColors === "active"), [], name);
  assert.equal(await page.evaluate(sideways), "", name);
  assert.deepEqual(complaints, [], name);
  await close();
}

const wanted = process.env.SCREENS ? process.env.SCREENS.split(",") : undefined;
const chosen = (screens) => screens.filter((screen) => !wanted || wanted.includes(screen));

for (const screen of chosen(PAGES)) {
  test(`${screen} is accessible and fits, in light and dark, from 320 to 1,440 px`, async () => {
    for (const size of SIZES) await look(screen, `${screen}-light-${size.width}`, { size });
    for (const size of [PHONE, DESK])
      await look(screen, `${screen}-dark-${size.width}`, { size, colorScheme: "dark" });
  });
}

for (const screen of chosen(MEETINGS)) {
  test(`${screen} is accessible and fits from 320 to 1,440 px`, async () => {
    for (const size of SIZES) await look(screen, `${screen}-${size.width}`, { size });
  });
}

for (const screen of chosen(["home-invite", "join", "meeting-grid", "meeting-share", "left"])) {
  test(`${screen} is accessible and fits from right to left`, async () => {
    for (const size of [PHONE, DESK])
      await look(screen, `${screen}-rtl-${size.width}`, { size, dir: "rtl" });
  });
}

for (const { name, screen, press, sizes } of OPENED.filter((o) => !wanted || wanted.includes(o.name))) {
  test(`${name}, opened by a press, is accessible and fits`, async () => {
    for (const size of sizes) await look(screen, `open-${name}-${size.width}`, { size, press });
  });
}

// 400 % zoom of a desk is this narrow and this low.
for (const screen of chosen(["home-invite", "join", "meeting-grid", "meeting-two-live"])) {
  test(`${screen} fits at 400 % zoom and on a phone on its side`, async () => {
    for (const size of [{ width: 360, height: 225 }, { width: 740, height: 360 }])
      await look(screen, `${screen}-${size.width}x${size.height}`, { size });
  });
}

for (const screen of chosen(["join", "meeting-two-live"])) {
  test(`${screen} keeps its edges in forced colours`, async () => {
    await look(screen, `${screen}-forced`, { size: DESK, forcedColors: "active" });
  });
}
