// What the host changes while people are in, and what they then can: Ana in Chromium is the host, Bo in
// Firefox a guest, others come without a browser.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Client } from "../system/lib/client.mjs";
import { ask, inside, letIn, startMeeting, turnOn } from "./lib/meeting.mjs";
import { chromium, firefox } from "./lib/people.mjs";
import { startServer } from "./lib/server.mjs";

let server, ana, bo, link;
const headless = [];

before(async () => {
  server = await startServer({ port: 18191 });
  ana = await chromium({ name: "Ana" });
  bo = await firefox({ name: "Bo" });
  link = await startMeeting(ana, server, "Ana");
});
after(async () => {
  for (const client of headless) client.kill();
  await Promise.all([ana?.close(), bo?.close()]);
  await server?.end();
});

function knock(name, by = link) {
  const client = new Client([by, "--name", name, "--control"]);
  headless.push(client);
  return client;
}

const reads = (person, words, ms = 15000) =>
  person.until((text) => document.body.innerText.replace(/[\u2066-\u2069]/g, "").includes(text), words, ms, words);

async function openCard() {
  if (!(await ana.evaluate(() => document.querySelector("#panel-title")?.textContent === "Security"))) await ana.press("End-to-end");
}

const flip = (name) => ana.page.getByRole("switch", { name }).click();

test("a meeting has a title for who is in it, and for who waits while a host shows it (ACC-03, CTL-04)", async () => {
  const TITLE = "Placement review";
  const isCalled = (title) => document.title === title;
  const page = () => document.title + document.body.innerText;
  await openCard();
  await ana.press("Add");
  await ana.type("What this meeting is called", TITLE);
  await ana.page.keyboard.press("Enter");
  await ana.until(isCalled, TITLE, 10000, "the title of the window");
  await bo.open(link);
  await ask(bo, "Bo");
  await reads(bo, "We’ve told the host you’re here");
  assert.ok(!(await bo.evaluate(page)).includes(TITLE));
  await flip("Show the title to people who wait");
  await reads(bo, TITLE);
  await flip("Show the title to people who wait");
  await bo.until((title) => !document.body.innerText.includes(title), TITLE, 10000, "no title any more");
  await letIn(ana, "Bo");
  await inside(bo);
  await bo.until(isCalled, TITLE, 10000, "the title inside");
  await turnOn(bo, "Microphone");
  await bo.until(isCalled, `● ${TITLE}`, 10000, "the title while live");
  await bo.open("about:blank");
});

test("a passcode that is set in the meeting is asked of who comes then (ACC-01)", async () => {
  await openCard();
  await ana.press("Set");
  await ana.type("New passcode", "river stone");
  await ana.page.keyboard.press("Enter");
  await reads(ana, "Who waits is asked again");
  await bo.open(link);
  await ask(bo, "Bo");
  await bo.until(() => [...document.querySelectorAll("label")].some((l) => l.textContent.includes("Passcode")), null, 20000, "asked");
  await bo.type("Passcode", "river");
  await bo.page.keyboard.press("Enter");
  await bo.until(() => !!document.querySelector("[aria-invalid=true]"), null, 20000, "a wrong one");
  await bo.type("Passcode", "river stone");
  await bo.page.keyboard.press("Enter");
  await letIn(ana, "Bo");
  await inside(bo);
  assert.ok(!(await ana.evaluate(() => document.body.innerText)).includes("The invite link was replaced"), "the link is the same");
});

/** Makes an invite for somebody; gives its link. */
async function inviteFor(name) {
  await openCard();
  await ana.press("New invite");
  await ana.type("Who is it for?", name);
  await ana.page.keyboard.press("Enter");
  await ana.until((who) => document.querySelector(".invites li")?.textContent.includes(who), name, 10000, "the invite");
  const personal = await ana.evaluate(async () => {
    let copied;
    navigator.clipboard.writeText = async (text) => {
      copied = text;
    };
    [...document.querySelectorAll(".invites button")].find((b) => b.textContent.includes("Copy link")).click();
    return copied;
  });
  assert.notEqual(personal, link);
  return personal;
}

async function withdraw() {
  await ana.press("Withdraw");
  await ana.until(() => !document.querySelector(".invites li"), null, 10000, "withdrawn");
}

