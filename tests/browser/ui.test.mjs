// What the interface does when it is pressed: on made-up views, which write down what it asks of the app.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openGallery, settled } from "./lib/gallery.mjs";

let gallery;
before(async () => {
  gallery = await openGallery("gallery-ui");
});
after(() => gallery?.close());

const PHONE = { width: 360, height: 760 };

/** Draws a screen, does `what` with it, and gives what it asked of the app. */
async function using(screen, how, what) {
  const { page, complaints, close } = await gallery.open(screen, how);
  await what(page);
  const calls = await page.evaluate(() => globalThis.calls);
  assert.deepEqual(complaints, []);
  await close();
  return calls.filter((call) => !call.startsWith("shown"));
}

const button = (page, name) => page.getByRole("button", { name }).first();

test("single keys turn mic, camera and sharing, and Escape never leaves", async () => {
  const calls = await using("meeting-two", {}, async (page) => {
    for (const key of ["m", "v", "d", "Escape"]) await page.keyboard.press(key);
  });
  assert.deepEqual(calls, ["microphone", "camera", "share"]);
});

test("a key is heard as soon as the meeting is drawn", async () => {
  await using("meeting-two", { locale: "en-GB" }, async (page) => { // a page of its own, which keeps the script
    await page.addInitScript(() => {
      new MutationObserver((_, watch) => {
        if (!document.querySelector("[data-self=true]")) return;
        watch.disconnect();
        document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "p", bubbles: true }));
      }).observe(document, { childList: true, subtree: true });
    });
    await page.reload();
    await page.waitForSelector("#panel", { timeout: 5000 });
  });
});

test("a question keeps single keys from the page behind it, and a comparison has the mic in it", async () => {
  const calls = await using("meeting-words", {}, async (page) => {
    for (const key of ["m", "v", "p", "c", "?", "Space"]) await page.keyboard.press(key);
    assert.equal(await page.locator("#panel").count(), 0);
    await page.locator("dialog:modal").getByRole("button", { name: "Microphone, mic off" }).click();
    await page.keyboard.press("Escape");
    await page.keyboard.press("v");
  });
  assert.deepEqual(calls.filter((one) => !one.startsWith("hold")), ["microphone", "close", "camera"]);
});

test("people are walked through with the arrows, and Escape closes the menu of one before the panel", async () => {
  await using("meeting-hosting", {}, async (page) => {
    await page.keyboard.press("p");
    const focused = (name) =>
      page.waitForFunction((words) => {
        const { ariaLabel, textContent, id } = document.activeElement;
        return [ariaLabel ?? textContent, id].includes(words);
      }, name);
    const more = (who) => `More for ${who}`;
    await button(page, more("Amara Osei")).focus();
    await page.keyboard.press("ArrowDown");
    await focused(more("Tomas Berg"));
    await page.keyboard.press("Enter");
    await page.keyboard.press("ArrowDown");
    await focused("Compare numbers"); // into the menu
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Escape");
    await focused(more("Tomas Berg")); // back on what opened it
    await page.keyboard.press("s");
    await focused("panel"); // the next panel has the focus that went
    await page.keyboard.press("p");
    await button(page, more("Tomas Berg")).focus();
    await page.keyboard.press("Enter");
    await button(page, "Remove").focus();
    await page.keyboard.press("Enter");
    await page.locator("dialog:modal").press("Escape");
    await page.locator("dialog:modal").waitFor({ state: "detached" });
    await focused("Remove"); // back where the question came from
    await page.keyboard.press("Escape");
    await page.locator(".person-menu button").first().waitFor({ state: "detached" });
    await page.keyboard.press("Escape");
    await page.locator("#panel").waitFor({ state: "detached" });
  });
});

test("single keys can be turned off", async () => {
  const calls = await using("meeting-two", {}, async (page) => {
    await button(page, "Devices").click();
    const keys = page.getByRole("switch", { name: "Single keys" });
    await keys.click();
    assert.equal(await keys.getAttribute("aria-checked"), "false");
    await page.keyboard.press("m");
    await keys.click();
    await page.keyboard.press("v");
  });
  assert.deepEqual(calls, ["camera"]);
});

test("off air is one key", async () => {
  const calls = await using("meeting-two-live", {}, (page) => page.keyboard.press("o"));
  assert.deepEqual(calls, ["off air"]);
});

test("Space talks while it is held and the window has the focus, and presses what has the focus", async () => {
  const calls = await using("meeting-two", {}, async (page) => {
    await page.keyboard.down("Space");
    await page.keyboard.down("Space"); // the keyboard repeats it
    await page.keyboard.up("Space");
    await page.keyboard.down("Space");
    await page.evaluate(() => window.dispatchEvent(new Event("blur")));
    await button(page, "Camera").focus();
    await page.keyboard.press("Space");
  });
  assert.deepEqual(calls, ["hold true", "hold true", "hold false", "hold true", "hold false", "hold false", "camera"]);
});

test("chat is written, read and closed by the keyboard alone, and the draft stays", async () => {
  const calls = await using("meeting-chatting", {}, async (page) => {
    const field = page.getByRole("textbox", { name: "Message to everyone" });
    await button(page, "People").focus();
    await page.keyboard.press("c");
    assert.ok(await field.evaluate((e) => e === document.activeElement), "the field has the focus");
    await page.keyboard.type("See you");
    await page.keyboard.press("Shift+Enter");
    await page.keyboard.type("at nine");
    await page.keyboard.press("Escape");
    assert.equal(await field.count(), 0);
    assert.ok(await button(page, "People").evaluate((e) => e === document.activeElement), "the focus is back");
    await page.keyboard.press("c");
    await page.keyboard.press("Enter");
    assert.match(await page.locator(".chat-list li").last().innerText(), /You\s+09:13 AM\s+See you\nat nine/);
    assert.equal(await field.inputValue(), "");
    await page.keyboard.press("Enter"); // nothing to send
  });
  assert.deepEqual(calls.filter((one) => !one.startsWith("hold")), ["say See you\nat nine"]);
});

test("a message that is too long is not cut or sent, and the sentence says by how much", async () => {
  const calls = await using("meeting-chatting", {}, async (page) => {
    await page.keyboard.press("c");
    const field = page.getByRole("textbox", { name: "Message to everyone" });
    await field.fill("a".repeat(2012));
    await page.keyboard.press("Enter");
    assert.equal((await field.inputValue()).length, 2012);
    assert.match(await page.locator(".chat-form").innerText(), /2,000 characters at most\. This is 12 too long\./);
    await field.fill("a".repeat(2001));
    assert.match(await page.locator(".chat-form").innerText(), /This is one too long\./);
  });
  assert.deepEqual(calls, []);
});

