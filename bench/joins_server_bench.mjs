// What a whole join costs the server: from the TCP connection over the WebSocket, the knock, the commit that
// lets somebody in and the first `joined` to a media transport that is up. The server and its worker are the
// real ones, on a core of their own; real headless participants come on the other, and what they take is not
// counted. The door is as by default: each knocks, and the meeting's host lets it in.
//
//   incamera-client, hosts and guests ──WebSocket──► incamera serve     (processor time)
//                                     ──UDP────────► incamera-media     (processor time)
//
// What both take while nobody comes is measured before and after, and subtracted.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client, MEDIA } from "../tests/system/lib/client.mjs";
import { makeFolder, program, Server } from "../tests/system/lib/server.mjs";
import { help } from "./help.mjs";

const [SERVER_CORE, CLIENTS_CORE] = [0, 1];
const GUESTS = 8; // a meeting, beside its host
const MEETINGS = Number(process.env.MEETINGS ?? 40);
const PACE = 20; // joins a second
const LARGE = 40; // people of one meeting
const LARGE_PACE = 4;
const IDLE_MS = 5000;
const PATIENCE_MS = 120_000;

const KINDS = {
  plain: null,
  "TLS, P-256": ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
  "TLS, RSA 2048": ["rsa:2048"],
};

/** All threads of a process that runs, and those it starts. */
function pin(pid, core) {
  if (cpus().length > 1) execFileSync("taskset", ["-a", "-c", "-p", core, pid].map(String), { stdio: "ignore" });
}

/** User and system, of all its threads, in milliseconds. */
function processorTime(pid) {
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.reduce((sum, id) => sum + Number(readFileSync(`/proc/${pid}/task/${id}/schedstat`, "utf8").split(" ")[0]), 0) / 1e6;
}

/** What has come and gone over the server's connections that are open. */
function signalledBytes(port) {
  const shown = execFileSync("ss", ["-tinOH", "sport", "=", `:${port}`]).toString();
  const sum = (name) => [...shown.matchAll(new RegExp(`${name}:(\\d+)`, "g"))].reduce((all, [, bytes]) => all + Number(bytes), 0);
  return { in: sum("bytes_received"), out: sum("bytes_sent") };
}

function certificate(folder, key) {
  const files = { pem: path.join(folder, "tls.pem"), key: path.join(folder, "tls.key") };
  const how = ["req", "-x509", "-newkey", ...key, "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"];
  execFileSync("openssl", [...how, "-keyout", files.key, "-out", files.pem], { stdio: "ignore" });
  return [`--tls.certificate=${files.pem}`, `--tls.key=${files.key}`];
}

class Host {
  #folder = makeFolder();
  #clients = [];
  #addresses;

  static async start(key) {
    const host = new Host();
    const { folder } = host.#folder;
    const tls = key ? certificate(folder, key) : [];
    host.server = await Server.start(folder, [...MEDIA, ...tls]);
    const flags = [`--http.listen=127.0.0.1:${host.server.port}`, `--store.path=${folder}/store/incamera.db`, ...tls];
    host.#addresses = () => execFileSync(program, ["start-address", ...flags]).toString().trim();
    host.pids = { server: host.server.pid, worker: host.server.log.find(({ area, event }) => area === "workers" && event === "ready").pid };
    for (const pid of Object.values(host.pids)) pin(pid, SERVER_CORE);
    return host;
  }

  /** As many participants as `count`, in when it returns. */
  async come(args, count) {
    const client = new Client([...args, "--insecure-certificate"]);
    this.#clients.push(client);
    const { failed_joins } = await client.line((line) => line.joined === count || line.failed_joins > 0, PATIENCE_MS);
    if (failed_joins > 0) throw new Error(`not all came in: ${client.complaints}`);
    return client;
  }

