// More people with cameras than a grid holds: what is drawn has a moving picture, nothing else is asked
// of the server, and one connection, made once, carries it all.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Client, picture as movingPicture } from "../system/lib/client.mjs";
import { joinByLink, letIn, startMeeting } from "./lib/meeting.mjs";
import { chromium, firefox } from "./lib/people.mjs";
import { root, startServer } from "./lib/server.mjs";

const CAMERAS = 27;
const MOST_TILES = 25; // oneself is one of them
const MOST_TILES_NARROW = 8;
const screens = join(root, "build/screens");
mkdirSync(screens, { recursive: true });

/** Runs in the page: the others' tiles, if there are `count` of them and every camera among them moves; and
 * what was asked of the server last, if that is exactly the cameras that are drawn. */
function drawnAndAsked(count) {
  const tiles = [...document.querySelectorAll("li[data-person][data-self=false]")];
  const cameras = tiles.filter((tile) => tile.textContent.includes("Crowd"));
  const moves = (tile) => tile.dataset.picture === "on" && tile.querySelector("video")?.currentTime > 1;
  const asked = window.seenByTest.said.filter(({ type }) => type === "show").at(-1)?.slots ?? [];
  const isAsked = (tile) => asked.some(({ participant }) => participant === tile.dataset.person);
  if (tiles.length !== count || !cameras.every(moves)) return null;
  if (asked.length !== cameras.length || !cameras.every(isAsked)) return null;
  return {
    people: cameras.map((tile) => tile.dataset.person),
    heights: cameras.map((tile) => [
      tile.getBoundingClientRect().height * devicePixelRatio,
      asked.find(({ participant }) => participant === tile.dataset.person).height,
    ]),
  };
}

/** Chromium's main thread: gives what it does from now until the given function is called. A task's time on the
 * clock (`waited`) holds the waiting for a processor; `longest` is what it computed. */
async function mainThread({ page }) {
  const browser = page.context().browser();
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Performance.enable", { timeDomain: "threadTicks" });
  const now = async () => {
    const { metrics } = await devtools.send("Performance.getMetrics");
    return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
  };
  await browser.startTracing(page, { categories: ["-*", "toplevel"] });
  const before = await now();
  return async () => {
    const after = await now();
    const tasks = tasksOf(JSON.parse(await browser.stopTracing()).traceEvents);
    const most = (what) => Math.max(...tasks.map((task) => task[what])) / 1000;
    return {
      work: after.TaskDuration - before.TaskDuration,
      layouts: after.LayoutCount - before.LayoutCount,
      longest: most("tdur"),
      waited: most("dur"),
    };
  };
}

/** Those of the busiest page. */
function tasksOf(events) {
  const pages = events.filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain");
  const tasks = pages.map(({ pid, tid }) =>
    events.filter((e) => e.pid === pid && e.tid === tid && e.ph === "X" && e.name.endsWith("RunTask") && e.tdur >= 0),
  );
  return tasks.reduce((busiest, each) => (each.length > busiest.length ? each : busiest), []);
}

describe("a crowd", () => {
  let server, ana, fox, crowd, thread;
  before(async () => {
    server = await startServer({ port: 18151 });
    ana = await chromium({ name: "Ana", viewport: { width: 1440, height: 900 } });
    fox = await firefox({ name: "Fox" });
    const link = await startMeeting(ana, server, "Ana");
    const stop = await mainThread(ana);
    crowd = new Client([link, "--name", "Crowd", "--count", CAMERAS, "--video", movingPicture(320, 180, 10), "--send-only"]);
    await joinByLink(fox, link, "Fox");
    for (let i = 1; i <= CAMERAS; i++) await letIn(ana, `Crowd ${i}`);
    await crowd.line(({ joined }) => joined === CAMERAS);
    thread = await stop();
    const { work, layouts, longest, waited } = thread;
    console.log(
      `main thread while ${CAMERAS} are let in: ${work.toFixed(1)} s of computing, ${layouts} layouts, ` +
        `longest task ${Math.round(longest)} ms, ${Math.round(waited)} ms by the clock`,
    );
  });
  after(async () => {
    crowd?.kill();
    await Promise.all([ana?.close(), fox?.close()]);
    await server?.end();
  });

  test("no task of the main thread computes for 50 ms while they come in", () => {
    assert.ok(thread.longest > 1 && thread.longest < 50, `${thread.longest} ms`);
  });

  for (const who of ["Chromium", "Firefox"]) {
    const person = () => (who === "Chromium" ? ana : fox);
    const sees = (count) => person().until(drawnAndAsked, count, 60000, `${count} others, whose cameras move`);

    test(`${who} draws and asks for a page of ${MOST_TILES}, then for the rest`, async () => {
      const first = await sees(MOST_TILES - 1);
      for (const [drawn, asked] of first.heights)
        assert.ok(asked > drawn * 0.9 && asked < drawn * 1.35, `asked for ${asked}, drawn ${drawn}`);
      await person().picture(join(screens, `crowd-${who.toLowerCase()}.png`));

      await person().press("Next page");
      const rest = await sees(CAMERAS + 2 - MOST_TILES);
      assert.deepEqual(rest.people.filter((each) => first.people.includes(each)), []);
      assert.equal(first.people.length + rest.people.length, CAMERAS);
      await person().press("Previous page");
      await sees(MOST_TILES - 1);
    });

    test(`${who} draws and asks for fewer in a narrow window`, async () => {
      await person().resize(560, 800);
      await sees(MOST_TILES_NARROW - 1);
    });

    test(`${who} never asked for more, on one connection, without a complaint`, async () => {
      const [most, connections] = await person().evaluate(() => [
        Math.max(...window.seenByTest.said.filter(({ type }) => type === "show").map(({ slots }) => slots.length)),
        window.seenByTest.connections.length,
      ]);
      assert.ok(most < MOST_TILES, `${most} at once`);
      assert.equal(connections, 1);
      assert.deepEqual(person().complaints, []);
    });
  }
});