test("a new message marks the button until the chat is opened, and is read aloud, or not", async () => {
  await using("meeting-chatting", {}, async (page) => {
    const read = page.locator("[role=status][aria-live=polite]");
    await page.keyboard.press("c");
    await page.keyboard.press("Escape"); // those of before are read
    assert.equal(await button(page, "Chat").getAttribute("aria-label"), "Chat");
    await page.evaluate(() => globalThis.answer("Hello"));
    assert.equal(await button(page, "Chat").getAttribute("aria-label"), "Chat, 1 new message");
    await page.waitForFunction(() => /Tomas Berg.*Hello/.test(document.querySelector("[role=status]").textContent));
    assert.match(await page.locator(".lane").innerText(), /Tomas Berg.*Hello/);
    await button(page, "Chat").click();
    assert.equal(await button(page, "Chat").getAttribute("aria-label"), "Chat");
    assert.equal(await page.locator(".lane").count(), 0);
    assert.match(await read.innerText(), /Hello/);
  });
  await using("meeting-chatting", {}, async (page) => {
    await button(page, "Devices").click();
    await page.getByRole("switch", { name: "Read messages aloud" }).click();
    await page.evaluate(() => globalThis.answer("Hello"));
    await page.waitForTimeout(2300);
    assert.equal(await page.locator("[role=status][aria-live=polite]").innerText(), "");
  });
});

test("a long chat scrolls in its panel, and the page behind it never does", async () => {
  await using("meeting-chatting", {}, async (page) => {
    await page.keyboard.press("c");
    for (let i = 0; i < 60; i++) {
      await page.locator(".chat-field").fill(`Message ${i}`);
      await page.keyboard.press("Enter");
    }
    for (const size of [{ width: 1280, height: 800 }, { width: 820, height: 600 }, { width: 320, height: 640 }]) {
      await page.setViewportSize(size);
      await settled(page);
      const [behind, panel] = await page.evaluate(() =>
        [document.documentElement, document.querySelector(".panel-body")].map((e) => e.scrollHeight - e.clientHeight),
      );
      assert.equal(behind, 0, `${size.width} wide`);
      assert.ok(panel > 500, `${panel}`);
    }
  });
});

test("the waiting room goes off after a question and on without one; a guest cannot change it", async () => {
  const calls = await using("meeting-hosting", {}, async (page) => {
    await page.keyboard.press("s");
    const room = page.getByRole("switch", { name: "Waiting room" });
    await room.click();
    assert.match(await page.getByRole("dialog").innerText(), /Whoever has the link comes in without being asked/);
    await page.locator("dialog:modal").press("Escape");
    await room.click();
    await button(page, "Turn off").click();
  });
  assert.deepEqual(calls, ["waiting room false"]);
  const back = await using("meeting-door", {}, async (page) => {
    await page.keyboard.press("s");
    await page.getByRole("switch", { name: "Waiting room" }).click();
  });
  assert.deepEqual(back, ["waiting room true"]);
  await using("meeting-locked", {}, async (page) => {
    await page.keyboard.press("s");
    assert.equal(await page.locator(".panel [role=switch]").count(), 0);
    for (const name of ["Set", "New invite", "Replace"])
      assert.equal(await page.locator(".panel").getByRole("button", { name }).count(), 0, name);
  });
});

test("a passcode is set, changed and removed; a blank one is not taken (ACC-20)", async () => {
  const calls = await using("meeting-hosting", {}, async (page) => {
    await page.keyboard.press("s");
    await button(page, "Set").click();
    await page.getByLabel("New passcode").fill("  ");
    await page.getByLabel("New passcode").press("Enter");
    await page.getByText("This was not taken.").waitFor();
    await page.getByLabel("New passcode").fill("river stone");
    await page.getByLabel("New passcode").press("Enter");
    await page.getByLabel("New passcode").waitFor({ state: "detached" });
    assert.ok(await button(page, "Set").evaluate((e) => e === document.activeElement));
  });
  assert.deepEqual(calls.filter((one) => !one.startsWith("hold")), ["passcode   ", "passcode river stone"]);
  const removed = await using("meeting-door", {}, async (page) => {
    await page.keyboard.press("s");
    await button(page, "Remove").click();
  });
  assert.deepEqual(removed, ["passcode null"]);
});

test("an invite for one person is made, copied and withdrawn", async () => {
  const calls = await using("meeting-door", {}, async (page) => {
    await page.keyboard.press("s");
    await button(page, "New invite").click();
    await page.getByLabel("Who is it for?").fill("Dan");
    await page.getByLabel("Who is it for?").press("Enter");
    const rows = page.locator(".invites li");
    assert.match(await rows.nth(2).innerText(), /Invite 3\s+Made by another host\s+Withdraw/);
    assert.equal(await rows.nth(2).getByRole("button", { name: "Copy link" }).count(), 0);
    await rows.nth(0).getByRole("button", { name: "Copy link" }).click();
    await rows.nth(1).getByRole("button", { name: "Withdraw" }).click();
  });
  assert.deepEqual(calls.filter((one) => !one.startsWith("hold")), ["invite Dan", "copy", "withdraw 2"]);
});

test("who comes with an invite is let in by one press, under somebody's name or with a shared one not", async () => {
  const calls = await using("meeting-expected", {}, async (page) => {
    await page.keyboard.press("w");
    const rows = page.locator(".knocker");
    assert.match(await rows.nth(0).innerText(), /“Priya Nair”\s+With the invite for Priya, ward 7/);
    await rows.nth(0).getByRole("button", { name: "Let in" }).click();
    await button(page, "Let both in").click();
    for (const which of [2, 3]) {
      await rows.nth(which).getByRole("button", { name: "Let in…" }).click();
      await page.locator("dialog:modal").press("Escape");
    }
    assert.match(await rows.nth(3).innerText(), /Two people came with this invite/);
  });
  assert.deepEqual(calls, ["let in priya", "let in priya", "let in dan"]);
});

test("words are compared: two equal answers, and a difference says what to do", async () => {
  const calls = await using("meeting-words", {}, async (page) => {
    const dialog = page.locator(".compare");
    assert.equal(await dialog.locator(".words li").count(), 8);
    await button(page, "Show as numbers").click();
    assert.match(await dialog.innerText(), /0814\s+1932/);
    const boxes = await dialog.locator(".dialog-pair .button").evaluateAll((all) =>
      all.map((e) => [e.getBoundingClientRect().width, getComputedStyle(e).backgroundColor, e.className].join()),
    );
    assert.equal(boxes.length, 2);
    assert.equal(boxes[0], boxes[1], "the answers weigh the same");
    await page.keyboard.press("Enter"); // none is preferred
    await button(page, "Read aloud to me").click();
    await button(page, "They’re different").click();
    assert.match(await dialog.getByRole("alert").innerText(), /We have turned off your mic and camera\. Leave, and tell the others another way\./);
    await button(page, "Compare again").click();
    await button(page, "Start a new meeting").click();
    await page.keyboard.press("Escape");
    assert.equal(await dialog.count(), 0);
  });
  const read = "read harbour, velvet, pilot, cinnamon, orbit, meadow, ladder, summit";
  assert.deepEqual(calls, [read, "say different", "again", "start new", "close"]);
  await using("meeting-words-match", {}, async (page) => {
    assert.match(await page.locator(".compare [role=status]").innerText(), /The words match\. Nobody is sitting between you\./);
  });
  await using("meeting-words-stale", {}, async (page) => {
    assert.equal(await button(page, "They match").count(), 0, "no answer to words of the past");
    await button(page, "Show the new words").click();
  });
  await using("meeting-words-made", {}, async (page) => {
    assert.equal(await button(page, "They match").count(), 0, "no answer before there are words");
  });
});

