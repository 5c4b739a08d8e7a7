// People come in, each with new keys for all, and a browser goes on seeing and hearing somebody: how long
// the picture stands still and the sound is missing then. What the server says reaches the browser 150 ms
// late. The sound that is missing is what the browser made up. Each browser is measured alone among
// headless participants, and then both at once, which two cores have to share; beside each figure stands
// what the same people see in the same time when nobody comes, and how many frames waited for a key meanwhile.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { MEDIA, picture as movingPicture, tone } from "../tests/system/lib/client.mjs";
import { agree, epochOf, Scene } from "../tests/system/lib/evil_scene.mjs";
import { ask, inside, picture } from "../tests/browser/lib/meeting.mjs";
import { chromium, firefox } from "../tests/browser/lib/people.mjs";
import { sleep, startServer } from "../tests/browser/lib/server.mjs";
import { help } from "./help.mjs";

const LATE_MS = 150;
const JOINS = 5;
const PERIOD_MS = 2000;

/** Runs in the page: notes when the only picture was shown anew, how many frames of it were decoded every 15 ms,
 * and how many samples of sound were made up because there were none. Chromium's counts are up to 50 ms old;
 * headless Firefox calls nobody back for what it shows: so each is measured by what it does well. */
function watch() {
  const seen = { shown: [], decoded: [], made: [] };
  window.epochsOfTest = seen;
  const video = document.querySelector("[data-person] video");
  const onFrame = (now) => {
    seen.shown.push(now);
    video.requestVideoFrameCallback(onFrame);
  };
  video.requestVideoFrameCallback?.(onFrame);
  let decoded = 0;
  const count = async () => {
    let [concealed, frames] = [0, 0];
    const connection = window.seenByTest.connections.at(-1);
    for (const report of (await connection.getStats()).values()) {
      if (report.type !== "inbound-rtp") continue;
      if (report.kind === "video") frames += report.framesDecoded ?? 0;
      else if (report.packetsReceived > 0) concealed += report.concealedSamples ?? 0;
    }
    const now = performance.now();
    if (frames > decoded) seen.decoded.push(now);
    decoded = frames;
    seen.made.push([now, concealed]);
    setTimeout(count, 15);
  };
  count();
}

/** Of the last `ms`: frames, the longest time between two, and the milliseconds of sound that were made up. */
function measure(ms) {
  const { shown: onScreen, decoded, made } = window.epochsOfTest;
  const since = performance.now() - ms;
  const lately = (times) => times.filter((at) => at >= since);
  const [shown] = [lately(onScreen), lately(decoded)].sort((a, b) => b.length - a.length);
  const counts = made.filter(([at]) => at >= since).map(([, concealed]) => concealed);
  return {
    frames: shown.length,
    freeze: Math.round(Math.max(...shown.slice(1).map((at, i) => at - shown[i]))),
    gap: Math.round((counts.at(-1) - counts[0]) / 48),
  };
}

/** Frames that waited for a key or an assignment, so far: ours, whatever the machine does. */
const held = () => [...window.seenByTest.frames.values()].reduce((sum, line) => sum + line.held, 0);
const heldBy = (viewers) => Promise.all(viewers.map((person) => person.evaluate(held)));

const worst = (periods, i, what) => Math.max(...periods.map((period) => period[i][what]));
const measureAll = (viewers) => Promise.all(viewers.map((person) => person.evaluate(measure, PERIOD_MS)));

/** Two seconds without and two with a commit that lets somebody in, JOINS times. */
async function measureJoins(scene, layla, viewers) {
  const [quiet, joining] = [[], []];
  await sleep(3000); // past the first frames
  for (const person of viewers) await person.evaluate(watch);
  const before = await heldBy(viewers);
  for (let i = 0; i < JOINS; i++) {
    const guest = await scene.come(`Guest ${i + 1}`); // waits, and starting it is over
    await scene.host.event("knock", (event) => event.name === guest.name);
    await sleep(500 + PERIOD_MS);
    quiet.push(await measureAll(viewers));
    const epoch = epochOf(layla);
    scene.host.say(`admit ${guest.name}`);
    await sleep(PERIOD_MS);
    joining.push(await measureAll(viewers));
    if ((await agree(scene.host, layla)) <= epoch) throw new Error("nobody came in");
  }
  const waited = (await heldBy(viewers)).map((frames, i) => frames - before[i]);
  return { quiet, joining, waited };
}

const BROWSERS = { Chromium: chromium, Firefox: firefox };

/** One meeting with these browsers: a row of the table for each. */
async function meet(names) {
  const endings = [];
  const server = await startServer({ port: 18161, flags: MEDIA.slice(0, 1) });
  const scene = await Scene.open({ after: (end) => endings.push(end) }, { port: 18161 }, server.data);
  const layla = await scene.comeIn("Layla", { args: ["--video", movingPicture(), "--audio", tone(330)] });
  const viewers = await Promise.all(names.map((name) => BROWSERS[name]({ name })));
  for (const person of viewers) await enter(scene, person);
  const { quiet, joining, waited } = await measureJoins(scene, layla, viewers);
  for (const [i, name] of names.entries()) {
    const [still, frozen] = [quiet, joining].map((periods) => worst(periods, i, "freeze"));
    const [before, missing] = [quiet, joining].map((periods) => worst(periods, i, "gap"));
    const cells = [[frozen, 13], [still, 28], [missing, 16], [before, 26], [waited[i], 24]];
    const label = `${name}${names.length > 1 ? ", both" : ""}`;
    console.log(`  ${label.padEnd(16)}${cells.map(([value, width]) => String(value).padStart(width)).join("")}`);
  }
  await Promise.all(viewers.map((person) => person.close()));
  for (const end of endings) await end();
  await server.end();
}

async function run() {
  console.log(`${JOINS} people come in; what the server says reaches browsers ${LATE_MS} ms late. Longest, in ms:`);
  console.log("                  picture still  (aim 100)   without joins   sound missing  (aim 60)   without joins   frames that waited");
  for (const names of [["Chromium"], ["Firefox"], ["Chromium", "Firefox"]]) await meet(names);
}

async function enter(scene, person) {
  const next = scene.evil.next();
  await person.open(scene.link);
  await ask(person, person.name);
  const wire = await next;
  wire.down = (message) => void setTimeout(() => wire.tell(message), LATE_MS);
  await scene.host.event("knock", (event) => event.name === person.name);
  scene.host.say(`admit ${person.name}`);
  await inside(person);
  await picture(person, "Layla");
}

help("epochs_bench.mjs\nHow long a browser's picture stands still and its sound is missing while people come in.");
// In a network of its own, where browsers find an address that is not loopback.
if (process.env.INCAMERA_NAMESPACE === "entered") await run();
else {
  const here = fileURLToPath(import.meta.url);
  const namespace = fileURLToPath(new URL("../tests/net/in-namespace", import.meta.url));
  process.exitCode = spawnSync(namespace, [process.execPath, here], { stdio: "inherit" }).status ?? 1;
}
