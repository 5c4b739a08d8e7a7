// Browsers whose network lets nothing through but the web, TCP, or a TURN server:
//
//   incamera-client (sound) ---- server, worker, coturn ---- link-emulator, no UDP ---- browser
//                        10.77.0.1; its media ports lead nowhere           10.78.N.2
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash, createPublicKey } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { parse, value } from "../lib/exposition.mjs";
import { root } from "../lib/programs.mjs";
import { startBehindLink } from "../system/lib/behind_link.mjs";
import { behindLink, Client, SERVER_BEHIND_LINK as HERE } from "../system/lib/client.mjs";
import { startTurn } from "../system/lib/turn.mjs";
import { browserOn, trusting } from "./lib/computer.mjs";
import { microphone } from "./lib/fakes.mjs";
import { askAndEnter, startMeeting, turnOn } from "./lib/meeting.mjs";
import { chromium, firefox } from "./lib/people.mjs";
import { startServer as startLocal } from "./lib/server.mjs";

const SECRET = "a secret of the test, only for it";
const folder = mkdtempSync(join(tmpdir(), "incamera-turn-"));
const running = [];
let mediaPort = 41500;
let relay, spki;

/** A certificate of the relay, its key, and the hash by which a browser is told to trust that key. */
function makeCertificate() {
  const [certificate, key] = ["turn.pem", "turn.key"].map((name) => join(folder, name));
  const subject = ["-subj", "/CN=turn.example.org", "-addext", `subjectAltName=IP:${HERE},DNS:localhost`];
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
  execFileSync("openssl", ["req", "-x509", ...kind, ...subject, "-keyout", key, "-out", certificate], { stdio: "ignore" });
  const der = createPublicKey(readFileSync(certificate)).export({ type: "spki", format: "der" });
  return { certificate, key, spki: createHash("sha256").update(der).digest("base64") };
}

/** Nothing that comes from `computer` gets to the media worker, by UDP or by TCP. */
function block({ env }) {
  const from = ["iif", `server${env.LINK}`];
  for (const protocol of ["udp", "tcp"])
    execFileSync("ip", ["rule", "add", "pref", "5", ...from, "ipproto", protocol, "dport", `${mediaPort}`, "blackhole"]);
}