test("somebody who asks to compare has the lane, and who sees other words is an alert", async () => {
  const calls = await using("meeting-words-asked", {}, async (page) => {
    await page.locator(".lane").getByRole("button", { name: "Compare words" }).click();
    await page.locator(".lane").getByRole("button", { name: "Later" }).click();
  });
  assert.deepEqual(calls, ["compare", "later"]);
  await using("meeting-words-alarm", {}, async (page) => {
    assert.match(await page.locator(".alarm[role=alert]").innerText(), /This person sees different words: Layla Rahman/);
  });
});

test("comparing is offered in the lane, politely, and taken up or not now", async () => {
  const calls = await using("meeting-words-offered", {}, async (page) => {
    const lane = page.locator(".lane");
    assert.match(await lane.getByRole("status").innerText(), /Check nobody is between you\? 20 seconds\./);
    await lane.getByRole("button", { name: "Compare words" }).click();
    await lane.getByRole("button", { name: "Not now" }).click();
  });
  assert.deepEqual(calls, ["compare", "not now"]);
});

test("two people compare a number: two equal answers, and a difference says what to do (SEC-08)", async () => {
  const calls = await using("meeting-check", {}, async (page) => {
    const dialog = page.locator(".compare");
    assert.match(await dialog.innerText(), /Is this Tomas Berg\?/);
    assert.equal(await dialog.locator(".words li").count(), 12);
    await page.keyboard.press("Enter"); // no answer is preferred
    await button(page, "They’re different").click();
    assert.match(await dialog.getByRole("alert").innerText(), /Somebody may be standing in for Tomas Berg\. We have turned off your mic and camera\./);
    await button(page, "Start a new meeting").click();
    await button(page, "They match after all").click();
    assert.equal(await dialog.count(), 0);
  });
  assert.deepEqual(calls, ["number different", "start new", "number same"]);
});

test("who is checked has the mark everywhere, and another device under that name is an alert", async () => {
  await using("meeting-checked", {}, async (page) => {
    assert.equal(await page.getByRole("button", { name: "Amara Osei, host, checked by you" }).count(), 1);
    assert.deepEqual((await page.locator(".alarm[role=alert] p").allInnerTexts()).map((text) => text.split(": ")[1]), ["Ji-woo Han", "Layla Rahman"]);
    await page.locator(".alarm").filter({ hasText: "new device" }).getByRole("button", { name: "Look" }).click();
    assert.match(await page.locator(".people").innerText(), /Host\s+Host, checked by you[\s\S]+Guest, name not checked[\s\S]+New device, not checked by you[\s\S]+The numbers are different/);
    await page.keyboard.press("c");
    assert.match(await page.locator(".message").innerText(), /Tomas Berg[\s\S]+Checked by you/);
  });
});

test("a host mutes one person and sends one to the waiting room after a question; a guest can do neither", async () => {
  const calls = await using("meeting-hosting", {}, async (page) => {
    await page.keyboard.press("p");
    await button(page, "More for Amara Osei").click();
    await button(page, "Mute").click();
    await button(page, "Compare numbers").click();
    await button(page, "Send to the waiting room").click();
    assert.match(await page.getByRole("dialog").innerText(), /The invite link stays\./);
    await page.getByRole("dialog").getByRole("button", { name: "Send out" }).click();
    await button(page, "More for Tomas Berg").click();
    assert.equal(await page.locator("[data-row=person-1]").getByRole("button", { name: "Mute" }).count(), 0, "the mic is off");
  });
  assert.deepEqual(calls, ["mute person-0", "check person-0", "send back person-0"]);
  await using("meeting-locked", {}, async (page) => {
    await page.keyboard.press("p");
    await button(page, "More for Amara Osei").click();
    assert.deepEqual(await page.locator(".person-menu button").allInnerTexts(), ["Compare numbers"]);
  });
});

test("on a phone a host stops everything from the menu with the rest (ACC-15)", async () => {
  const calls = await using("meeting-hosting", { size: PHONE }, async (page) => {
    await button(page, "More").click();
    await button(page, "Stop everything").click();
  });
  assert.deepEqual(calls, ["stop"]);
});

test("the chip leads to a plain page: who can see this, who cannot, what the server sees (TRN-06)", async () => {
  await using("meeting-two-live", {}, async (page) => {
    await button(page, "End-to-end encrypted").click();
    await button(page, "Where data goes").click();
    const words = await page.locator(".where").innerText();
    for (const sentence of [
      "only the 2 devices in this meeting hold",
      "It has no key, so it cannot open them",
      "Your voice: mic is on",
      "Your internet address, while you are connected",
      "Most calls are locked only on the way to the server",
      "Who runs it could send you a changed page",
      "MLS with ML-KEM-768 and X25519, then SFrame AES-128-GCM",
      "a person joined",
    ])
      assert.ok(words.includes(sentence), sentence);
    const copied = await page.evaluate(async () => {
      let text;
      navigator.clipboard.writeText = async (given) => {
        text = given;
      };
      [...document.querySelectorAll(".where button")].find((b) => b.textContent.includes("Copy as text")).click();
      return text;
    });
    assert.match(copied, /The server can see: Your internet address[\s\S]+Route: Sound and picture take the usual way\./);
    assert.doesNotMatch(copied, /Amara|Maya/, "nobody's name");
    await page.keyboard.press("Escape");
    assert.equal(await page.locator(".where").count(), 0);
  });
});

test("hands that are up stand first, in their order, and on the tile; one's own goes up with H", async () => {
  const calls = await using("meeting-hands", {}, async (page) => {
    await page.getByRole("button", { name: /^Ji-woo Han, .*hand up/ }).waitFor();
    assert.deepEqual(await page.locator(".tile-tags").allInnerTexts(), ["Hand up", "Hand up"]);
    await page.keyboard.press("h");
    assert.equal(await button(page, "Raise your hand").getAttribute("aria-pressed"), "true");
    await page.keyboard.press("p");
    assert.match(await page.locator(".panel").innerText(), /Hand up\s+2\s+Ji-woo Han[\s\S]+Maya Haddad[\s\S]+In the meeting\s+4/);
  });
  assert.deepEqual(calls, ["hand"]);
});

test("in a crowd a person is found by part of the name", async () => {
  await using("meeting-crowd", {}, async (page) => {
    await page.keyboard.press("p");
    await page.getByLabel("Find a person").fill("rahm");
    assert.deepEqual(
      (await page.locator(".people .person-name").allInnerTexts()).every((name) => name.startsWith("Layla Rahman")),
      true,
    );
    await page.getByLabel("Find a person").fill("zzz");
    assert.match(await page.locator(".panel").innerText(), /Nobody here has this name\./);
  });
});