test("who has an invite for one person is expected and let in by one press, without the passcode", async () => {
  const priya = knock("Priya", await inviteFor("Priya"));
  await ana.page.keyboard.press("Escape");
  await ana.page.keyboard.press("w");
  await reads(ana, "With the invite for Priya");
  await ana.press("Let in");
  await priya.event("entered");
  await openCard();
  await withdraw();
});

test("who has an invite comes straight in past the waiting room, if the host wants that (ACC-02, ACC-10)", async () => {
  const personal = await inviteFor("Sam");
  await flip("Invited people come straight in");
  await reads(bo, "People with an invite for one person come in without being asked now.");
  await knock("Sam", personal).event("entered"); // nobody pressed anything
  await flip("Invited people come straight in");
  await reads(bo, "A host lets each person in, also those with an invite.");
  await withdraw();
});

test("without a waiting room who has the link comes in by itself, and everybody is told", async () => {
  await openCard();
  await ana.press("Remove"); // the passcode
  await reads(ana, "A second secret");
  await flip("Waiting room");
  await ana.press("Turn off");
  await reads(bo, "The waiting room is off.");
  await knock("Sam").event("entered");
  await bo.evaluate(() => window.seenByTest.said.splice(0));
  await bo.reload(); // a guest keeps nothing: it comes anew
  await ask(bo, "Bo");
  await inside(bo);
  const said = await bo.evaluate(() => window.seenByTest.said.map(({ type }) => type));
  assert.ok(said.includes("commit") && !said.includes("knock"), `let itself in: ${said}`);
  await bo.until(() => document.body.innerText.includes("Ana"), null, 10000, "the others");
  await flip("Waiting room");
  await reads(bo, "The waiting room is on.");
});

test("all see the same words, and say so (SEC-08)", async () => {
  await openCard();
  await ana.press("Compare words");
  await reads(bo, "Ana asks everyone to compare words.");
  await bo.press("Compare words");
  const words = () => {
    const all = [...document.querySelectorAll(".words b")].map((b) => b.textContent);
    return all.length === 8 && all.every((word) => word !== "") && all.join(" ");
  };
  const seen = await Promise.all([ana, bo].map((each) => each.until(words, null, 20000, "words")));
  assert.equal(seen[0], seen[1]);
  await bo.press("They match");
  await reads(ana, "Bo says they match.");
  await ana.press("They match");
  await reads(bo, "Ana says they match. You say they match. Waiting for");
  for (const client of headless) client.say("same");
  await reads(ana, "The words match. Nobody is sitting between you.");
  for (const each of [ana, bo]) await each.page.keyboard.press("Escape");
});

/** Opens the number with somebody; gives it. */
async function numberWith(person, name) {
  if (!(await person.evaluate(() => document.querySelector("#panel-title")?.textContent.startsWith("People")))) await person.page.keyboard.press("p");
  await person.press(`More for ${name}`);
  await person.press("Compare numbers");
  const shown = () => {
    const all = [...document.querySelectorAll(".words b")].map((b) => b.textContent);
    return all.length === 12 && all.every((group) => /^\d{5}$/.test(group)) && all.join(" ");
  };
  return person.until(shown, null, 20000, "the number");
}

const marked = (person, name) =>
  person.until(
    (who) => [...document.querySelectorAll("[data-row]")].some((row) => row.textContent.includes(who) && row.textContent.includes("hecked by you")),
    name,
    15000,
    `${name} is checked`,
  );

test("two see one number, and the host's mark outlasts a reload, while a guest keeps nothing (SEC-08)", async () => {
  const seen = [await numberWith(ana, "Bo"), await numberWith(bo, "Ana")];
  assert.equal(seen[0], seen[1]);
  for (const [person, other] of [[ana, "Bo"], [bo, "Ana"]]) {
    await person.press("They match");
    await marked(person, other);
  }
  await ana.reload();
  await ask(ana, "Ana", "Join");
  await inside(ana);
  await ana.page.keyboard.press("p");
  await marked(ana, "Bo");
  await marked(bo, "Ana"); // the host has the key of before
  const kept = (person) => person.evaluate(async () => (await indexedDB.databases()).length);
  assert.deepEqual([await kept(ana), await kept(bo)], [1, 0]);
  await ana.page.keyboard.press("Escape");
});

test("a host turns one microphone off, and its owner may turn it on again", async () => {
  await turnOn(bo, "Microphone");
  await ana.page.keyboard.press("p");
  await ana.press("More for Bo");
  await ana.press("Mute");
  await bo.until(() => document.querySelector("button[aria-label^=Microphone]").ariaPressed === "false", null, 10000, "mic off");
  await reads(bo, "Ana, a host, turned your mic off.");
  await turnOn(bo, "Microphone");
  await bo.press("Microphone");
  await ana.page.keyboard.press("Escape");
});

