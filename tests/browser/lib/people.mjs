// A person at a browser: Chromium by Playwright, Firefox ESR by WebDriver BiDi, with the same few
// verbs. They press what they can find by its accessible name, as people do; nothing in the page
// helps them.
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { browsers } from "../../lib/programs.mjs";
import { root, sleep } from "./server.mjs";

const require = createRequire(join(root, "web/package.json"));

/** Runs in the page: the middle of the visible element of `role` whose name begins with `name`. */
function locate([role, name]) {
  const roles = {
    button: "button, [role=button], [role=menuitem], [role=switch], a.button",
    link: "a",
    textbox: "input, textarea",
    heading: "h1, h2, h3",
  };
  const nameOf = (e) =>
    e.getAttribute("aria-label") ??
    (e.labels?.[0]?.textContent || e.textContent || e.getAttribute("placeholder") || e.title || "");
  for (const e of document.querySelectorAll(roles[role])) {
    const box = e.getBoundingClientRect();
    if (box.width === 0 || e.disabled) continue;
    if (!nameOf(e).trim().toLowerCase().startsWith(name.toLowerCase())) continue;
    e.scrollIntoView({ block: "nearest" });
    const at = e.getBoundingClientRect();
    return { x: at.x + at.width / 2, y: at.y + at.height / 2 };
  }
  return null;
}

/** Runs before the page's own script: notes what it asks of the browser and says to the server. Headless
 * Chromium can give no screen but its own tab, so the tab is what is shared there. */
function spy() {
  const seen = { captures: 0, tracks: [], connections: [], sounds: new Set(), said: [], told: [], frames: new Map() };
  Object.defineProperty(window, "seenByTest", { value: seen });
  for (const ask of ["getUserMedia", "getDisplayMedia"]) {
    const own = navigator.mediaDevices?.[ask];
    if (own)
      navigator.mediaDevices[ask] = async function (about) {
        seen.captures++;
        const wanted = ask === "getDisplayMedia" ? { ...about, preferCurrentTab: true } : about;
        const stream = await own.call(this, wanted);
        seen.tracks.push(...stream.getTracks());
        return stream;
      };
  }
  const play = HTMLAudioElement.prototype.play;
  HTMLAudioElement.prototype.play = function () {
    seen.sounds.add(this);
    return play.call(this);
  };
  const OwnSocket = window.WebSocket;
  window.WebSocket = class extends OwnSocket {
    constructor(...about) {
      super(...about);
      this.addEventListener("message", ({ data }) => seen.told.push(JSON.parse(data)));
    }
    send(text) {
      seen.said.push(JSON.parse(text));
      super.send(text);
    }
  };
  const OwnWorker = window.Worker;
  window.Worker = class extends OwnWorker {
    constructor(...about) {
      super(...about);
      this.addEventListener("message", ({ data }) => {
        if (data.event?.type !== "counts") return;
        for (const counts of data.event.lines) seen.frames.set(counts.line, counts);
      });
    }
  };
  const Own = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Own {
    constructor(...about) {
      super(...about);
      seen.connections.push(this);
    }
  };
}

class Person {
  constructor(name, page, close) {
    Object.assign(this, { name, page, close, complaints: [], requests: [] });
    page.on("pageerror", (e) => this.complaints.push(String(e)));
    page.on("console", (m) => m.type() === "error" && this.complaints.push(m.text()));
    page.on("request", (r) => this.requests.push(r.url()));
  }

  open(address) {
    return this.page.goto(address, { timeout: 20000 });
  }

  /** Firefox's driver may answer while the old document is still there. */
  async reload() {
    await this.page.evaluate(() => {
      window.isOldToTest = true;
    });
    await this.page.reload();
    await this.until(() => !window.isOldToTest, null, 10000, "the page anew");
  }

  resize(width, height) {
    const { page } = this;
    return page.setViewportSize ? page.setViewportSize({ width, height }) : page.setViewport({ width, height });
  }

  evaluate(what, argument) {
    return this.page.evaluate(what, argument);
  }

  /** Waits until `what` is true in the page. */
  async until(what, argument, ms = 15000, why = String(what)) {
    const end = Date.now() + ms;
    for (;;) {
      const value = await this.page.evaluate(what, argument).catch(() => null);
      if (value) return value;
      if (Date.now() > end) throw new Error(`${this.name}: not within ${ms} ms: ${why}\n${await this.screen()}`);
      await sleep(50);
    }
  }

