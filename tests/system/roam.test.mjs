// Participants whose address changes while they talk:
//
//   incamera-client ---- server and media worker ---- link-emulator ---- incamera-client
//   (stays)                    10.77.0.1                                   (moves)
//
// Behind a NAT that gives it another port, or with another address of its own. Both measure the longest
// time without a frame of the other: way down at the one that moves, way up at the one that stays.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startBehindLink } from "./lib/behind_link.mjs";
import { behindLink, Client, onTheMove } from "./lib/client.mjs";
import { makeFolder } from "./lib/server.mjs";

const REBOUND_MS = 600;
const MOVED_MS = 1500;
const media = ["--pattern", 100_000, "--tone"];
const { folder, remove } = makeFolder();
let server, stays, link;

before(async () => {
  const started = await startBehindLink(folder);
  server = started.server;
  stays = new Client(["--start", started.start, "--admit", ...media]);
  link = await stays.link();
});
after(async () => {
  await stays.leave();
  await server.stop();
  remove();
});

const flows = (line) => line.final === false && line.audio_in >= 45 && line.video_in >= 20;
const longest = (lines) => Math.max(...lines.map((line) => Math.max(line.audio_gap_ms, line.video_gap_ms)));

/** Watches a participant that moves for `seconds`, once media flows both ways. */
async function watch(moves, seconds) {
  const arrives = stays.lines.length;
  await moves.line(flows);
  await stays.line((line) => stays.lines.indexOf(line) >= arrives && flows(line));
  const from = { stays: stays.lines.length, moves: moves.lines.length };
  const until = moves.lines.at(-1).seconds + seconds;
  await moves.line((line) => line.final === false && line.seconds >= until, 1000 * seconds + 10_000);
  const down = longest(moves.lines.slice(from.moves).filter((line) => line.final === false));
  const up = longest(stays.lines.slice(from.stays).filter((line) => line.final === false));
  const total = await moves.leave();
  return { down, up, total };
}

function check(t, { down, up, total }, limit) {
  t.diagnostic(`longest gap ${Math.round(down)} ms down, ${Math.round(up)} ms up`);
  assert.ok(Math.max(down, up) < limit, `${down} ms down, ${up} ms up`);
  assert.equal(total.failed, 0);
  assert.equal(total.reconnects, 0); // the same keys all the time
}

test("a NAT that gives another port every 2 s leaves no gap of 600 ms, either way", async (t) => {
  const moves = new Client([link, ...media], undefined, behindLink("rebind"));
  check(t, await watch(moves, 24), REBOUND_MS);
});

for (const [how, options] of [["UDP", []], ["TCP", ["--tcp"]]])
  test(`another address every 4 s: media over ${how} goes on within 1.5 s, in the same session`, async (t) => {
    const computer = onTheMove("rtt-100");
    const moves = new Client([link, ...media, ...options], undefined, computer);
    const timer = setInterval(computer.move, 4000);
    try {
      check(t, await watch(moves, 24), MOVED_MS);
    } finally {
      clearInterval(timer);
      computer.remove();
    }
  });