  /** A meeting with its host in it; gives the link for guests. */
  async meeting() {
    const client = await this.come(["--start", this.#addresses(), "--admit", "--name", "Host"], 1);
    return client.link();
  }

  meetings(count) {
    return Promise.all(Array.from({ length: count }, () => this.meeting()));
  }

  look() {
    const time = Object.fromEntries(Object.entries(this.pids).map(([name, pid]) => [name, processorTime(pid)]));
    return { at: performance.now(), time, bytes: signalledBytes(this.server.port) };
  }

  /** Processor time a millisecond while nothing happens. */
  async idle() {
    const before = this.look();
    await sleep(IDLE_MS);
    const after = this.look();
    const rate = (name) => (after.time[name] - before.time[name]) / (after.at - before.at);
    return { server: rate("server"), worker: rate("worker") };
  }

  /** What `count` joins that `come` makes took, each. */
  async measure(count, come) {
    const quiet = await this.idle();
    const before = this.look();
    await come();
    const after = this.look();
    const later = await this.idle();
    const passed = after.at - before.at;
    const each = (name) => (after.time[name] - before.time[name] - (passed * (quiet[name] + later[name])) / 2) / count;
    const bytes = (way) => (after.bytes[way] - before.bytes[way]) / count;
    return { server: each("server"), worker: each("worker"), in: bytes("in"), out: bytes("out") };
  }

  async end() {
    for (const client of this.#clients) client.kill();
    await Promise.all(this.#clients.map(({ exited }) => exited));
    await this.server.stop();
    this.#folder.remove();
  }
}

function row(what, { server, worker, in: up, out }) {
  const kB = (bytes) => (bytes / 1000).toFixed(1).padStart(8);
  const ms = (time) => time.toFixed(2).padStart(8);
  console.log(`  ${what.padEnd(46)} ${ms(server)} ${ms(worker)} ${ms(server + worker)} ${kB(up)} ${kB(out)}`);
}

async function measureMeetings(kind) {
  for (const [pace, words] of [[`${PACE} a second`, null], [`${GUESTS} at once`, ["--count", GUESTS, "--ramp", 10_000]]]) {
    const host = await Host.start(KINDS[kind]);
    const links = await host.meetings(MEETINGS);
    const atPace = () => host.come([...links, "--count", GUESTS, "--ramp", PACE], MEETINGS * GUESTS);
    const inBursts = async () => {
      for (const link of links) await host.come([link, ...words], GUESTS);
    };
    row(`${kind}, meetings of ${GUESTS + 1}, ${pace}`, await host.measure(MEETINGS * GUESTS, words ? inBursts : atPace));
    await host.end();
  }
}

/** What is taken while nothing happens, in percent of a core. */
function shareRow(what, idle) {
  const percent = (rate) => `${(100 * rate).toFixed(2)}%`.padStart(8);
  console.log(`  ${what.padEnd(46)} ${percent(idle.server)} ${percent(idle.worker)}`);
}

/** Everybody hears of everybody who comes, so the more are in, the more a join costs. */
async function measureLarge() {
  const host = await Host.start(KINDS.plain);
  shareRow("nobody there, share of a core", await host.idle());
  const link = await host.meeting();
  for (const [from, to] of [[1, 10], [10, LARGE / 2], [LARGE / 2, LARGE]]) {
    const come = () => host.come([link, "--count", to - from, "--ramp", LARGE_PACE], to - from);
    row(`plain, a meeting of ${from} becomes one of ${to}`, await host.measure(to - from, come));
  }
  shareRow(`${LARGE} connected and silent, share of a core`, await host.idle());
  await host.end();
}

help("[MEETINGS=40] node bench/joins_server_bench.mjs");
pin(process.pid, CLIENTS_CORE);
console.log(`  ${"a join costs".padEnd(46)} server   worker     both    kB in   kB out`);
console.log(`  ${"".padEnd(46)}     ms       ms  (aim 0.6)`);
for (const kind of Object.keys(KINDS)) await measureMeetings(kind);
await measureLarge();
console.log(`Load average of the machine: ${loadavg()[0].toFixed(1)}`);
