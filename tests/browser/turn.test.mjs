// A browser whose network lets nothing through but the web and a TURN server over TCP:
//
//   incamera-client (sound) ---- server, worker, coturn ---- link-emulator, no UDP ---- browser
//                        10.77.0.1; its media ports lead nowhere           10.78.N.2
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { root } from "../lib/programs.mjs";
import { startBehindLink } from "../system/lib/behind_link.mjs";
import { behindLink, Client, SERVER_BEHIND_LINK as HERE } from "../system/lib/client.mjs";
import { startTurn } from "../system/lib/turn.mjs";
import { browserOn, trusting } from "./lib/computer.mjs";
import { microphone } from "./lib/fakes.mjs";
import { joinByLink, startMeeting, turnOn } from "./lib/meeting.mjs";
import { chromium } from "./lib/people.mjs";

const SECRET = "a secret of the test, only for it";
const folder = mkdtempSync(join(tmpdir(), "incamera-turn-"));
const running = [];
let mediaPort = 41500;
let relay;

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
  relay = await startTurn(folder, { address: HERE, media: HERE, secret: SECRET });
});
after(async () => {
  for (const end of running.reverse()) await end();
  await relay?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A server, with relays unless it is told otherwise. */
async function startServer(flags = [], relays = true) {
  const own = mkdtempSync(join(folder, "server-"));
  mediaPort += 2;
  const { server, start } = await startBehindLink(own, [
    `--web.root=${join(root, "build/web")}`,
    `--media.port=${mediaPort}`,
    ...(relays ? [`--turn.urls=turn:${HERE}:3478?transport=tcp`, `--turn.secret_file=${join(folder, "secret")}`] : []),
    ...flags,
  ]);
  running.push(() => server.stop());
  return { startAddress: start, origin: `http://${HERE}:${server.port}` };
}

/** The pair of candidates that media goes over, as the browser sees it. */
function path(person) {
  return person.evaluate(async () => {
    const reports = await window.seenByTest.connections.at(-1).getStats();
    const all = [...reports.values()];
    const { selectedCandidatePairId: id } = all.find(({ type }) => type === "transport");
    const pair = reports.get(id);
    const [local, remote] = [reports.get(pair.localCandidateId), reports.get(pair.remoteCandidateId)];
    return { type: local.candidateType, over: local.relayProtocol, to: `${remote.address}:${remote.port}` };
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
  chromium({ name: "Tu", browser: browserOn(computer), args: trusting(origin), microphone: microphone(440) });

test("where UDP and TCP to the media server are blocked, Chromium is heard and hears over the relay", async (t) => {
  const { startAddress, origin } = await startServer();
  const stays = new Client(["--start", startAddress, "--admit", "--tone"]);
  running.push(() => stays.leave());
  const computer = behindLink("nothing");
  block(computer);
  const person = await onComputer(computer, origin);
  running.push(() => person.close());
  await joinByLink(person, await stays.link(), "Tu");
  await turnOn(person, "Microphone");
  const from = stays.lines.length;
  await stays.line((line) => stays.lines.indexOf(line) > from && line.audio_in >= 45, 30_000);
  await person.until(hears, null, 15_000, "sound that comes in");
  await person.until(says, "We are using a slower one", 10_000, "GDE-09: a word about it");
  if (process.env.PICTURES) await person.picture(join(process.env.PICTURES, "slower.png"));
  const seen = await path(person);
  t.diagnostic(JSON.stringify(seen));
  assert.deepEqual(seen, { type: "relay", over: "tcp", to: `${HERE}:${mediaPort}` });
});

test("PRV-11: with turn.only a browser uses the relay even where nothing is blocked, and has no other candidate", async (t) => {
  const server = await startServer(["--turn.only=yes"]);
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

test("GDE-09: where everything is blocked and there is no relay, the page says that it is the network", async () => {
  const server = await startServer([], false);
  const computer = behindLink("nothing");
  block(computer);
  const person = await onComputer(computer, server.origin);
  running.push(() => person.close());
  await startMeeting(person, server, "Tu");
  await person.until(says, "Your network blocks video calls", 20_000, "that the network blocks");
  if (process.env.PICTURES) await person.picture(join(process.env.PICTURES, "blocked.png"));
});
