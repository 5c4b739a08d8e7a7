// What people write to each other: Ana in Chromium (the host), Bo in Firefox and Sam without a browser
// are in; who waits, who comes later and who was removed read nothing of it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Client } from "../system/lib/client.mjs";
import { askAndEnter, joinByLink, letIn, startMeeting } from "./lib/meeting.mjs";
import { chromium, firefox } from "./lib/people.mjs";
import { sleep, startServer } from "./lib/server.mjs";

let server, ana, bo, link;
const headless = new Map();

before(async () => {
  server = await startServer({ port: 18181 });
  ana = await chromium({ name: "Ana" });
  bo = await firefox({ name: "Bo" });
  link = await startMeeting(ana, server, "Ana");
  await joinByLink(bo, link, "Bo");
  await comeIn("Sam");
});
after(async () => {
  for (const client of headless.values()) client.kill();
  await Promise.all([ana?.close(), bo?.close()]);
  await server?.end();
});

/** Somebody without a browser knocks. */
function knock(name) {
  const client = new Client([link, "--name", name, "--control"]);
  headless.set(name, client);
  return client;
}

async function comeIn(name) {
  const client = knock(name);
  await letIn(ana, name);
  await client.event("entered");
  return client;
}

async function write(person, text) {
  if (!(await person.evaluate(() => !!document.querySelector(".chat")))) await person.press("Chat");
  await person.type("Message to everyone", text);
  await person.page.keyboard.press("Enter");
}

const shown = (person, by, text) =>
  person.until(
    ([name, words]) =>
      [...document.querySelectorAll(".message")].some(
        (m) => m.querySelector(".person-name").textContent === name && m.querySelector(".message-text").textContent === words,
      ),
    [by, text],
    10000,
    `"${text}" by ${by}`,
  );

const heard = (name, text) => headless.get(name).event("chat", (event) => event.text === text);
const textsOf = (name) => headless.get(name).lines.filter(({ event }) => event === "chat").map(({ text }) => text);

test("what one writes the others read, under the name in the leaf, from browser to browser and without one", async () => {
  await write(ana, "Hello, Bo");
  await bo.until(() => document.querySelector("button[aria-label^=Chat]").ariaLabel === "Chat, 1 new message", null, 10000, "a mark");
  await bo.press("Chat");
  await shown(bo, "Ana", "Hello, Bo");
  await heard("Sam", "Hello, Bo");
  await write(bo, "שלום, Ana");
  await shown(ana, "Bo", "שלום, Ana");
  const direction = () => getComputedStyle([...document.querySelectorAll(".message-text")].at(-1)).direction;
  assert.equal(await ana.evaluate(direction), "rtl");
  await heard("Sam", "שלום, Ana");
  headless.get("Sam").say("chat <b>Hi</b> https://docs.example/");
  for (const each of [ana, bo]) await shown(each, "Sam", "<b>Hi</b> https://docs.example/");
  for (const each of [ana, bo]) assert.equal(await each.evaluate(() => document.querySelectorAll(".message-link").length), 0);
});

test("a link of a host is one for all, and nobody asks its host for anything (CHT-05)", async () => {
  await write(ana, "Here: https://places.example/spring");
  for (const each of [ana, bo])
    await each.until(() => document.querySelector(".message-link")?.textContent === "places.example/spring", null, 10000, "a link");
  await sleep(500);
  for (const each of [ana, bo])
    assert.deepEqual(each.requests.filter((address) => address.includes(".example")), []);
});

test("who waits before a locked meeting, who comes later and who was removed read nothing of it (CHT-12, ACC-03)", async () => {
  const mallory = knock("Mallory");
  await ana.until(() => document.body.innerText.includes("Mallory"), null, 10000, "Mallory waits");
  await ana.press("End-to-end");
  await ana.page.getByRole("switch", { name: "Lock meeting" }).click();
  await bo.until(() => document.body.innerText.includes("The meeting is locked"), null, 10000, "locked");
  await write(ana, "Among us");
  await heard("Sam", "Among us");
  await ana.press("End-to-end");
  await ana.page.getByRole("switch", { name: "Lock meeting" }).click();
  await letIn(ana, "Mallory");
  await mallory.event("entered");
  await write(ana, "For all four");
  await heard("Mallory", "For all four");
  assert.deepEqual(textsOf("Mallory"), ["For all four"]);

  await ana.press("People");
  await ana.press("More for Mallory");
  await ana.press("Remove");
  await ana.page.locator("dialog").getByRole("button", { name: "Remove" }).click();
  await mallory.exited;
  await write(ana, "For the three");
  await shown(bo, "Ana", "For the three");
  await heard("Sam", "For the three");
  assert.deepEqual(textsOf("Mallory"), ["For all four"]);
});

test("the messages are gone at the end, and who comes again finds none", async () => {
  await bo.reload();
  await ana.page.keyboard.press("Escape");
  await askAndEnter(bo, link, "Bo");
  await bo.press("Chat");
  await bo.until(() => document.body.innerText.includes("Earlier messages were not sent to you."), null, 5000, "no history");
  assert.equal(await bo.evaluate(() => document.querySelectorAll(".message").length), 0);
  await ana.press("Leave");
  await ana.press("End for all");
  await ana.until(() => document.body.innerText.includes("You ended the meeting"), null, 10000, "the end");
  assert.ok(!(await ana.evaluate(() => document.documentElement.outerHTML)).includes("Hello, Bo"));
  assert.deepEqual([...ana.complaints, ...bo.complaints], []);
});
