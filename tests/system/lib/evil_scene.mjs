// A meeting through an evil server: a host and who comes, each with the wire of its own that the server
// can lie on. Accomplices (tests/client/accomplice.c) work together with it.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { EvilServer } from "../../lib/evil_server.mjs";
import { Client } from "./client.mjs";
import { program } from "./server.mjs";

let files = 0;

/** To start a meeting, by way of the evil server. */
export function startAddress(evil, server, folder) {
  const flags = [`--http.listen=127.0.0.1:${server.port}`, `--store.path=${folder}/store/incamera.db`];
  return evil.address(execFileSync(program, ["start-address", ...flags]).toString().trim());
}

export class Scene {
  evil;
  host;
  link;
  #folder;
  #running = [];

  /** Ends with the test `t`. */
  static async open(t, server, folder, hostArgs = [], hostHabit = undefined) {
    const scene = new Scene();
    scene.#folder = folder;
    scene.evil = await EvilServer.start(server.port);
    t.after(() => scene.#close());
    const address = startAddress(scene.evil, server, folder);
    scene.host = await scene.#start(["--start", address, "--name", "Host", ...hostArgs], hostHabit);
    scene.link = await scene.host.link();
    return scene;
  }

  /** `lie` gets the wire before anything passes. */
  async #start(args, habit, lie = () => {}) {
    const next = this.evil.next().then((wire) => {
      lie(wire);
      return wire;
    });
    const client = new Client([...args, "--control"], habit);
    this.#running.push(client);
    client.wire = await next;
    return client;
  }

  async #close() {
    for (const client of this.#running) client.kill();
    await this.evil.close();
  }

  /** Knocks, and waits. */
  async come(name, { habit, args = [], link = this.link, lie } = {}) {
    const guest = await this.#start([link, "--name", name, ...args], habit, lie);
    guest.name = name;
    return guest;
  }

  async comeIn(name, how) {
    const from = this.host.lines.length;
    const guest = await this.come(name, how);
    await this.letIn(guest, from);
    return guest;
  }

  async letIn(guest, from = 0) {
    await this.host.event("knock", (event) => event.name === guest.name, { from });
    this.host.say(`admit ${guest.name}`);
    await guest.event("entered");
    await this.host.event("person", (event) => event.name === guest.name, { from }); // whom it may say something of
  }

  /** An accomplice obeys; gives what it tells. `bytes` come in a file. */
  async conspire(accomplice, command, bytes) {
    const file = path.join(this.#folder, `evil-${++files}`);
    if (bytes) writeFileSync(file, bytes);
    const from = accomplice.lines.length;
    accomplice.say(bytes ? `${command} ${file}` : command);
    const { error, hex } = await accomplice.event("evil", (event) => event.command === command, { from });
    assert.equal(error, 0, command);
    return Buffer.from(hex, "hex");
  }

  /** Says to a client that it is in, by this Welcome. */
  sayJoined(client, { welcome, epoch = 1, people = [this.host.wire.participant], ...more }) {
    client.wire.tell({
      type: "joined",
      participant: client.wire.participant,
      resume: client.wire.downs.find((message) => message.resume)?.resume,
      host: false,
      keeper: false,
      epoch,
      people,
      ...(welcome ? { welcome } : {}),
      ...more,
    });
  }
}

const latestEpoch = (client) => client.lines.findLast((line) => line.event === "epoch");

export const epochOf = (client) => latestEpoch(client).epoch;

/** All are in one epoch with one authenticator, soon. */
export async function agree(...all) {
  const deadline = Date.now() + 8000;
  for (;;) {
    const seen = new Set(all.map((each) => latestEpoch(each)?.authenticator));
    if (seen.size === 1 && !seen.has(undefined)) return epochOf(all[0]);
    assert.ok(Date.now() < deadline, `${seen.size} authenticators`);
    await sleep(50);
  }
}

export const saw = (client, name, wanted = () => true) =>
  client.lines.some((line) => line.event === name && wanted(line));

export const bytesOf = (text) => Buffer.from(text, "base64url");

/** What a client said, or says soon, and `wanted` accepts. */
export async function said(wire, wanted) {
  for (const end = Date.now() + 15_000; Date.now() < end; await sleep(20)) {
    const message = wire.ups.find(wanted);
    if (message) return message;
  }
  return assert.fail(`not said, but ${wire.ups.map(({ type }) => type)}`);
}

export const isRequest = ({ type, returning }) => type === "knock" && returning === true;
export const withoutRequests = (message) => (isRequest(message) ? null : message);

/** A member's commits are heard in a group of its own, by it and by whom it brings there; so are its messages
 * by those whom the real server does not give them to. */
export function lead(scene, leader, people, more = {}) {
  const toAll = (message) => {
    for (const { wire } of people) wire.tell(message);
  };
  leader.wire.down = (message) => (["committed", "left", "removed"].includes(message.type) ? null : message);
  leader.wire.up = (message) => {
    if (message.type === "message" && more.relays) toAll({ ...message, from: leader.wire.participant });
    if (message.type !== "commit") return message;
    const { epoch, sealed, welcome } = message;
    const said = { type: "committed", epoch, sealed, from: leader.wire.participant };
    leader.wire.tell(said);
    for (const each of people)
      if (welcome?.participants.includes(each.wire.participant))
        scene.sayJoined(each, { welcome: welcome.sealed, epoch: epoch + 1, people: [leader.wire.participant] });
      else each.wire.tell(said);
    return null;
  };
}

/** Cuts somebody off and says that it missed something; gives its id, and its request to come back. */
export async function cameBack(scene, person) {
  const next = scene.evil.next().then((wire) => {
    wire.down = (message) =>
      message.type === "joined" ? { ...message, behind: true } : ["committed", "left"].includes(message.type) ? null : message;
    wire.up = withoutRequests;
    return wire;
  });
  person.wire.cut();
  person.wire = await next;
  const { sealed } = await said(person.wire, isRequest);
  return Buffer.concat([bytesOf(person.wire.participant), bytesOf(sealed)]);
}
