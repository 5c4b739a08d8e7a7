// A long run of everything at once, in which nothing may grow: headless people come, share, are muted,
// lose their network and go, media processes are killed, meeting after meeting begins and ends.
//
//   SOAK=seconds (1800)   SEED=number (1): the same seed makes the same plan
//
// Once a round, about a minute, all have left, and memory, open files, stored bytes and connections are
// noted; the verdict compares the last third of the rounds with the first. Status 1: something grew, or
// somebody could not come in.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { parse, value } from "../tests/lib/exposition.mjs";
import { Client, MEDIA, picture } from "../tests/system/lib/client.mjs";
import { makeFolder, Server } from "../tests/system/lib/server.mjs";

const SECONDS = Number(process.env.SOAK || 1800);
const MEETINGS = 3;
const GUESTS = 3; // of a meeting, one after the other and at once
const IDLE_S = 10;
const MIB = 2 ** 20;

let seed = Number(process.env.SEED || 1);
/** mulberry32: the plan, and so a failure, can be had again. */
function random() {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}
const between = (least, most) => least + Math.floor(random() * (most - least + 1));
const later = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));
const say = (line) => process.stdout.write(`${line}\n`);

const { folder, remove } = makeFolder();
const server = await Server.start(folder, [...MEDIA, "--media.workers=2", "--metrics.listen=127.0.0.1:0"]);
const { port } = await server.logged((line) => line.event === "metrics");
const done = { comes: 0, shares: 0, mutes: 0, outages: 0, kills: 0, meetings: 0 };
const failures = [];

/* What is there. */

const workers = () => {
  const ready = new Map();
  for (const line of server.log) if (line.area === "workers" && line.event === "ready") ready.set(line.worker, line.pid);
  return ready;
};

function processOf(pid) {
  const status = readFileSync(`/proc/${pid}/status`, "latin1");
  const rss = (Number(/VmRSS:\s+(\d+)/.exec(status)[1]) * 1024) / MIB;
  return { rss, files: readdirSync(`/proc/${pid}/fd`).length };
}

/** What is in use of the store. Its log of writes is a ring of four MiB, which the first hundred meetings fill, and is left out. */
function storedBytes() {
  const used = "SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, pragma_freelist_count, pragma_page_size";
  return Number(execFileSync("sqlite3", ["-readonly", `${folder}/store/incamera.db`, used]));
}

async function metrics() {
  return parse(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text());
}

const connections = (m) => value(m, "incamera_media_connections");

/** All that must be the same round after round. Media process 0 is killed now and then; 1 lives. */
async function takeStock() {
  const m = await metrics();
  const control = processOf(server.pid);
  const media = processOf(workers().get(1));
  return {
    control_mib: control.rss,
    control_files: control.files,
    media_mib: media.rss,
    media_files: media.files,
    kib_a_meeting: storedBytes() / 1024 / done.meetings, // kept until a host ends them
    sockets: value(m, "incamera_sockets"),
    members: value(m, "incamera_members"),
    connections: connections(m),
  };
}

/** Until everybody is forgotten: who could not say that it leaves is kept for a minute. */
async function untilEmpty() {
  for (let tries = 0; tries < 160; tries++) {
    const m = await metrics();
    if (value(m, "incamera_members") + value(m, "incamera_sockets") + connections(m) === 0) return;
    await later(0.5);
  }
  failures.push("people were not forgotten in 80 s");
}

/* Who comes. */

const SENDS = ["--pattern", 150_000, "--tone"];

function leave(client, what) {
  return client.leave().then((final) => {
    if (!final || final.failed > 0 || final.joins < 1) failures.push(`${what}: ${JSON.stringify(final ?? client.complaints)}`);
  });
}

/** Stopped for so long that its network might as well be gone. */
async function loseNetwork(client, seconds) {
  done.outages++;
  process.kill(client.pid, "SIGSTOP");
  await later(seconds);
  process.kill(client.pid, "SIGCONT");
}