test("a host says what people can, stops everything by one press, and undoes it by one (ACC-15)", async () => {
  const calls = await using("meeting-hosting", {}, async (page) => {
    await page.keyboard.press("s");
    await page.getByRole("switch", { name: "Share their screen" }).click();
    await page.getByRole("switch", { name: "Use chat" }).click();
    await page.getByRole("switch", { name: "Post links" }).click();
    await button(page, "Stop everything").click();
  });
  assert.deepEqual(calls, ["allow share true", "allow chat false", "allow link true", "stop"]);
  const withOut = await using("meeting-hosting", {}, async (page) => {
    await page.keyboard.press("s");
    const out = page.locator(".stop-out");
    await out.getByText("Take people out, too").click();
    for (const name of ["Amara Osei", "Tomas Berg", "Amara Osei"]) await out.getByRole("checkbox", { name }).click();
    await out.getByText("And take 1 person out").waitFor();
    await button(page, "Stop everything").click();
    await out.getByText("Take people out, too").waitFor();
  });
  assert.deepEqual(withOut, ["stop person-1"]);
  const undone = await using("meeting-stopped", {}, async (page) => {
    await page.keyboard.press("s");
    assert.match(await page.locator(".security-stop").innerText(), /Everything is stopped and the meeting is locked\./);
    await button(page, "Undo").click();
  });
  assert.deepEqual(undone, ["undo"]);
  await using("meeting-locked", {}, async (page) => {
    await page.keyboard.press("s");
    assert.equal(await button(page, "Stop everything").count(), 0);
    assert.match(await page.locator(".panel").innerText(), /Share their screen\s+Hosts only\. Others ask\s+Off/);
  });
});

test("who may not share asks by the same key, and a host allows it or not now (ACC-06)", async () => {
  const asks = await using("meeting-ask-share", {}, async (page) => {
    assert.equal(await page.getByRole("button", { name: /^Share your/ }).count(), 0);
    await button(page, "Ask to share your screen").click();
    await page.keyboard.press("d");
  });
  assert.deepEqual(asks, ["ask", "ask"]);
  const calls = await using("meeting-share-asked", {}, async (page) => {
    const lane = page.locator(".lane");
    assert.match(await lane.innerText(), /Tomas Berg.* asks to share\./);
    await lane.getByRole("button", { name: "Allow" }).click();
    assert.equal(await lane.count(), 0);
    await page.keyboard.press("p");
    for (const name of ["Tomas Berg", "Layla Rahman"]) await button(page, `More for ${name}`).click();
    assert.equal(await page.getByRole("button", { name: "Allow sharing", exact: true }).count(), 1, "not of who may");
    await button(page, "Stop sharing").click();
  });
  assert.deepEqual(calls, ["allow share person-1", "end share person-2"]);
  const taken = await using("meeting-hosting", {}, async (page) => {
    await page.keyboard.press("p");
    await button(page, "More for Ji-woo Han").click();
    assert.equal(await button(page, "Stop sharing").count(), 0, "he shares nothing");
    await button(page, "Don’t allow sharing").click();
  });
  assert.deepEqual(taken, ["forbid share person-3"]);
});

test("a link opens only after a question that says where it goes and who wrote it (CHT-01)", async () => {
  await using("meeting-chat", {}, async (page) => {
    await button(page, "Chat").click();
    const links = page.locator(".message-link");
    assert.deepEqual(await links.allInnerTexts(), [
      "northfield.example/placements/spring?sort=ward",
      "northfie1d.example/login",
    ]);
    assert.equal(await page.locator(".chat a, .chat b:not(.message-link b)").count(), 0, "no markup (CHT-03)");
    await links.last().click();
    const dialog = page.locator(".link-dialog");
    await dialog.getByRole("link", { name: "Open" }).waitFor(); // its text has lines when it is drawn
    assert.match(await dialog.innerText(), /This goes to northfie1d\.example\s+It looks like northfield\.example, but is another place\.\s+Written by Amara Osei, a host\. Nobody has checked the name\./);
    const open = dialog.getByRole("link", { name: "Open" });
    assert.deepEqual(
      await open.evaluate((a) => [a.href, a.target, a.rel]),
      ["https://northfie1d.example/login", "_blank", "noopener noreferrer"],
    );
    await page.keyboard.press("Escape");
    assert.equal(await dialog.count(), 0);
    assert.equal(await page.locator(".chat").count(), 1, "the chat stays open");
  });
});

test("the keys are told in tooltips and in the list, but not while they are off", async () => {
  await using("meeting-two", {}, async (page) => {
    const tip = () => button(page, "Microphone").getAttribute("title");
    assert.equal(await tip(), "Mic off (M, or hold Space)");
    await page.keyboard.press("?");
    assert.match(await page.getByRole("dialog").innerText(), /Space\s+Hold to talk/);
    await page.keyboard.press("Escape");
    await button(page, "Devices").click();
    await page.getByRole("switch", { name: "Single keys" }).click();
    assert.equal(await tip(), "Mic off");
  });
});

test("a device that does not go on says why in the lane and what to do, once for all to hear", async () => {
  const calls = await using("meeting-mic-denied", {}, async (page) => {
    const lane = page.locator(".lane");
    const blocked = /Your browser is blocking the microphone\. You can listen and type\. To talk: press the icon/;
    assert.match(await lane.getByRole("alert").innerText(), blocked);
    await lane.getByRole("button", { name: "Try again" }).click();
    await lane.getByRole("button", { name: "Not now" }).click();
    await button(page, "Devices").click();
    assert.equal(await lane.count(), 0);
    assert.match(await page.locator("#panel").getByRole("alert").innerText(), blocked);
  });
  assert.deepEqual(calls, ["microphone", "forget the microphone"]);
  await using("meeting-no-mic", {}, async (page) => {
    assert.match(await page.locator(".lane").innerText(), /We found no microphone\./);
    assert.equal(await button(page, "Try again").count(), 0);
  });
});

test("after a long time without a connection: sound only, or leave", async () => {
  const calls = await using("meeting-reconnecting-long", {}, async (page) => {
    const lane = page.locator(".lane");
    await lane.getByRole("button", { name: "Sound only" }).click();
    await lane.getByRole("button", { name: "Leave" }).click();
  });
  assert.deepEqual(calls, ["sound only", "leave"]);
  await using("meeting-reconnecting", {}, async (page) => {
    assert.equal(await page.locator(".lane button").count(), 0);
  });
  await using("meeting-offline", {}, async (page) => {
    assert.equal(await page.locator(".lane").getByRole("status").innerText(), "No network", "said once, not each second");
  });
});

test("after half a minute of a weak connection: sound only, or not now", async () => {
  const calls = await using("meeting-weak-long", {}, async (page) => {
    const lane = page.locator(".lane");
    assert.match(await lane.getByRole("status").innerText(), /Your connection is weak\./);
    await lane.getByRole("button", { name: "Sound only" }).click();
    await lane.getByRole("button", { name: "Not now" }).click();
    assert.equal(await lane.count(), 0);
  });
  assert.deepEqual(calls, ["sound only"]);
});

test("with sound only there is no camera and no sharing to press, by hand or by key", async () => {
  const calls = await using("meeting-sound-only", {}, async (page) => {
    for (const name of ["Camera", "Share"]) assert.equal(await button(page, name).count(), 0, name);
    for (const key of ["v", "d"]) await page.keyboard.press(key);
    await button(page, "Show pictures").click();
  });
  assert.deepEqual(calls, ["sound only"]);
});

