// Every screen of the interface, drawn from made-up views under the policy that the server sends: axe
// finds nothing against WCAG 2.0 to 2.2 A and AA, nothing scrolls sideways, nothing breaks the policy.
// The pictures go to build/screens/. SCREENS=name[,name] looks at those alone.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { extname, join } from "node:path";
import { after, before, test } from "node:test";
import { buildGallery } from "../../web/gallery.mjs";
import { root } from "./lib/server.mjs";

const require = createRequire(join(root, "web/package.json"));
const { chromium } = require("playwright-core");
const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const SHOTS = join(root, "build/screens");
const GALLERY = join(root, "build/gallery-look");
const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; " +
  "worker-src 'self'; media-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"];
const SIZES = [
  { width: 320, height: 640 },
  { width: 768, height: 1024 },
  { width: 1440, height: 900 },
];

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

let server;
let browser;
let origin;

function serve(request, response) {
  const path = new URL(request.url, "http://host").pathname;
  const file = join(GALLERY, path === "/" ? "index.html" : path);
  const headers = {
    "content-type": TYPES[extname(file)] ?? "text/plain",
    "content-security-policy": POLICY,
    "cross-origin-opener-policy": "same-origin",
  };
  try {
    const body = readFileSync(file);
    response.writeHead(200, headers).end(body);
  } catch {
    response.writeHead(404, headers).end();
  }
}

before(async () => {
  mkdirSync(SHOTS, { recursive: true });
  await buildGallery(GALLERY);
  server = createServer(serve);
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  origin = `http://127.0.0.1:${server.address().port}`;
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
  });
});

after(async () => {
  await browser?.close();
  server?.close();
});

/** Opens a screen; gives the page and what it complained about. */
async function open(screen, { size, scheme = "light", dir = "ltr", options = {} }) {
  const context = await browser.newContext({ viewport: size, colorScheme: scheme, ...options });
  const page = await context.newPage();
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (line) => line.type() === "error" && complaints.push(line.text()));
  await page.goto(`${origin}/?screen=${screen}&dir=${dir}`);
  await page.waitForSelector("main:not([aria-busy=true])");
  await page.waitForFunction(() =>
    [...document.querySelectorAll("video")].every((video) => video.readyState >= 2),
  );
  await page.evaluate(() => Promise.all(document.getAnimations().map((a) => a.finished.catch(() => {}))));
  return { page, complaints, close: () => context.close() };
}

/** What axe has against the page, one line each. */
async function audit(page) {
  await page.evaluate(AXE);
  const violations = await page.evaluate(
    async (tags) => (await globalThis.axe.run({ runOnly: { type: "tag", values: tags } })).violations,
    RULES,
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`),
  );
}

/** What reaches out of the window sideways. */
function sideways() {
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  return wide > 0 ? `${wide} px too wide` : "";
}

const wanted = process.env.SCREENS ? process.env.SCREENS.split(",") : undefined;
const chosen = (screens) => screens.filter((screen) => !wanted || wanted.includes(screen));

async function look(screen, how, name) {
  const { page, complaints, close } = await open(screen, how);
  await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: screen.startsWith("meeting") === false });
  const found = await audit(page);
  assert.deepEqual(found, [], name);
  assert.equal(await page.evaluate(sideways), "", name);
  assert.deepEqual(complaints, [], name);
  await close();
}

for (const screen of chosen(PAGES)) {
  test(`${screen} is accessible and fits, in light and dark, from 320 to 1,440 px`, async () => {
    for (const scheme of ["light", "dark"])
      for (const size of SIZES) await look(screen, { size, scheme }, `${screen}-${scheme}-${size.width}`);
  });
}

for (const screen of chosen(MEETINGS)) {
  test(`${screen} is accessible and fits from 320 to 1,440 px`, async () => {
    for (const size of SIZES) await look(screen, { size }, `${screen}-${size.width}`);
  });
}

for (const screen of chosen(["home-invite", "join", "meeting-grid", "meeting-share", "left"])) {
  test(`${screen} is accessible and fits from right to left`, async () => {
    for (const size of SIZES) await look(screen, { size, dir: "rtl" }, `${screen}-rtl-${size.width}`);
  });
}
