// The gallery of made-up views, served under the policy that the server sends, in a Chromium.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { buildGallery } from "../../../web/gallery.mjs";
import { browsers } from "../../lib/programs.mjs";
import { root } from "./server.mjs";

const require = createRequire(join(root, "web/package.json"));

/** The content security policy in the server's own source: its string literals, joined. */
function policyOfServer() {
  const source = readFileSync(join(root, "src/server/http_headers.c"), "utf8");
  const [, literals] = source.match(/content_security_policy\[\] =((?:\s*"[^"]*")+);/);
  return [...literals.matchAll(/"([^"]*)"/g)].map(([, part]) => part).join("");
}

export const POLICY = policyOfServer();
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };

function serve(folder) {
  return createServer((request, response) => {
    const path = new URL(request.url, "http://host").pathname;
    const file = join(folder, path === "/" ? "index.html" : path);
    const headers = {
      "content-type": TYPES[extname(file)] ?? "text/plain",
      "content-security-policy": POLICY,
    };
    try {
      const body = readFileSync(file);
      response.writeHead(200, headers).end(body);
    } catch {
      response.writeHead(404, headers).end();
    }
  });
}

const ARGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"];

const DESK = { width: 1440, height: 900 };

async function newPage(browser, options) {
  const context = await browser.newContext(options);
  const opened = { page: await context.newPage(), complaints: [] };
  opened.page.on("pageerror", (error) => opened.complaints.push(String(error)));
  opened.page.on("console", (line) => line.type() === "error" && opened.complaints.push(line.text()));
  return opened;
}

/** `folder` under build/ is this test's own. */
export async function openGallery(folder) {
  const { chromium } = require("playwright-core");
  const path = join(root, "build", folder);
  await buildGallery(path);
  const server = serve(path);
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const browser = await chromium.launch({
    executablePath: browsers.chromium,
    args: ARGS,
  });
  const origin = `http://127.0.0.1:${server.address().port}`;
  const idle = new Map(); // pages whose test has ended well, by the options of their context
  return {
    /**
     * A screen, drawn and still; with what the browser complained about. Loads it anew in a page that a
     * test before has closed, which costs half of what a new one does: the interface stores nothing there.
     */
    async open(screen, { size = DESK, dir = "ltr", colorScheme = "light", forcedColors, reducedMotion, ...options } = {}) {
      const kind = JSON.stringify(options);
      const used = idle.get(kind) ?? (await newPage(browser, options));
      idle.delete(kind);
      const { page } = used;
      used.complaints = [];
      await page.mouse.move(-1, -1); // over nothing
      await page.emulateMedia({ colorScheme, forcedColors: forcedColors ?? null, reducedMotion: reducedMotion ?? null });
      await page.setViewportSize(size);
      await page.goto(`${origin}/?screen=${screen}&dir=${dir}`);
      await page.waitForSelector("main:not([aria-busy=true])");
      await settled(page);
      return { page, complaints: used.complaints, close: () => idle.set(kind, used) };
    },
    /** The same for somebody whose browser is set to text of `px`, where 16 is usual. */
    async openWithText(px, screen, size) {
      const profile = mkdtempSync(join(tmpdir(), "incamera-text-"));
      mkdirSync(join(profile, "Default"));
      const preferences = { webkit: { webprefs: { default_font_size: px } } };
      writeFileSync(join(profile, "Default/Preferences"), JSON.stringify(preferences));
      const how = { executablePath: browsers.chromium, args: ARGS, viewport: size };
      const context = await chromium.launchPersistentContext(profile, how);
      const page = await context.newPage();
      await page.goto(`${origin}/?screen=${screen}`);
      await page.waitForSelector("main:not([aria-busy=true])");
      await settled(page);
      const close = async () => {
        await context.close();
        rmSync(profile, { recursive: true, force: true });
      };
      return { page, close };
    },
    async close() {
      await browser.close();
      server.close();
    },
  };
}

/** Every picture moves, and nothing glides any more. */
export async function settled(page) {
  await page.waitForFunction(() =>
    [...document.querySelectorAll("video")].every((video) => video.readyState >= 2),
  );
  await page.evaluate(async () => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    await frame().then(frame); // what a new size sets off begins a frame later
    await Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {})));
  });
}
