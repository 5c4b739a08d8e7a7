// `make run HOST=...`: TLS with a certificate made on the spot, HTTP/2, and a call from another address
// than loopback in both browsers, which give a camera to such an address only over TLS.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { joinByLink, picture, startMeeting, turnOn } from "./lib/meeting.mjs";
import { chromium, firefox } from "./lib/people.mjs";
import { root } from "../lib/programs.mjs";
import { look } from "./lib/watch.mjs";

describe("make run HOST=...", () => {
  const data = mkdtempSync(join(tmpdir(), "incamera-test-"));
  let running, server, ana, fox;
  before(async () => {
    const env = { ...process.env, HOST: "10.77.0.1", DATA: data };
    running = spawn(join(root, "tools/run.sh"), [], { env, stdio: ["ignore", "pipe", "ignore"] });
    for await (const line of createInterface({ input: running.stdout }))
      if (line.includes("/start#")) {
        server = { startAddress: line.trim(), origin: new URL(line).origin };
        break;
      }
    ana = await chromium({ name: "Ana" });
    fox = await firefox({ name: "Fox" });
  });
  after(async () => {
    await Promise.all([ana?.close(), fox?.close()]);
    running?.kill("SIGTERM");
    rmSync(data, { recursive: true, force: true });
  });

  test("both browsers join over TLS and see each other", async () => {
    assert.equal(server.origin, "https://10.77.0.1:8443");
    const link = await startMeeting(ana, server, "Ana");
    await joinByLink(fox, link, "Fox");
    for (const person of [ana, fox]) await turnOn(person, "Camera");
    await picture(ana, "Fox");
    await picture(fox, "Ana");
    assert.ok((await look(ana, "Fox")).changes > 50);
    assert.ok((await look(fox, "Ana")).changes > 50);
  });

  test("the page came over HTTP/2", async () => {
    const protocol = () => performance.getEntriesByType("navigation")[0].nextHopProtocol;
    for (const person of [ana, fox]) assert.equal(await person.evaluate(protocol), "h2", person.name);
  });
});