test("a control has light only while something leaves this device (lit means live)", async () => {
  const litOn = async (screen) => {
    let lit;
    await using(screen, {}, async (page) => {
      lit = await page.$$eval(".tool-lit", (tools) => tools.map((tool) => tool.innerText.trim()));
      lit.push((await page.title()).startsWith("●"));
    });
    return lit;
  };
  assert.deepEqual(await litOn("meeting-two"), [false]);
  assert.deepEqual(await litOn("meeting-two-live"), ["Mic on", "Camera on", true]);
  assert.deepEqual(await litOn("meeting-live-offline"), [false]);
  assert.deepEqual(await litOn("meeting-live-signalling"), ["Mic on", "Camera on", true]);
  assert.deepEqual(await litOn("meeting-live-weak"), ["Mic on", "Camera on", true]);
});

test("a toggle keeps its name and tells its state", async () => {
  await using("meeting-two-live", {}, async (page) => {
    const microphone = button(page, "Microphone");
    assert.equal(await microphone.getAttribute("aria-pressed"), "true");
    assert.equal(await microphone.getAttribute("aria-label"), "Microphone, mic on");
  });
});

test("pinning makes a person large for oneself, and the picture goes on", async () => {
  await using("meeting-grid", {}, async (page) => {
    const tile = page.locator("[data-person=person-2]");
    const video = await tile.locator("video").elementHandle();
    const before = await tile.boundingBox();
    await button(page, "Layla Rahman").click();
    await settled(page);
    const large = await tile.boundingBox();
    assert.ok(large.width > before.width * 2);
    assert.ok(await video.evaluate((element) => element.isConnected && !element.paused));
    await page.keyboard.press("Escape");
    await settled(page);
    assert.equal((await tile.boundingBox()).width, before.width);
    await page.keyboard.press("3");
    await settled(page);
    assert.ok((await tile.boundingBox()).width > before.width * 2);
  });
});

test("arrow keys move between tiles, and only one tile is in the tab order", async () => {
  await using("meeting-grid", {}, async (page) => {
    assert.equal(await page.locator(".tile-button[tabindex='0']").count(), 1);
    await page.locator(".tile-button").first().focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowDown");
    const where = await page.evaluate(() => document.activeElement.closest("li").dataset.person);
    assert.equal(where, "person-4");
  });
});

test("a panel over the stage keeps the focus and gives it back", async () => {
  await using("meeting-grid", { size: PHONE }, async (page) => {
    await button(page, "More").click();
    await page.getByRole("dialog").getByRole("button", { name: "People" }).click();
    await page.getByRole("dialog").getByText("Guest, name not checked").first().waitFor();
    for (let i = 0; i < 6; i++) await page.keyboard.press("Tab");
    assert.ok(await page.evaluate(() => document.activeElement === document.body || !!document.activeElement.closest("#panel")));
    await page.keyboard.press("Escape");
    assert.equal(await page.getByRole("dialog").count(), 0);
    assert.equal(await page.evaluate(() => document.activeElement.innerText.trim()), "More");
  });
});

test("questions and what is typed in a panel stay, in front, when the window changes its width", async () => {
  const widths = [{ width: 820, height: 1180 }, PHONE, { width: 1440, height: 900 }, PHONE];
  const throughAll = async (page, stays) => {
    for (const size of widths) {
      await page.setViewportSize(size);
      await settled(page);
      await stays.click({ trial: true }); // nothing lies over it
    }
  };
  const calls = await using("meeting-hosting", {}, async (page) => {
    const asked = page.locator("dialog:modal");
    await page.keyboard.press("s");
    await button(page, "Set").click();
    await page.getByLabel("New passcode").fill("river stone");
    await button(page, "Replace").click();
    await throughAll(page, asked.getByRole("button", { name: "Replace link" }));
    await page.keyboard.press("Escape");
    assert.deepEqual([await asked.count(), await page.locator("#panel").count()], [0, 1], "Escape closes the question alone");
    assert.equal(await page.getByLabel("New passcode").inputValue(), "river stone");
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.keyboard.press("Escape");
    await button(page, "People").click();
    await button(page, "More for Tomas Berg").click();
    await page.getByRole("button", { name: "Remove" }).click();
    await throughAll(page, asked.getByRole("button", { name: "Remove" }));
    await asked.getByRole("button", { name: "Remove" }).click();
  });
  assert.deepEqual(calls.filter((one) => !one.startsWith("hold")), ["remove person-1"]);
  await using("meeting-words", {}, async (page) => {
    await page.keyboard.press("s");
    assert.equal(await page.locator("#panel").count(), 0, "a key opens nothing behind a question");
    await throughAll(page, button(page, "They match"));
  });
});

test("over the stage a press beside the panel closes it, and the rest cannot be reached", async () => {
  await using("meeting-grid", { size: { width: 820, height: 1180 } }, async (page) => {
    await button(page, "People").click();
    assert.equal(await page.locator("[inert]").count(), 3, "top bar, stage, tools");
    await page.waitForFunction(() => document.activeElement.id === "panel");
    await page.mouse.click(100, 600);
    assert.equal(await page.locator("#panel, [inert]").count(), 0);
  });
});

test("a guest leaves at once; a host is asked first and may stay", async () => {
  assert.deepEqual(await using("meeting-two", {}, (page) => button(page, "Leave").click()), ["leave"]);
  const calls = await using("meeting-host", {}, async (page) => {
    await button(page, "Leave").click();
    await button(page, "Stay").click();
    await button(page, "Leave").click();
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+Shift+L");
    await button(page, "End for all").click();
  });
  assert.deepEqual(calls, ["end for all"]);
});

test("the app is asked for what is drawn, at its height, and for nothing else", async () => {
  const { page, close } = await gallery.open("meeting-many", { deviceScaleFactor: 2 });
  const told = await page.evaluate(() => globalThis.calls.filter((c) => c.startsWith("shown")).pop());
  const drawn = Object.fromEntries(told.split(" ").slice(1).map((pair) => pair.split("=")));
  const tiles = await page.$$eval(".tile[data-self=false]", (items) =>
    items.map((item) => [`${item.dataset.person}/camera`, String(Math.round(item.getBoundingClientRect().height * 2))]),
  );
  assert.equal(tiles.length, 24);
  assert.deepEqual(drawn, Object.fromEntries(tiles));
  await button(page, "Next page").click();
  await settled(page);
  const then = await page.evaluate(() => globalThis.calls.filter((c) => c.startsWith("shown")).pop());
  assert.equal(then.split(" ").length - 1, 9);
  await close();
});

test("people who come are announced once, through one polite region", async () => {
  await using("meeting-grid", {}, async (page) => {
    const region = page.locator("[role=status][aria-live=polite]");
    assert.equal(await region.count(), 1);
    await page.waitForFunction(() =>
      document.querySelector("[aria-live=polite]").textContent.includes("joined"),
    );
  });
});