before(async () => {
  // The rule for local addresses comes first, and leaves no room before it.
  execFileSync("ip", ["rule", "add", "pref", "10", "lookup", "local"]);
  execFileSync("ip", ["rule", "del", "pref", "0"]);
  writeFileSync(join(folder, "secret"), SECRET);
  const certificate = makeCertificate();
  spki = certificate.spki;
  relay = await startTurn(folder, { address: HERE, media: HERE, secret: SECRET, tlsPort: 443, ...certificate });
});
after(async () => {
  for (const end of running.reverse()) await end();
  await relay?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const BY_TLS = `turns:${HERE}:443?transport=tcp`;
/** With a name: Firefox takes no relay over TLS by its address. */
const BY_TLS_AND_NAME = "turns:localhost:443?transport=tcp";
const BY_TCP = `turn:${HERE}:3478?transport=tcp`;

/** A server with this relay. */
async function startServer(relay, flags = []) {
  const own = mkdtempSync(join(folder, "server-"));
  mediaPort += 2;
  const { server, start } = await startBehindLink(own, [
    `--web.root=${join(root, "build/web")}`,
    `--media.port=${mediaPort}`,
    ...(relay ? [`--turn.urls=${relay}`, `--turn.secret_file=${join(folder, "secret")}`] : []),
    ...flags,
  ]);
  running.push(() => server.stop());
  return { server, startAddress: start, origin: `http://${HERE}:${server.port}` };
}

/** The pair of candidates that media goes over, as the browser sees it. */
function path(person) {
  return person.evaluate(async () => {
    const reports = await window.seenByTest.connections.at(-1).getStats();
    const all = [...reports.values()];
    const id = all.find(({ type }) => type === "transport")?.selectedCandidatePairId; // Firefox marks the pair
    const pair = id ? reports.get(id) : all.find(({ type, selected }) => type === "candidate-pair" && selected);
    const [local, remote] = [reports.get(pair.localCandidateId), reports.get(pair.remoteCandidateId)];
    const over = local.relayProtocol ?? local.protocol;
    return { type: local.candidateType, over, to: `${remote.address}:${remote.port}` };
  });
}

async function hears() {
  const count = async () => {
    let packets = 0;
    for (const report of (await window.seenByTest.connections.at(-1).getStats()).values())
      if (report.type === "inbound-rtp" && report.kind === "audio") packets += report.packetsReceived;
    return packets;
  };
  const before = await count();
  await new Promise((next) => setTimeout(next, 500));
  return (await count()) > before + 15;
}

const says = (words) => document.body.innerText.includes(words);

const onComputer = (computer, origin) =>
  chromium({
    name: "Tu",
    browser: browserOn(computer),
    args: [...trusting(origin), `--ignore-certificate-errors-spki-list=${spki}`],
    microphone: microphone(440),
  });

/** Presses the button of the join page: which ways work, after how long, and what is said of it. */
async function testNetwork(person, link) {
  await person.open(link);
  await person.until(() => !!document.querySelector("input"));
  await person.evaluate(() => {
    document.addEventListener("click", () => (window.pressedAt = performance.now()), { capture: true, once: true });
    new MutationObserver(() => {
      if (document.querySelector(".network-verdict")) window.resultAt ??= performance.now();
    }).observe(document.body, { childList: true, subtree: true });
  });
  await person.press("Test my network");
  await person.until(() => window.resultAt !== undefined, null, 10_000, "a result");
  const { ms, ways, words } = await person.evaluate(() => ({
    ms: Math.round(window.resultAt - window.pressedAt),
    ways: Object.fromEntries([...document.querySelectorAll("[data-way]")].map((e) => [e.dataset.way, e.dataset.works])),
    words: document.querySelector(".network").textContent,
  }));
  assert.deepEqual(await person.sent(), { packets: 0, captures: 0 }, "nothing is asked of the devices");
  return { ms, ways, words };
}

/** How many media connections the server counts, by way. */
async function counted(server) {
  const { port } = await server.logged((line) => line.event === "metrics");
  const metrics = parse(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text());
  return (route) => value(metrics, "incamera_media_connections", { route });
}

test("where only TLS on port 443 gets through, Chromium is heard and hears over the relay, and knew it before", async (t) => {
  const { startAddress, origin, server } = await startServer(BY_TLS, ["--metrics.listen=127.0.0.1:0"]);
  const stays = new Client(["--start", startAddress, "--admit", "--tone"]);
  running.push(() => stays.leave());
  const computer = behindLink("nothing");
  block(computer);
  const person = await onComputer(computer, origin);
  running.push(() => person.close());
  const tested = await testNetwork(person, await stays.link());
  t.diagnostic(JSON.stringify(tested));
  assert.deepEqual(tested.ways, { udp: "false", tcp: "false", relay: "true" });
  assert.ok(tested.ms < 3000, `${tested.ms} ms`);
  assert.match(tested.words, new RegExp(`blocks the usual way[^]*UDP ${HERE}:${mediaPort}[^]*TLS ${HERE}:443`.replaceAll(".", "\\.")));
  await askAndEnter(person, await stays.link(), "Tu");
  await turnOn(person, "Microphone");
  const from = stays.lines.length;
  await stays.line((line) => stays.lines.indexOf(line) > from && line.audio_in >= 45, 30_000);
  await person.until(hears, null, 15_000, "sound that comes in");
  await person.until(says, "We are using a slower one", 10_000, "GDE-09: a word about it");
  if (process.env.PICTURES) await person.picture(join(process.env.PICTURES, "slower.png"));
  const seen = await path(person);
  t.diagnostic(JSON.stringify(seen));
  assert.deepEqual(seen, { type: "relay", over: "tls", to: `${HERE}:${mediaPort}` });
  const count = await counted(server);
  assert.deepEqual([count("relay"), count("udp")], [2, 0], "the headless participant has the relay's address");
});

test("where only UDP is blocked, the test says so, and Chromium is heard and hears over TCP", async (t) => {
  const { startAddress, origin } = await startServer();
  const stays = new Client(["--start", startAddress, "--admit", "--tone"]);
  running.push(() => stays.leave());
  const person = await onComputer(behindLink("nothing"), origin);
  running.push(() => person.close());
  const tested = await testNetwork(person, await stays.link());
  t.diagnostic(JSON.stringify(tested));
  assert.deepEqual(tested.ways, { udp: "false", tcp: "true" });
  assert.ok(tested.ms < 3000, `${tested.ms} ms`);
  assert.match(tested.words, /A slower one works/);
  await askAndEnter(person, await stays.link(), "Tu");
  await turnOn(person, "Microphone");
  const from = stays.lines.length;
  await stays.line((line) => stays.lines.indexOf(line) > from && line.audio_in >= 45, 30_000);
  await person.until(hears, null, 15_000, "sound that comes in");
  const seen = await path(person);
  assert.deepEqual([seen.over, seen.to], ["tcp", `${HERE}:${mediaPort}`]);
});

test("PRV-11: with turn.only a browser uses the relay even where nothing is blocked, and has no other candidate", async (t) => {
  const server = await startServer(BY_TCP, ["--turn.only=yes"]);
  const person = await onComputer(behindLink("rtt-100"), server.origin);
  running.push(() => person.close());
  await startMeeting(person, server, "Tu");
  await turnOn(person, "Microphone");
  await person.until(() => window.seenByTest.connections.at(-1)?.connectionState === "connected", null, 15_000, "media");
  const seen = await path(person);
  t.diagnostic(JSON.stringify(seen));
  assert.equal(seen.type, "relay");
  const offered = await person.evaluate(() => window.seenByTest.connections.at(-1).localDescription.sdp);
  for (const candidate of offered.match(/^a=candidate:.*$/gm) ?? []) assert.match(candidate, / typ relay /);
});

/** Firefox and Chromium in a meeting where all goes over the relay of this URL; how Firefox reaches it. */
async function overRelay(t, url, port) {
  const flags = [`--turn.urls=${url}`, `--turn.secret_file=${join(folder, "secret")}`, "--turn.only=yes"];
  const server = await startLocal({ port, flags: [...flags, `--media.addresses=${HERE}`, "--media.port=0"] });
  running.push(() => server.end());
  const args = [`--ignore-certificate-errors-spki-list=${spki}`];
  const ana = await chromium({ name: "Ana", microphone: microphone(440), args });
  running.push(() => ana.close());
  const person = await firefox({ name: "Fox" });
  running.push(() => person.close());
  const link = await startMeeting(ana, server, "Ana");
  const tested = await testNetwork(person, link);
  t.diagnostic(JSON.stringify(tested));
  assert.deepEqual(tested.ways, { relay: "true" });
  assert.match(tested.words, /lets calls through/);
  await askAndEnter(person, link, "Fox");
  for (const each of [ana, person]) await turnOn(each, "Microphone");
  for (const each of [ana, person]) await each.until(hears, null, 20_000, "sound that comes in");
  const seen = await path(person);
  t.diagnostic(JSON.stringify(seen));
  assert.equal(seen.type, "relay");
  return seen.over;
}

test("Firefox, too, knows before that the relay works, and is heard and hears over it", async (t) => {
  assert.equal(await overRelay(t, BY_TCP, 18191), "tcp");
});

test("and so where the relay is reached by TLS on port 443", async (t) => {
  assert.equal(await overRelay(t, BY_TLS_AND_NAME, 18192), "tls");
});

test("GDE-09: where everything is blocked and there is no relay, the page says that it is the network", async () => {
  const server = await startServer();
  const computer = behindLink("nothing");
  block(computer);
  const person = await onComputer(computer, server.origin);
  running.push(() => person.close());
  await startMeeting(person, server, "Tu");
  await person.until(says, "Your network blocks video calls", 20_000, "that the network blocks");
  if (process.env.PICTURES) await person.picture(join(process.env.PICTURES, "blocked.png"));
});
