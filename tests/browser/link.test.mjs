// The link in the address bar of both browsers: its secret leaves the bar at once, a reload does not lose
// it, and a link that is wrong, old or cut short says so in a plain sentence.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Client } from "../system/lib/client.mjs";
import { Scene } from "../system/lib/evil_scene.mjs";
import { knock } from "./lib/evil.mjs";
import { ask, joinByLink, turnOn } from "./lib/meeting.mjs";
import { chromium, firefox } from "./lib/people.mjs";
import { root, startServer } from "./lib/server.mjs";

const screens = join(root, "build/screens");
mkdirSync(screens, { recursive: true });

const WRONG = "This link does not open a meeting. It may be incomplete: it should have a part after #.";

const DEAD = "No meeting opens with this link. It may be over, or the host replaced the link. Ask the host for the link that works now.";

function mayJoin(person) {
  return person.evaluate(() =>
    [...document.querySelectorAll("button")].some((button) => button.textContent.trim() === "Ask to join"),
  );
}

/** Waits for the join page, and looks for the secret where a person or a stranger could find it. */
async function isAtJoinPage(person, secret) {
  await person.until(() => !!document.querySelector("input[autocomplete=name]"), null, 15000, "the join page");
  assert.ok(await mayJoin(person), `${person.name} may join`);
  const left = await person.evaluate(() => [location.href, JSON.stringify(history.state), document.body.innerText]);
  for (const text of left) assert.ok(!text.includes(secret), `${person.name}: ${text}`);
  assert.ok(!left[0].includes("#"), left[0]);
}

/** What the page says is wrong, once it says it, and whether one may press Join. */
async function refusal(person) {
  await person.until(() => !!document.querySelector("[role=alert]"), null, 10000, "what is wrong");
  const says = await person.evaluate(() => document.querySelector("[role=alert]").innerText.trim());
  return { says, join: await mayJoin(person) };
}

for (const [browser, launch, port] of [
  ["Chromium", chromium, 18161],
  ["Firefox", firefox, 18162],
]) {
  describe(`a link in ${browser}`, () => {
    let server, host, person, link, secret;
    before(async () => {
      server = await startServer({ port });
      host = new Client(["--start", server.startAddress, "--admit", "--name", "Host", "--tone"]);
      person = await launch({ name: browser });
      link = await host.link();
      secret = link.split("#")[1];
    });
    after(async () => {
      host?.kill();
      await person?.close();
      await server?.end();
    });

    const people = (count, why) => {
      const from = host.lines.length;
      return host.line((line) => host.lines.indexOf(line) >= from && line.people === count, 10_000).catch(() => {
        throw new Error(`the host does not see ${count}: ${why}`);
      });
    };

    test("a reload of the join page keeps it, out of the address bar", async () => {
      await person.open(link);
      await isAtJoinPage(person, secret);
      for (let again = 0; again < 2; again++) {
        await person.reload();
        await isAtJoinPage(person, secret);
      }
    });

    test("a reload in a meeting ends at its join page, nothing is sent, and one can come in again", async () => {
      await joinByLink(person, link, browser);
      await turnOn(person, "Microphone");
      await people(1, "who joined");
      assert.ok(!(await person.evaluate(() => location.href)).includes("#"));
      await person.reload();
      await isAtJoinPage(person, secret);
      await people(0, "who reloaded has left");
      assert.deepEqual(await person.sent(), { packets: 0, captures: 0 });
      await ask(person, "Again");
      await person.until(() => document.body.innerText.includes("Host"), null, 15000, "the host again");
      await people(1, "who came in again, once");
      assert.ok(!(await person.evaluate(() => location.href + JSON.stringify(history.state))).includes(secret));
      await person.press("Leave");
    });

    test("a tab that is closed has left, asked before or not", async () => {
      const { page } = person;
      try {
        for (const runBeforeUnload of [true, false]) {
          person.page = await (page.browser?.() ?? page.context()).newPage();
          await joinByLink(person, link, browser);
          await people(1, "who joined");
          await person.page.close({ runBeforeUnload });
          await people(0, "whose tab is closed");
        }
      } finally {
        person.page = page;
      }
    });

    test("who waits and goes to a page that is slow to come does not ask again meanwhile", async (t) => {
      const scene = await Scene.open(t, { port }, server.data);
      const page = '<link rel="icon" href="data:,">slow'; // nothing more is fetched, when it is closed
      const answer = (_, response) => setTimeout(() => response.writeHead(200, { "content-type": "text/html" }).end(page), 1000);
      const slow = createServer(answer).listen(0, "127.0.0.1");
      t.after(() => slow.close());
      await knock(scene, person, scene.link);
      await scene.host.event("knock");
      const { length } = scene.evil.wires;
      await person.open(`http://127.0.0.1:${slow.address().port}/`);
      assert.equal(scene.evil.wires.length, length);
    });

    test("an incomplete link says so, and there is no Join", async () => {
      const [address] = link.split("#");
      for (const cut of [address, `${address}#`, link.slice(0, -1), `${address}#C${secret.slice(1)}`]) {
        await person.open("about:blank");
        await person.open(cut);
        assert.deepEqual(await refusal(person), { says: WRONG, join: false }, cut.slice(address.length));
      }
      await person.picture(join(screens, `link-incomplete-${browser.toLowerCase()}.png`));
    });

    test("a link with another secret or another meeting is refused by the server, in one sentence", async () => {
      const another = secret.slice(0, 10) + (secret[10] === "x" ? "y" : "x") + secret.slice(11);
      const elsewhere = link.replace(/\/[\w-]{22}#/, `/${"A".repeat(22)}#`);
      for (const wrong of [link.replace(secret, another), elsewhere]) {
        await person.open("about:blank");
        await person.open(wrong);
        await person.until(() => !!document.querySelector("input[autocomplete=name]"));
        await ask(person, browser);
        assert.equal((await refusal(person)).says, DEAD);
        assert.ok(!(await person.evaluate(() => location.href)).includes("#"));
      }
      assert.equal(host.lines.at(-1).people, 0);
      assert.deepEqual(person.complaints, []);
    });
  });
}