test("what happens at once is all read out, each in a line that stays beside the others (PRV-03)", async () => {
  await using("meeting-busy", {}, async (page) => {
    const region = page.locator("[role=status][aria-live=polite]");
    assert.equal(await region.getAttribute("aria-atomic"), "false");
    await page.evaluate(async () => {
      const all = [
        { what: "joined", name: "Ana" },
        { what: "locked" },
        { what: "hand_up", name: "Kofi" },
        { what: "joined", name: "Layla" },
        { what: "link_replaced" },
        { what: "share_started", name: "Ruth" },
      ].map((notice, key) => ({ key: `${key}`, ...notice }));
      for (let n = 1; n <= all.length; n++) {
        globalThis.happen(all.slice(0, n));
        await new Promise((done) => setTimeout(done, 20));
      }
    });
    await region.filter({ hasText: "started sharing" }).waitFor();
    const read = (await region.locator("p").allInnerTexts()).map((text) => text.replace(/[\u2066-\u2069]/g, ""));
    assert.deepEqual(read.map((text) => text.split(" ")[0]), ["Ana", "The", "Kofi", "Layla", "The", "Ruth"]);
  });
});

test("a notice passes once, whatever the window and the panels do meanwhile", async () => {
  await using("meeting-busy", {}, async (page) => {
    const lane = page.locator(".lane-brief");
    const joined = { key: "1", what: "joined", name: "Ana" };
    await page.evaluate((notice) => globalThis.happen([notice]), joined);
    await lane.filter({ hasText: "joined." }).waitFor();
    await page.setViewportSize({ width: 820, height: 1180 });
    await lane.filter({ hasText: "joined." }).waitFor();
    await lane.waitFor({ state: "detached" });
    await page.keyboard.press("c");
    await page.evaluate((all) => globalThis.happen(all), [joined, { key: "2", what: "written", name: "Ana", text: "Hello" }]);
    await page.keyboard.press("Escape");
    await page.setViewportSize({ width: 1440, height: 900 });
    await settled(page);
    assert.equal(await lane.count(), 0, await lane.allInnerTexts().then(String));
  });
});

test("a notice covers no control of the top bar, on any width", async () => {
  await using("meeting-busy", {}, async (page) => {
    for (const width of [320, 600, 768, 1024]) {
      await page.setViewportSize({ width, height: 700 });
      const covered = await page.evaluate(async (key) => {
        globalThis.happen([{ key, what: "wrong_commit" }]);
        while (!document.querySelector(".lane-brief")) await new Promise((done) => requestAnimationFrame(done));
        const middle = (e) => {
          const at = e.getBoundingClientRect();
          return document.elementFromPoint(at.x + at.width / 2, at.y + at.height / 2);
        };
        const hidden = [...document.querySelectorAll(".top button")].filter((e) => !e.contains(middle(e)));
        return hidden.map((e) => e.textContent);
      }, `at ${width}`);
      assert.deepEqual(covered, [], `${width} px`);
    }
  });
});

test("on a phone on its side nothing of the top bar lies under the tools", async () => {
  for (const screen of ["meeting-two", "meeting-weak"])
    await using(screen, {}, async (page) => {
      for (const [width, height] of [[600, 320], [640, 360], [740, 360], [844, 390], [932, 430]]) {
        await page.setViewportSize({ width, height });
        await settled(page);
        const covered = await page.evaluate(() => {
          const isOver = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
          const boxes = (all) => [...document.querySelectorAll(all)].map((e) => e.getBoundingClientRect());
          const tools = boxes(".tool");
          return boxes(".top .chip").filter((chip) => tools.some((tool) => isOver(chip, tool))).length;
        });
        assert.equal(covered, 0, `${screen}, ${width} x ${height}`);
      }
    });
});

test("a line of the top bar that goes at a press leaves the focus in the page", async () => {
  const focused = (page, id) => page.waitForFunction((wanted) => document.activeElement.id === wanted, id);
  await using("meeting-knock", {}, async (page) => {
    await button(page, "Look").press("Enter");
    await focused(page, "panel");
  });
  await using("meeting-knock", {}, async (page) => {
    await button(page, "Later").press("Enter");
    await focused(page, "stage");
  });
  await using("meeting-share-asked", {}, async (page) => {
    await button(page, "Not now").press("Enter");
    await focused(page, "stage");
  });
});

test("copying the link says so", async () => {
  const calls = await using("home-invite", {}, async (page) => {
    await button(page, "Copy link").click();
    await page.getByRole("button", { name: "Copied" }).waitFor();
    assert.equal(await page.getByRole("status").innerText(), "Link copied");
  });
  assert.deepEqual(calls, ["copy"]);
});

test("somebody who knocks is let in with three presses, and Enter alone lets nobody in (UX: 3 on purpose)", async () => {
  const calls = await using("meeting-deciding", {}, async (page) => {
    await button(page, "Look").click();
    await button(page, "Let in…").click();
    const dialog = page.getByRole("dialog");
    assert.match(await dialog.innerText(), /someone we have not checked/);
    await page.keyboard.press("Enter");
    await page.keyboard.press("Escape");
    assert.equal(await dialog.count(), 0);
    assert.equal(await page.locator("#panel").count(), 1, "Escape closes the question alone");
    await button(page, "Let in…").click();
    await page.getByRole("button", { name: "Let in", exact: true }).click();
    await page.getByText("“Kofi Mensah”").waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.id), "panel");
  });
  assert.deepEqual(calls, ["let in sam"]);
});

test("the queue opens with W; refusing takes one press and a question is plain text of 200 characters", async () => {
  const calls = await using("meeting-deciding", {}, async (page) => {
    await page.keyboard.press("w");
    await button(page, "Ask a question").click();
    await page.keyboard.type(`${"x".repeat(198)}yz-and-more`);
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.innerText), "Ask a question");
    await button(page, "Refuse").click();
  });
  assert.deepEqual(calls, [`ask sam ${"x".repeat(198)}yz`, "refuse sam"]);
});

test("what a stranger typed is never a link, and the name stands in quotation marks, isolated", async () => {
  await using("meeting-knocks", {}, async (page) => {
    await page.keyboard.press("w");
    const panel = page.locator("#panel");
    assert.equal(await panel.locator("a").count(), 0);
    const names = await panel.locator(".knocker .person-name").evaluateAll((all) =>
      all.map((e) => [e.textContent, e.querySelector("bdi")?.textContent]),
    );
    assert.equal(names.length, 5);
    for (const [text, name] of names) assert.equal(text, `“${name}”`);
    assert.equal(await panel.getByRole("button", { name: "Let in…" }).count(), 4, "one is being let in");
  });
});

test("a knock that is put off stays on the count, and several knocks are one line", async () => {
  await using("meeting-knock", {}, async (page) => {
    assert.match(await page.locator(".knock").innerText(), /“Sam Porter” is waiting\s+Guest, name not checked/);
    await button(page, "Later").click();
    assert.equal(await page.locator(".knock").count(), 0);
    assert.equal(await page.getByRole("button", { name: "People, 1 waiting" }).count(), 1);
    const polite = page.locator("[role=status][aria-live=polite]");
    await polite.filter({ hasText: "is waiting. Guest, name not checked." }).waitFor();
  });
  await using("meeting-knocks", { size: PHONE }, async (page) => {
    assert.equal(await page.locator(".knock").count(), 1);
    assert.match(await page.locator(".knock").innerText(), /4 people are waiting/);
  });
});

