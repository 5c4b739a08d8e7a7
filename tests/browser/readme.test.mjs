// Makes the picture of the README: a real meeting of four, as one of them sees it. It lands in
// build/screens/readme.png; with UPDATE=1 also in docs/meeting.png.
import assert from "node:assert/strict";
import { copyFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { portrait } from "./lib/fakes.mjs";
import { joinByLink, picture, startMeeting, turnOn } from "./lib/meeting.mjs";
import { chromium } from "./lib/people.mjs";
import { root, sleep, startServer } from "./lib/server.mjs";

const PEOPLE = {
  Amara: { wall: [196, 206, 200], skin: [128, 84, 60], hair: [30, 24, 22], shirt: [150, 92, 74] },
  Tomas: { wall: [216, 206, 190], skin: [232, 196, 172], hair: [66, 50, 40], shirt: [44, 108, 98] },
  Layla: { wall: [214, 198, 184], skin: [212, 164, 128], hair: [54, 74, 116], shirt: [62, 84, 130] },
  Kofi: { wall: [180, 192, 206], skin: [98, 66, 48], hair: [22, 18, 16], shirt: [196, 146, 78] },
};

describe("the picture of the README", () => {
  let server;
  const people = [];
  before(async () => {
    server = await startServer({ port: 18151 });
    for (const [name, look] of Object.entries(PEOPLE))
      people.push(await chromium({ name, camera: portrait(name, look), viewport: { width: 1280, height: 800 } }));
  });
  after(async () => {
    await Promise.all(people.map((person) => person.close()));
    await server?.end();
  });

  test("is a real meeting of four, and the README shows it", async () => {
    const [amara, ...others] = people;
    const link = await startMeeting(amara, server, "Amara Osei");
    for (const person of others) await joinByLink(person, link, `${person.name} ${{ Tomas: "Berg", Layla: "Rahman", Kofi: "Mensah" }[person.name]}`);
    for (const person of people) await turnOn(person, "Camera");
    for (const person of others) await picture(amara, person.name);
    await amara.until(
      () => [...document.querySelectorAll("[data-person] video")].filter((v) => v.videoHeight >= 180).length === 4,
      null,
      20000,
      "four pictures",
    );
    await sleep(6000); // the notices fade, the pictures sharpen
    mkdirSync(join(root, "build/screens"), { recursive: true });
    const made = join(root, "build/screens/readme.png");
    await amara.picture(made);
    if (process.env.UPDATE) copyFileSync(made, join(root, "docs/meeting.png"));
    assert.ok(existsSync(join(root, "docs/meeting.png")));
    assert.match(readFileSync(join(root, "README.md"), "utf8"), /docs\/meeting\.png/);
  });
});
