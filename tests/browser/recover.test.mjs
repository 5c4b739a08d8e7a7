// The media worker is killed in a call, and so is the server: people stay, media comes back by itself.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { camera, microphone } from "./lib/fakes.mjs";
import { ask, inside, joinByLink, letIn, picture, startMeeting, turnOn } from "./lib/meeting.mjs";
import { chromium, firefox } from "./lib/people.mjs";
import { sleep, startServer } from "./lib/server.mjs";

/** Starts noting, in the page, the longest time that the picture of `who` stood still. */
function noteGaps(person, who) {
  return person.evaluate((name) => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 64, height: 36 });
    const draw = canvas.getContext("2d", { willReadFrequently: true });
    const noted = { longest: 0, moved: 0 };
    let before;
    let since = performance.now();
    window.gapsOfTest = noted;
    setInterval(() => {
      const video = [...document.querySelectorAll("[data-person]")]
        .find((t) => t.textContent.includes(name))
        ?.querySelector("video");
      if (!video?.videoWidth) return;
      draw.drawImage(video, 0, 0, 64, 36);
      const sum = draw.getImageData(0, 0, 64, 36).data.reduce((a, v, i) => (a * 31 + v * (i & 3)) | 0, 7);
      if (sum === before) return;
      before = sum;
      noted.moved++;
      noted.longest = Math.max(noted.longest, performance.now() - since);
      since = performance.now();
    }, 30);
  }, who);
}

/** The server's own children that are media workers. */
function workersOf(pid) {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        const [, parent] = readFileSync(`/proc/${name}/stat`, "utf8").match(/\) \S (\d+)/);
        return Number(parent) === pid && readFileSync(`/proc/${name}/comm`, "utf8").startsWith("incamera-media");
      } catch {
        return false;
      }
    })
    .map(Number);
}

describe("when something dies in a call", () => {
  let server, ana, fox;
  before(async () => {
    server = await startServer({ port: 18121 });
    ana = await chromium({ name: "Ana", camera: camera("red", [190, 60, 60]), microphone: microphone(440) });
    fox = await firefox({ name: "Fox" });
    const link = await startMeeting(ana, server, "Ana");
    await joinByLink(fox, link, "Fox");
    for (const person of [ana, fox]) await turnOn(person, "Camera");
    await picture(ana, "Fox");
    await picture(fox, "Ana");
    await sleep(2000);
  });
  after(async () => {
    await Promise.all([ana?.close(), fox?.close()]);
    await server?.end();
  });

  async function resumes(what, kill, limit) {
    await noteGaps(ana, "Fox");
    await noteGaps(fox, "Ana");
    await sleep(500);
    await kill();
    await sleep(limit);
    for (const person of [ana, fox]) {
      const before = await person.evaluate(() => window.gapsOfTest.moved);
      await person.until((n) => window.gapsOfTest.moved > n + 30, before, 30000, `movement after ${what}`);
      const { longest } = await person.evaluate(() => window.gapsOfTest);
      console.log(`# ${what}: ${person.name} saw nothing move for ${Math.round(longest)} ms`);
      assert.ok(longest < limit, `${person.name}: ${Math.round(longest)} ms`);
    }
  }

  test("media that stops without a word: each says so and dims the other in about 2 s, until it is back", async () => {
    const [worker] = workersOf(server.pid);
    const from = performance.now();
    process.kill(worker, "SIGSTOP");
    try {
      for (const person of [ana, fox]) {
        const says = (what, selector) =>
          person.until((s) => !!document.querySelector(s), selector, 4000, `${what} within 4 s`);
        await says("Reconnecting", "[data-connection=reconnecting]");
        await person.until(() => document.body.innerText.includes("Others do not see or hear you"), null, 4000);
        await says("the other dimmed", ".tile-away[data-self=false]");
        console.log(`# ${person.name} knew after ${Math.round(performance.now() - from)} ms`);
      }
    } finally {
      process.kill(worker, "SIGCONT");
    }
    for (const person of [ana, fox])
      await person.until(
        () => document.querySelector("[data-connection=good]") && !document.querySelector(".tile-away"),
        null,
        15000,
        "all well again",
      );
    assert.equal(await ana.evaluate(() => window.seenByTest.connections.length), 1);
  });

  test("kill -9 of a media worker: media resumes in both browsers within 5 s", async () => {
    await resumes(
      "kill -9 of the worker",
      () => {
        const workers = workersOf(server.pid);
        assert.equal(workers.length, 1);
        process.kill(workers[0], "SIGKILL");
      },
      5000,
    );
  });

  test("kill -9 of the server: the meeting and its link are there after a restart, and so are the people", async () => {
    await resumes(
      "kill -9 of the server",
      async () => {
        await server.stop("SIGKILL");
        server = await startServer({ port: 18121, dir: server.data });
      },
      10000,
    );
  });
});

describe("when the server stands still", () => {
  let server, ana, fox, link;
  before(async () => {
    server = await startServer({ port: 18122 });
    ana = await chromium({ name: "Ana" });
    fox = await firefox({ name: "Fox" });
  });
  after(async () => {
    await Promise.all([ana?.close(), fox?.close()]);
    await server?.end();
  });

  test("who waits is told so in half a minute, and waits on in the same place when it goes on", async () => {
    link = await startMeeting(ana, server, "Ana");
    await fox.open(link);
    await ask(fox, "Fox");
    const reads = (words, ms) => fox.until((part) => document.querySelector("main").innerText.includes(part), words, ms, words);
    await reads("Connection ready", 10000);
    const from = performance.now();
    process.kill(server.pid, "SIGSTOP");
    try {
      await reads("Trying again", 30000);
      await reads("We cannot reach the server", 1000);
      console.log(`# Fox knew after ${Math.round(performance.now() - from)} ms`);
    } finally {
      process.kill(server.pid, "SIGCONT");
    }
    await reads("Connection ready", 20000);
    await letIn(ana, "Fox");
    await inside(fox);
  });

  test("who is inside is told so in half a minute, also alone, and is in the same place when it goes on", async () => {
    await fox.press("Leave");
    await fox.until(() => document.body.innerText.includes("You have left"));
    await ana.until(() => document.body.innerText.includes("You are the only one here"), null, 10000, "Ana is alone");
    const from = performance.now();
    process.kill(server.pid, "SIGSTOP");
    try {
      await ana.until(() => !!document.querySelector("[data-connection=reconnecting]"), null, 30000, "Reconnecting");
      assert.match(await ana.evaluate(() => document.body.innerText), /Reconnecting\. Others still see and hear/);
      console.log(`# Ana knew after ${Math.round(performance.now() - from)} ms`);
    } finally {
      process.kill(server.pid, "SIGCONT");
    }
    await ana.until(() => !!document.querySelector("[data-connection=good]"), null, 30000, "all well again");
    assert.equal(await ana.evaluate(() => window.seenByTest.connections.length), 1);
  });

  test("who asks to join meanwhile reads so after 15 s, and waits as soon as it goes on", async () => {
    await fox.open("about:blank");
    await fox.open(link);
    const reads = (words, ms) => fox.until((part) => document.body.innerText.includes(part), words, ms, words);
    await fox.until(() => !!document.querySelector("input"));
    await fox.type("Your name", "Fox"); // which has the rest of the app loaded
    await sleep(3000);
    process.kill(server.pid, "SIGSTOP");
    try {
      await fox.press("Ask to join");
      await reads("We cannot reach the server", 20000);
    } finally {
      process.kill(server.pid, "SIGCONT");
    }
    await reads("Connection ready", 20000);
  });
});