test("who may not let in sees no queue and no settings to change", async () => {
  const calls = await using("meeting-locked", {}, async (page) => {
    await page.keyboard.press("w");
    assert.equal(await page.locator("#panel").count(), 0);
    await page.keyboard.press("s");
    const panel = page.locator("#panel");
    assert.match(await panel.innerText(), /Lock meeting\s+Nobody else can ask to join\s+On/);
    assert.equal(await panel.getByRole("switch").count(), 0);
    assert.equal(await panel.getByRole("button", { name: "Replace" }).count(), 0);
  });
  assert.deepEqual(calls, []);
});

test("a host locks with one press, and replaces the link, removes or makes a host after a question", async () => {
  const calls = await using("meeting-hosting", {}, async (page) => {
    await page.keyboard.press("s");
    await page.getByRole("switch", { name: "Lock meeting" }).click();
    await button(page, "Replace").click();
    await page.getByRole("button", { name: "Go back" }).click();
    await button(page, "Replace").click();
    await page.getByRole("button", { name: "Replace link" }).click();
    await page.keyboard.press("p");
    await button(page, "More for Tomas Berg").click();
    await page.getByRole("button", { name: "Remove" }).click();
    assert.match(await page.getByRole("dialog").innerText(), /invite link is replaced/);
    await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
    await page.getByRole("button", { name: "Make host" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Make host" }).click();
  });
  assert.deepEqual(calls, ["lock true", "replace link", "remove person-1", "make host person-1"]);
});

test("a device that had to stop sending says so in an alert, and has no light", async () => {
  await using("meeting-silenced", {}, async (page) => {
    const alarm = page.getByRole("alert").filter({ hasText: "stopped sending" });
    assert.ok(await alarm.isVisible());
    assert.equal(await page.locator(".tool-lit").count(), 0);
    assert.ok(!(await page.title()).startsWith("●"));
    await alarm.getByRole("button", { name: "Look" }).click();
    assert.doesNotMatch(await page.locator("#panel").innerText(), /Only the 4 devices/);
  });
  await using("meeting-elsewhere", {}, async (page) => {
    const alarm = page.getByRole("alert").filter({ hasText: "another room" });
    assert.deepEqual(await alarm.locator("bdi").allInnerTexts(), ["Tomas Berg", "ليلى رحمن"]);
  });
});

test("waiting: the time counts up, an answer is sent once, and nothing of the inside is there", async () => {
  const calls = await using("waiting-asked", {}, async (page) => {
    const before = await page.getByRole("timer").innerText();
    await page.getByLabel("Your answer").fill("Ward 7");
    await page.keyboard.press("Enter");
    await page.getByRole("status").filter({ hasText: "Your answer was sent." }).waitFor();
    assert.equal(await page.getByLabel("Your answer").count(), 0);
    await page.waitForFunction((then) => document.querySelector("[role=timer]").innerText !== then, before);
    assert.match(await page.getByRole("timer").innerText(), /^Waiting 0:4\d$/);
    await button(page, "Leave").click();
  });
  assert.deepEqual(calls, ["answer Ward 7", "leave"]);
});

test("waiting: each state of the door has its own words, and changes are announced politely", async () => {
  const words = {
    waiting: /We’ve told the host you’re here/,
    "waiting-unattended": /The host is not here yet\s+You can wait, or come back later/,
    "waiting-locked": /The host has locked this meeting/,
    "waiting-full": /This meeting is full\s+The host has let you in\. You can wait/,
    "waiting-lost": /We cannot reach the server[\s\S]*Trying again/,
    "waiting-cut": /The connection was lost\s+You go back in by yourself, or when a host lets you in\./,
    "waiting-back": /You are in the waiting room again\s+A host moved you here\./,
    "waiting-long": /ten minutes/,
    "waiting-passcode-wrong": /This passcode does not open the meeting/,
  };
  for (const [screen, expected] of Object.entries(words)) {
    await using(screen, {}, async (page) => {
      assert.match(await page.locator("main").innerText(), expected, screen);
      assert.equal(await page.locator("[role=status][aria-live=polite]").count(), 1);
    });
  }
  const calls = await using("waiting-passcode", {}, async (page) => {
    await page.getByLabel("Passcode").fill("river stone");
    await page.keyboard.press("Enter");
    await button(page, "Change your name").click();
  });
  assert.deepEqual(calls, ["passcode river stone", "change name"]);
});

test("one's own meeting is joined, another's is asked for", async () => {
  await using("join", {}, async (page) => {
    assert.match(await page.locator("form").innerText(), /Ask to join\s+The host will be asked to let you in\. Mic and camera stay off\./);
  });
  await using("join-opens", {}, async (page) => {
    assert.equal(await page.getByRole("button", { name: "Join", exact: true }).count(), 1);
  });
});

test("from the link to joining takes one press, and no device is asked for", async () => {
  const calls = await using("join", {}, (page) => page.keyboard.press("Enter"));
  assert.deepEqual(calls, ["join"]);
});

test("what cannot be done is absent: no dead buttons", async () => {
  await using("home-no-start", {}, async (page) => {
    assert.equal(await page.getByRole("button", { name: "Start a meeting" }).count(), 0);
  });
  await using("meeting-two", {}, async (page) => {
    for (const name of ["Captions", "Record", "Make host", "Waiting"])
      assert.equal(await page.getByRole("button", { name }).count(), 0, name);
  });
});

test("a device that goes on at the next try hands the focus to its own control, wherever it was told", async () => {
  const controls = {
    "join-troubled": ["Turn mic off", "Turn camera off"],
    "waiting-troubled": ["Turn off microphone", "Turn off camera"],
    "meeting-troubled": ["Microphone, mic on", "Camera, camera on"],
  };
  for (const [screen, [microphone, camera]] of Object.entries(controls)) {
    await using(screen, {}, async (page) => {
      const focused = () => page.evaluate(() => document.activeElement.ariaLabel ?? document.activeElement.innerText.trim());
      const again = button(page, "Try again");
      await again.focus();
      await page.keyboard.press("Enter");
      await again.waitFor({ state: "detached" });
      assert.equal(await focused(), microphone, screen);
      await page.locator("button[data-device=camera]").press("Enter");
      await again.focus();
      await page.keyboard.press("Enter");
      await again.waitFor({ state: "detached" });
      assert.equal(await focused(), camera, screen);
    });
  }
  await using("meeting-troubled", { size: { width: 360, height: 760 } }, async (page) => {
    await button(page, "Not now").focus();
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.activeElement.ariaLabel === "Microphone, mic off");
  });
});

test("a new problem of one device is told before an older one of the other, which then is back", async () => {
  await using("meeting-troubled", {}, async (page) => {
    const lane = page.locator(".lane-warn");
    await lane.filter({ hasText: "microphone" }).waitFor();
    await page.keyboard.press("v");
    await lane.filter({ hasText: "Your browser is blocking the camera" }).getByRole("alert").waitFor();
    assert.equal(await lane.count(), 1);
    await page.keyboard.press("v");
    await lane.filter({ hasText: "microphone" }).getByRole("alert").waitFor();
  });
});

test("the page is dark in a meeting and follows the system outside it", async () => {
  const paper = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await using("meeting-two", {}, async (page) => assert.equal(await paper(page), "rgb(12, 18, 17)"));
  await using("join", {}, async (page) => assert.equal(await paper(page), "rgb(250, 248, 243)"));
  await using("join", { colorScheme: "dark" }, async (page) =>
    assert.equal(await paper(page), "rgb(12, 18, 17)"),
  );
});

test("what scrolls has a bar in the page's own colours, on no ground of its own", async () => {
  await using("meeting-hosting", {}, async (page) => {
    await page.keyboard.press("s");
    const bar = await page.locator(".panel-body").evaluate((e) => getComputedStyle(e).scrollbarColor);
    assert.match(bar, /^rgb\(117, 130, 125\) rgba\(0, 0, 0, 0\)$/);
  });
});

test("with reduced motion nothing moves by itself", async () => {
  await using("meeting-grid", { reducedMotion: "reduce" }, async (page) => {
    const slow = await page.$$eval(".tile, .lane, .button, .tool", (all) =>
      all.filter((e) => !/^0s(, 0s)*$/.test(getComputedStyle(e).transitionDuration)).length,
    );
    assert.equal(slow, 0);
  });
});

test("with text of twice the size no word of the controls is cut, and nothing lies outside the page", async () => {
  for (const size of [{ width: 1280, height: 800 }, { width: 390, height: 844 }]) {
    const { page, close } = await gallery.openWithText(32, "meeting-hosting", size);
    const seen = await page.evaluate(() => ({
      text: getComputedStyle(document.documentElement).fontSize,
      cut: [...document.querySelectorAll(".tool, .top .chip")].flatMap((e) =>
        e.scrollWidth > e.clientWidth + 1 ? e.textContent : [],
      ),
      sideways: document.documentElement.scrollWidth - innerWidth,
    }));
    await close();
    assert.deepEqual(seen, { text: "32px", cut: [], sideways: 0 }, `${size.width} wide`);
  }
});

test("with text of twice the size icons are twice as large, and no name is broken within a word", async () => {
  for (const [screen, press, size] of [
    ["meeting-hosting", "5 people", { width: 1280, height: 800 }],
    ["waiting", undefined, { width: 400, height: 740 }],
  ]) {
    const { page, close } = await gallery.openWithText(32, screen, size);
    if (press) await button(page, press).click();
    const seen = await page.evaluate(() => ({
      icons: [...document.querySelectorAll(".tool > .icon, .waiting-row .button .icon")].map((e) => e.getBoundingClientRect().width),
      broken: [...document.querySelectorAll(".person-name")].flatMap((e) => {
        const lines = Math.round(e.getBoundingClientRect().height / parseFloat(getComputedStyle(e).lineHeight));
        return lines > e.textContent.trim().split(/\s+/).length ? e.textContent : [];
      }),
      names: document.querySelectorAll(".person-name").length,
    }));
    await close();
    assert.ok(seen.names > 0 && seen.icons.every((width) => width === 44), JSON.stringify(seen));
    assert.deepEqual(seen.broken, [], screen);
  }
});

test("on the narrowest phone what one can change while waiting stands beside its button", async () => {
  await using("waiting", { size: { width: 320, height: 640 } }, async (page) => {
    const rows = await page.$$eval(".waiting-row", (all) => all.map((e) => Math.round(e.getBoundingClientRect().height)));
    assert.ok(rows.length === 3 && rows.slice(1).every((height) => height < 64), rows.join());
  });
});

test("with text of twice the size each word to compare stands in one line", async () => {
  for (const size of [{ width: 1280, height: 800 }, { width: 390, height: 844 }]) {
    const { page, close } = await gallery.openWithText(32, "meeting-words", size);
    const broken = await page.locator(".words b").evaluateAll((all) =>
      all.filter((e) => e.getBoundingClientRect().height > 2 * parseFloat(getComputedStyle(e).fontSize)).map((e) => e.textContent),
    );
    await close();
    assert.deepEqual(broken, [], `${size.width} wide`);
  }
});

test("in forced colours the control of an open panel is told from the others", async () => {
  await using("meeting-hosting", { forcedColors: "active" }, async (page) => {
    const border = (name) => button(page, name).evaluate((e) => getComputedStyle(e).borderTopWidth);
    await page.keyboard.press("s");
    assert.deepEqual([await border("Security"), await border("Devices")], ["3px", "1px"]);
  });
});

test("in forced colours a name on a picture stands on a whole ground", async () => {
  await using("meeting-three", { forcedColors: "active" }, async (page) => {
    const grounds = await page.$$eval(".tile-name", (all) => all.map((e) => getComputedStyle(e).backgroundColor));
    assert.ok(grounds.length > 0 && grounds.every((ground) => ground.startsWith("rgb(")), grounds.join());
  });
});

test("on a phone on its side the top bar is one line, with the pages and how the connection is", async () => {
  for (const width of [600, 640, 740])
    await using("meeting-hosting", { size: { width, height: 320 } }, async (page) => {
      const tops = await page.$$eval(".top-row > *", (all) =>
        all.map((e) => e.getBoundingClientRect()).filter((box) => box.height > 1).map((box) => Math.round(box.y + box.height / 2)),
      );
      assert.ok(tops.length >= 3 && Math.max(...tops) - Math.min(...tops) < 4, `${width}: ${tops}`);
    });
});

test("on the narrowest phone every word under More is within its control", async () => {
  for (const size of [{ width: 320, height: 640 }, { width: 360, height: 740 }])
    await using("meeting-hosting", { size }, async (page) => {
      await button(page, "More").click();
      await page.locator(".more .tool").first().waitFor();
      const wide = await page.$$eval(".more .tool", (all) =>
        all.filter((e) => [...e.querySelectorAll("span")].some((word) => word.getBoundingClientRect().width > e.clientWidth)).map((e) => e.textContent),
      );
      assert.deepEqual(wide, [], `${size.width} wide`);
    });
});

test("many unread messages are told as the badge tells them", async () => {
  await using("meeting-chat-flood", {}, async (page) => {
    await page.getByRole("button", { name: /more than 99 new messages/ }).waitFor();
    assert.equal(await page.locator(".badge-unread").first().getAttribute("data-count"), "99+");
  });
});

test("pointer targets are at least 44 px in one direction and 24 px in both", async () => {
  for (const size of [{ width: 320, height: 640 }, { width: 1440, height: 900 }]) {
    for (const screen of ["join-live", "home-invite", "meeting-grid", "meeting-own-share", "meeting-knock", "waiting-asked"]) {
      await using(screen, { size }, async (page) => {
        const small = await page.$$eval("button, select, input", (all) =>
          all
            .map((e) => [e.innerText || e.ariaLabel, e.getBoundingClientRect()])
            .filter(([, box]) => box.width > 1 && (Math.max(box.width, box.height) < 44 || Math.min(box.width, box.height) < 24))
            .map(([name, box]) => `${name} ${box.width}x${box.height}`),
        );
        assert.deepEqual(small, [], `${screen} at ${size.width}`);
      });
    }
  }
});