async function visit(link, name, host, seconds) {
  const shares = random() < 0.3;
  const how = random() < 0.25 ? ["--tcp"] : [];
  done.comes++;
  done.shares += shares;
  const guest = new Client([link, "--name", name, ...SENDS, ...how, ...(shares ? ["--screen", picture(640, 360, 15)] : [])]);
  const end = performance.now() + seconds * 1000;
  await guest.line((line) => line.joined === 1, 60_000).catch(() => failures.push(`${name} did not come in`));
  if (random() < 0.4) await loseNetwork(guest, between(2, 12));
  if (random() < 0.4) {
    done.mutes++;
    host.say(`mute ${name}`);
  }
  await later(Math.max(1, (end - performance.now()) / 1000));
  await leave(guest, name);
}

async function meet(number, seconds) {
  done.meetings++;
  const address = `${server.startAddress.split("#")[0]}#${server.newStartToken()}`;
  const host = new Client(["--start", address, "--admit", "--control", "--name", "Host", ...SENDS, "--layers", 2]);
  const link = await host.link();
  const end = performance.now() + seconds * 1000;
  const visits = Array.from({ length: GUESTS }, async (_, i) => {
    for (let turn = 0; performance.now() < end - 15_000; turn++) {
      await later(between(0, 5));
      await visit(link, `guest-${number}-${i}-${turn}`, host, between(8, 20));
    }
  });
  await Promise.all(visits);
  await leave(host, `host ${number}`);
}

/* The run. */

async function round(number) {
  const meetings = Array.from({ length: MEETINGS }, (_, i) => meet(number * MEETINGS + i, 45));
  const kill = later(between(15, 30)).then(() => {
    done.kills++;
    process.kill(workers().get(0), "SIGKILL");
  });
  await Promise.all([...meetings, kill]);
  await untilEmpty();
}

const COLUMNS = ["control_mib", "control_files", "media_mib", "media_files", "kib_a_meeting", "sockets", "members", "connections"];
const cells = (stock) => COLUMNS.map((name) => `${Math.round(stock[name] * 10) / 10}`.padStart(name.length)).join("  ");

/** How much each may be more at the end than at the beginning. */
const ALLOWED = { control_mib: 4, control_files: 2, media_mib: 4, media_files: 2, kib_a_meeting: 1, sockets: 0, members: 0, connections: 0 };
const middle = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

function judge(rounds) {
  const third = Math.max(1, Math.floor(rounds.length / 3));
  for (const name of COLUMNS) {
    const [first, last] = [rounds.slice(0, third), rounds.slice(-third)].map((part) => middle(part.map((stock) => stock[name])));
    if (last > first + ALLOWED[name]) failures.push(`${name} grew from ${first.toFixed(1)} to ${last.toFixed(1)}`);
  }
}

/** Timers that were left behind would show as work. */
async function checkIdle() {
  const spent = async () => {
    const m = await metrics();
    return [value(m, "process_cpu_seconds_total"), value(m, "incamera_media_cpu_seconds_total")];
  };
  const before = await spent();
  await later(IDLE_S);
  const after = await spent();
  const [control, media] = after.map((seconds, i) => ((seconds - before[i]) / IDLE_S) * 100);
  say(`empty for ${IDLE_S} s: control ${control.toFixed(2)} %, media ${media.toFixed(2)} % of a core`);
  if (control > 1 || media > 0.1) failures.push("an empty server works");
}

async function run() {
  const rounds = [];
  const end = performance.now() + SECONDS * 1000;
  say(`${SECONDS} s, seed ${seed}`);
  await round(0); // what is made once is made now
  say(`round  ${COLUMNS.join("  ")}`);
  for (let number = 1; performance.now() < end || rounds.length < 3; number++) {
    await round(number);
    rounds.push(await takeStock());
    say(`${`${number}`.padStart(5)}  ${cells(rounds.at(-1))}`);
  }
  await checkIdle();
  judge(rounds);
}

await run().catch((error) => failures.push(error.stack));
const errors = server.log.filter((line) => line.level === "error" && line.event !== "parked");
if (errors.length > 0) failures.push(`the server logged ${errors.length} errors, the first: ${JSON.stringify(errors[0])}`);
const ended = await server.stop();
if (ended.code !== 0) failures.push(`the server ended with ${ended.code}`);
remove();
say(Object.entries(done).map(([what, count]) => `${count} ${what}`).join(", "));
for (const failure of failures) say(`   ${failure}`);
say(failures.length === 0 ? "soak: nothing grew, everybody came in" : `soak: FAILED, ${failures.length} complaints`);
process.exit(failures.length === 0 ? 0 : 1);