  async press(name, role = "button", ms = 15000) {
    const at = await this.until(locate, [role, name], ms, `a ${role} called "${name}"`);
    await this.page.mouse.click(at.x, at.y);
  }

  async type(field, text) {
    await this.press(field, "textbox");
    await this.page.keyboard.type(text);
  }

  async screen() {
    const text = await this.page.evaluate(() => document.body.innerText).catch((e) => String(e));
    return `--- ${this.name} sees:\n${text}\n--- complaints:\n${this.complaints.join("\n")}`;
  }

  /** RTP packets sent on all connections so far, and capture calls made. */
  sent() {
    return this.page.evaluate(async () => {
      let packets = 0;
      for (const connection of window.seenByTest.connections)
        for (const report of (await connection.getStats()).values())
          if (report.type === "outbound-rtp") packets += report.packetsSent ?? 0;
      return { packets, captures: window.seenByTest.captures };
    });
  }

  /** Frames of others that came to the page so far, and those that it could open. */
  frames() {
    return this.page.evaluate(() => {
      const isOfOthers = ([line]) => /^[0-9]+-[0-9]+$/.test(line);
      const counts = [...window.seenByTest.frames].filter(isOfOthers).map(([, line]) => line);
      const sum = (key) => counts.reduce((total, line) => total + line[key], 0);
      return { came: sum("in"), opened: sum("out") };
    });
  }

  /** Capture devices that run: what lights the lamp beside a camera. */
  running() {
    return this.page.evaluate(
      () => window.seenByTest.tracks.filter((track) => track.readyState === "live").length,
    );
  }

  async picture(file) {
    await this.page.screenshot({ path: file });
  }
}

/** With `loud` what the page plays goes to a loudspeaker, without which sharing the tab gives no sound. */
export async function chromium({ name, browser: own, camera, microphone, args = [], viewport, loud = false }) {
  const { chromium: engine } = require("playwright-core");
  const browser = await engine.launch({
    executablePath: own ?? browsers.chromium,
    ignoreDefaultArgs: loud ? ["--mute-audio"] : [],
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--disable-features=WebRtcHideLocalIpsWithMdns",
      "--use-fake-device-for-media-stream",
      "--auto-accept-this-tab-capture",
      "--autoplay-policy=no-user-gesture-required",
      ...(camera ? [`--use-file-for-fake-video-capture=${camera}`] : []),
      ...(microphone ? [`--use-file-for-fake-audio-capture=${microphone}`] : []),
      ...args,
    ],
  });
  const context = await browser.newContext({
    viewport: viewport ?? { width: 1280, height: 800 },
    permissions: ["camera", "microphone"], // the person says yes
    ignoreHTTPSErrors: true, // the person presses "go on" at a certificate made for the test
  });
  await context.addInitScript(spy);
  return new Person(name, await context.newPage(), () => browser.close());
}

/** Without a `display` it has no screen that could be shared. `trusted` is a host whose pages count as secure;
 * with a `debuggingPort` it is driven over that one. */
export async function firefox({ name, browser: own, display, trusted, debuggingPort }) {
  const engine = require("puppeteer-core");
  const userDataDir = mkdtempSync(join(tmpdir(), "incamera-firefox-"));
  const browser = await engine.launch({
    browser: "firefox",
    executablePath: own ?? browsers.firefox,
    headless: !display,
    env: { ...process.env, ...(display ? { DISPLAY: display } : {}) },
    acceptInsecureCerts: true,
    userDataDir,
    debuggingPort,
    extraPrefsFirefox: {
      "media.navigator.streams.fake": true,
      "media.navigator.audio.fake_frequency": 550,
      "media.navigator.permission.disabled": true,
      "media.autoplay.default": 0,
      "media.getusermedia.insecure.enabled": false,
      "network.captive-portal-service.enabled": false,
      "network.connectivity-service.enabled": false,
      "media.gmp-manager.updateEnabled": false,
      "browser.safebrowsing.downloads.remote.enabled": false,
      "app.update.enabled": false,
      ...(trusted ? { "dom.securecontext.allowlist": trusted } : {}),
    },
  });
  const page = await browser.newPage();
  await page.setViewport({ width: 1280, height: 800 });
  await page.evaluateOnNewDocument(spy);
  return new Person(name, page, async () => {
    await browser.close();
    rmSync(userDataDir, { recursive: true, force: true });
  });
}
