// A full meeting, as who waits for a place and who let them in see it: to the place that becomes free, or to the
// link that is another now.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client } from "../system/lib/client.mjs";
import { ask, inside, letIn, startMeeting } from "./lib/meeting.mjs";
import { chromium, firefox } from "./lib/people.mjs";
import { startServer } from "./lib/server.mjs";

describe("a meeting with places for two", () => {
  let server, ana, fox, link, sitting;
  before(async () => {
    server = await startServer({ port: 18171, flags: ["--limits.participants=2"] });
    ana = await chromium({ name: "Ana" });
    fox = await firefox({ name: "Fox" });
    link = await startMeeting(ana, server, "Ana");
  });
  after(async () => {
    sitting?.kill();
    await Promise.all([ana?.close(), fox?.close()]);
    await server?.end();
  });

  const reads = (person, words, ms = 15000) =>
    person.until((part) => document.body.innerText.includes(part), words, ms, words);

  /** Somebody takes the other place, and then the host lets Fox in as well. */
  async function foxHasToWait(other) {
    sitting = new Client([link, "--name", other]);
    await letIn(ana, other);
    await ana.until((name) => !!document.querySelector(`[data-person]`) && document.body.innerText.includes(name), other);
    await fox.open("about:blank");
    await fox.open(link);
    await ask(fox, "Fox");
    await reads(fox, "We’ve told the host you’re here");
    await letIn(ana, "Fox");
    await reads(fox, "This meeting is full");
    await reads(fox, "The host has let you in");
    await reads(ana, "The meeting is full");
  }

  test("who was let in reads that it is full, and goes in by itself when somebody leaves", async () => {
    await foxHasToWait("Cy");
    const from = performance.now();
    await sitting.leave();
    await inside(fox);
    console.log(`# Fox was inside ${Math.round(performance.now() - from)} ms after somebody left`);
    await fox.press("Leave");
    await reads(fox, "You have left");
  });

  test("when the host removes somebody the link is another: who waits for the place is told what to ask for", async () => {
    await foxHasToWait("Dan");
    await ana.page.keyboard.press("p");
    await ana.press("More for Dan");
    await ana.press("Remove");
    await ana.page.locator("dialog").getByRole("button", { name: "Remove" }).click();
    await reads(ana, "1 person was waiting with it");
    await reads(fox, "This link was replaced");
    await reads(fox, "The host had let you in");
    await reads(fox, "Ask the host for the new link");
    const fresh = await ana.until(() => {
      const secret = [...document.querySelectorAll(".link-secret")].at(-1);
      return secret && secret.parentElement.textContent.trim();
    });
    assert.notEqual(fresh, link);
    link = fresh.startsWith("http") ? fresh : `http://${fresh}`;
    await fox.open("about:blank");
    await fox.open(link);
    await ask(fox, "Fox");
    await letIn(ana, "Fox");
    await inside(fox);
  });
});