test("guests' links are plain text until a host lets them be links (CHT-03)", async () => {
  await bo.press("Chat");
  await bo.type("Message to everyone", "https://docs.example/abc");
  await bo.page.keyboard.press("Enter");
  await ana.press("Chat");
  await reads(ana, "https://docs.example/abc");
  const links = () => document.querySelectorAll(".message-link").length;
  assert.equal(await ana.evaluate(links), 0);
  await openCard();
  await flip("Post links");
  await reads(bo, "Guests’ links in the chat can be opened now.");
  for (const person of [ana, bo]) {
    if (person === ana) await ana.press("Chat");
    await person.until(links, null, 10000, "a link");
  }
});

test("only hosts share until they let somebody, who asks for it (ACC-06)", async () => {
  const tool = () => document.querySelector("button[aria-label^='Ask to share'], button[aria-label^='Share your screen']")?.ariaLabel;
  const before = await bo.evaluate(tool);
  assert.match(before, /^Ask to share/);
  await bo.press("Ask to share");
  await reads(ana, "Bo asks to share.");
  await ana.press("Allow");
  await bo.until(() => !!document.querySelector("button[aria-label^='Share your screen']"), null, 10000, "may share");
  await openCard();
  await flip("Share their screen");
  await reads(bo, "Everyone can share their screen now.");
  await flip("Share their screen");
  await bo.until(() => !!document.querySelector("button[aria-label^='Ask to share']"), null, 10000, "hosts only");
});

test("stopping everything turns off mics and chat of all others and locks, and can be undone (ACC-15)", async () => {
  await turnOn(bo, "Microphone");
  await bo.press("Chat");
  await openCard();
  const began = Date.now();
  await ana.press("Stop everything");
  await bo.until(() => document.querySelector("button[aria-label^=Microphone]").ariaPressed === "false", null, 10000, "mic off");
  const took = Date.now() - began;
  await reads(bo, "A host has turned chat off.");
  assert.equal(await bo.evaluate(() => document.querySelectorAll(".chat textarea").length), 0);
  assert.ok(took < 5000, `${took} ms`);
  await bo.press("Microphone");
  assert.equal(await bo.evaluate(() => document.querySelector("button[aria-label^=Microphone]").ariaPressed), "false");
  await bo.press("Security");
  await reads(bo, "Nobody else can ask to join\nOn");
  await bo.press("Chat");
  await ana.press("Undo");
  await bo.until(() => !!document.querySelector(".chat textarea"), null, 10000, "chat again");
  await turnOn(bo, "Microphone");
  assert.deepEqual([...ana.complaints, ...bo.complaints], []);
});

test("who is sent to the waiting room waits there, off air, and is let in again", async () => {
  await ana.page.keyboard.press("Escape");
  await ana.page.keyboard.press("p");
  await ana.press("More for Bo");
  await ana.press("Send to the waiting room");
  await ana.press("Send out");
  await reads(bo, "You are in the waiting room again");
  assert.equal(await bo.evaluate(() => document.querySelectorAll("[data-person]").length), 0);
  await bo.press("Change your name"); // and knocks anew
  await ask(bo, " Bennett");
  await letIn(ana, "Bo Bennett");
  await inside(bo);
  assert.deepEqual([...ana.complaints, ...bo.complaints], []);
});

test("a host who begins the meeting again with its link alone is asked for the passcode, and told what is lost (ACC-20)", async () => {
  await bo.press("Leave");
  await Promise.all(headless.map((client) => client.leave()));
  await openCard();
  await ana.press("Set");
  await ana.type("New passcode", "river stone");
  await ana.page.keyboard.press("Enter");
  await reads(ana, "Who waits is asked again");
  await ana.reload();
  await ask(ana, "Ana", "Join");
  await reads(ana, "Your meeting has a passcode");
  await ana.type("Passcode", "river stone");
  await ana.page.keyboard.press("Enter");
  await inside(ana);
  await reads(ana, "You started this meeting again.");
  await ana.press("Understood");
  await ana.until(() => !document.querySelector(".lane")?.textContent.includes("You started this meeting again."), null, 5000, "seen");
  assert.deepEqual(ana.complaints, []);
});
