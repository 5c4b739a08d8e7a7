// A browser whose computer gets another address while it talks, as when Wi-Fi ends and the telephone
// network takes over:
//
//   incamera-client (sound) ---- server, worker ---- link-emulator ---- browser
//                       10.77.0.1                              10.78.N.2, then .3, .4, ...
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";
import { Client, onTheMove, SERVER_BEHIND_LINK } from "../system/lib/client.mjs";
import { program } from "../system/lib/server.mjs";
import { browserOn, trusting } from "./lib/computer.mjs";
import { microphone } from "./lib/fakes.mjs";
import { joinByLink, turnOn } from "./lib/meeting.mjs";
import { chromium } from "./lib/people.mjs";
import { sleep, startServer } from "./lib/server.mjs";

const PORT = 18161;
const MOVES = 3;
const LIMIT_MS = 3000;
const origin = `http://${SERVER_BEHIND_LINK}:${PORT}`;
const computer = onTheMove("rtt-100");
let server, stays, link, person;

before(async () => {
  server = await startServer({
    port: PORT,
    flags: [
      `--http.listen=${SERVER_BEHIND_LINK}:${PORT}`,
      "--http.allow_plain_beyond_loopback=yes",
      `--media.addresses=${SERVER_BEHIND_LINK}`,
    ],
  });
  const address = execFileSync(program, [
    "start-address",
    `--http.listen=${SERVER_BEHIND_LINK}:${PORT}`,
    "--http.allow_plain_beyond_loopback=yes",
    `--store.path=${server.data}/store/incamera.db`,
  ]);
  stays = new Client(["--start", address.toString().trim(), "--admit", "--tone"]);
  link = await stays.link();
});
after(async () => {
  await person?.close();
  await stays?.leave();
  await server?.end();
  computer.remove();
});

/** Notes, in the page, the longest time in which no packet of sound came. */
function noteGaps(who) {
  return who.evaluate(() => {
    window.gapOfTest = { longest: 0, packets: 0, since: performance.now() };
    const look = async () => {
      const noted = window.gapOfTest;
      let packets = 0;
      for (const connection of window.seenByTest.connections)
        if (connection.connectionState !== "closed")
          for (const report of (await connection.getStats()).values())
            if (report.type === "inbound-rtp" && report.kind === "audio") packets += report.packetsReceived;
      const now = performance.now();
      if (packets !== noted.packets) {
        noted.longest = Math.max(noted.longest, now - noted.since);
        Object.assign(noted, { packets, since: now });
      }
      setTimeout(look, 20);
    };
    look();
  });
}

const talks = (from) => stays.line((line) => stays.lines.indexOf(line) >= from && line.audio_in >= 45, 30_000);

test("Chromium with another address is heard and hears again within seconds, in the same connection", async (t) => {
  person = await chromium({
    name: "Ro",
    browser: browserOn(computer),
    args: trusting(origin),
    microphone: microphone(440),
  });
  await joinByLink(person, link, "Ro");
  await turnOn(person, "Microphone");
  await talks(stays.lines.length);
  await noteGaps(person);
  for (let move = 1; move <= MOVES; move++) {
    await sleep(3000);
    const from = stays.lines.length;
    await person.evaluate(() => Object.assign(window.gapOfTest, { longest: 0 }));
    computer.move();
    await sleep(1500);
    await talks(from + 2);
    await person.until(() => document.querySelector("[data-connection=good]"), null, 15_000, "all well again");
    await sleep(1000);
    const up = Math.max(...stays.lines.slice(from).map((line) => line.audio_gap_ms));
    const down = await person.evaluate(() => window.gapOfTest.longest);
    t.diagnostic(`move ${move}: ${Math.round(down)} ms without sound down, ${Math.round(up)} ms up`);
    assert.ok(Math.max(up, down) < LIMIT_MS, `${down} ms down, ${up} ms up`);
  }
  const said = await person.evaluate(() => window.seenByTest.said.map(({ type }) => type));
  t.diagnostic(`restarts of ICE: ${said.filter((type) => type === "restart").length}`);
  assert.ok(said.includes("restart"), said.join());
  assert.equal(said.filter((type) => type === "connect").length, 1, said.join());
});
