// What the link emulator does to packets between two namespaces, measured from outside:
//
//   prober in its own namespace ---- link-emulator ---- echo in this one
//     10.78.N.2                                          10.78.N.1
//
// The prober stamps its packets, the echo adds the time it saw them; both read the same clock.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import dgram from "node:dgram";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), "../..");
const PORT = 5004;

/** Runs in the far namespace: sends `count` packets of `size` bytes, prints what came back. */
const prober = `
  const socket = require("node:dgram").createSocket("udp4");
  const [to, count, size, every] = process.argv.slice(1);
  const back = [];
  socket.on("message", (m) => back.push({ n: m.readUInt32BE(0), sent: m.readDoubleBE(4), there: m.readDoubleBE(12), port: m.readUInt16BE(20), back: clock() }));
  const clock = () => Number(process.hrtime.bigint()) / 1e6;
  const from = clock();
  let n = 0;
  const pump = setInterval(() => {
    for (; n < count && clock() - from >= n * every; n++) {
      const packet = Buffer.alloc(Number(size));
      packet.writeUInt32BE(n, 0);
      packet.writeDoubleBE(clock(), 4);
      socket.send(packet, ${PORT}, to);
    }
    if (n < count) return;
    clearInterval(pump);
    setTimeout(() => { console.log(JSON.stringify(back)); process.exit(); }, 2500);
  }, 1);`;

let links = 0;

/** Answers each packet with its first 12 bytes, our clock and the port it came from. */
async function measure(profile, { count = 400, size = 200, every = 5, options = "" } = {}) {
  const link = ++links;
  const there = [];
  const echo = dgram.createSocket("udp4");
  await new Promise((resolve) => echo.bind(PORT, "0.0.0.0", resolve));
  echo.on("message", (m, from) => {
    const now = Number(process.hrtime.bigint()) / 1e6;
    there.push({ n: m.readUInt32BE(0), at: now, ms: now - m.readDoubleBE(4), port: from.port });
    const answer = Buffer.alloc(22);
    m.copy(answer, 0, 0, 12);
    answer.writeDoubleBE(now, 12);
    answer.writeUInt16BE(from.port, 20);
    echo.send(answer, from.port, from.address);
  });
  const child = spawn(
    path.join(root, "tests/net/behind-link"),
    [profile, process.execPath, "-e", prober, `10.78.${link}.1`, count, size, every].map(String),
    { env: { ...process.env, LINK: link, LINK_OPTIONS: options }, stdio: ["ignore", "pipe", "inherit"] },
  );
  let text = "";
  child.stdout.on("data", (data) => {
    text += data;
  });
  const code = await new Promise((resolve) => child.on("close", resolve));
  echo.close();
  assert.equal(code, 0);
  return { there, back: JSON.parse(text), count };
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
const near = (is, wanted, by, what) => assert.ok(Math.abs(is - wanted) <= by, `${what}: ${is}, not ${wanted} +-${by}`);

test("a packet takes the asked delay each way", async () => {
  const { there, back, count } = await measure("rtt-100");
  assert.equal(back.length, count);
  near(median(there.map((p) => p.ms)), 54, 7, "ms there");
  near(median(back.map((p) => p.back - p.there)), 54, 7, "ms back");
});

test("as many packets are lost as asked, there and back", async () => {
  const { there, back, count } = await measure("loss-20", { count: 1500, every: 2 });
  near(there.length / count, 0.8, 0.04, "arrived there");
  near(back.length / there.length, 0.8, 0.04, "came back");
});

test("the rate is the asked one and the queue no longer than asked", async () => {
  const { there } = await measure("clean", {
    count: 1000,
    size: 972, // 1,000 with its headers
    every: 4, // 2 Mb/s
    options: "--direction up --rate 500 --queue 200",
  });
  const seconds = (there.at(-1).at - there[0].at) / 1000;
  near(((there.length - 1) * 8) / seconds, 500, 25, "kb/s");
  const delays = there.map((p) => p.ms);
  near(median(delays), 200, 25, "ms in the queue");
  assert.ok(Math.max(...delays) < 300, `${Math.max(...delays)} ms`);
});

test("the same packets are lost again with the same seed", async () => {
  const numbers = async (seed) => {
    const { there } = await measure("loss-30", { count: 200, options: `--seed ${seed}` });
    return there.map((p) => p.n).join();
  };
  const first = await numbers(3);
  assert.equal(await numbers(3), first);
  assert.notEqual(await numbers(4), first);
});

test("a client that roams is seen under another port and still answered", async () => {
  const { there, back } = await measure("roam", { count: 150, every: 100 });
  assert.equal(new Set(there.map((p) => p.port)).size, 2);
  assert.ok(back.length > 145, `${back.length}`); // what was under way to the old port is gone
  assert.equal(new Set(back.map((p) => p.port)).size, 2);
});
