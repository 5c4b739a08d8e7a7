// A host and a guest, each in a WebAssembly core of its own: from the link to frames that open, over
// a courier that knows nothing but the order.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBase64url } from "./base64url.ts";
import type { GroupEvent, GroupSaid, Heard } from "./conference.ts";
import type { Module } from "./module.ts";
import { newModule } from "./testing.ts";

const MEETING = "AAECAwQFBgcICQoLDA0ODw";
const HOST = "EBESExQVFhcYGRobHB0eHw";
const GUEST = "ICEiIyQlJicoKSorLC0uLw";
const WALL = 1_795_000_000_000;

class Person {
  readonly id: string;
  readonly module: Module;
  readonly saw: GroupEvent[] = [];
  inside = false;

  constructor(id: string, module: Module) {
    this.id = id;
    this.module = module;
  }

  last(what: GroupEvent["what"]): GroupEvent {
    return (
      this.saw.filter((event) => event.what === what).at(-1) ?? assert.fail(`${this.id}: ${what}`)
    );
  }
}

/** The server's part, for two. */
class Courier {
  readonly people: Person[] = [];
  epoch = 0;
  now = 0;
  card = "";

  async come(id: string, fragment: string, name: string): Promise<Person> {
    const person = new Person(id, await newModule());
    const meeting = fromBase64url(MEETING, 16) ?? assert.fail();
    assert.equal(person.module.openGroup(fragment, meeting, name, WALL), true);
    this.people.push(person);
    return person;
  }

  tell(person: Person, heard: Heard): void {
    person.module.conference.hear(heard, this.now);
    this.settle();
  }

  pass(ms: number): void {
    for (const end = this.now + ms; this.now < end; this.now += 50) {
      for (const { module } of this.people) module.conference.tick(this.now);
      this.settle();
    }
  }

  settle(): void {
    for (const person of this.people) {
      const { conference } = person.module;
      const says = [...conference.says()];
      person.saw.push(...conference.events());
      for (const said of says) this.#said(person, said);
    }
  }

  #said(from: Person, said: GroupSaid): void {
    switch (said.type) {
      case "card":
        this.card = said.sealed;
        break;
      case "knock":
        for (const to of this.#inside(from))
          this.tell(to, { ...said, type: "knocked", participant: from.id });
        break;
      case "commit":
        this.#commit(said);
        break;
      case "message":
        for (const to of this.#inside(from)) this.tell(to, said);
        break;
    }
  }

  #commit({ epoch, sealed, welcome }: Extract<GroupSaid, { type: "commit" }>): void {
    assert.equal(epoch, this.epoch);
    this.epoch += 1;
    for (const to of this.#inside()) this.tell(to, { type: "committed", epoch, sealed });
    for (const participant of welcome?.participants ?? []) {
      const person = this.people.find(({ id }) => id === participant) ?? assert.fail();
      person.inside = true;
      const people = this.#inside(person).map(({ id }) => id);
      const joined = { participant, keeper: false, epoch: this.epoch, people };
      this.tell(person, { type: "joined", ...joined, welcome: welcome?.sealed ?? "" });
    }
  }

  #inside(but?: Person): Person[] {
    return this.people.filter((person) => person.inside && person !== but);
  }
}

async function meeting() {
  const courier = new Courier();
  const links = (await newModule()).conference.makeLink();
  const host = await courier.come(HOST, links.host, "Amara Osei");
  host.inside = true;
  courier.tell(host, { type: "joined", participant: HOST, keeper: true, epoch: 0, people: [] });
  const guest = await courier.come(GUEST, links.guest, "Zoë 🎈");
  const waiting = { participant: GUEST, attended: true, card: courier.card };
  courier.tell(guest, { type: "waiting", ...waiting });
  return { courier, host, guest, links };
}

test("a guest knocks, is let in, and both hold the same key (SEC-11)", async () => {
  const { courier, host, guest } = await meeting();
  assert.equal(host.last("knock").text, "Zoë 🎈");
  assert.equal(
    guest.saw.some(({ what }) => what === "entered"),
    false,
  );
  assert.equal(
    host.module.conference.wish({ wish: "admit", participant: GUEST }, courier.now),
    true,
  );
  courier.pass(1000);
  assert.equal(guest.last("entered").participant, GUEST);
  assert.equal(host.last("person").text, "Zoë 🎈");
  const words = host.module.conference.authenticator();
  assert.ok(words);
  assert.deepEqual(guest.module.conference.authenticator(), words);
  assert.equal(guest.last("epoch").number, 2);
});

test("frames of a member open for the others, and for nobody outside", async () => {
  const { courier, host, guest } = await meeting();
  const frame = Uint8Array.of(1, 2, 3, 4, 5);
  host.module.conference.wish({ wish: "admit", participant: GUEST }, courier.now);
  courier.pass(1000);
  const sender = guest.module.newSender("microphone", "opus");
  const sealed = await seal(guest.module, sender, frame);
  const receiver = host.module.newReceiver("opus");
  host.module.expect(receiver, { index: guest.last("entered").leaf, stream: "microphone" });
  assert.deepEqual(await open(host.module, receiver, sealed, courier.now), frame);
});

test("the host's link gives a proof that the guests' does not", async () => {
  const { host, links } = await meeting();
  const [own, guests] = [links.host, links.guest].map((link) =>
    host.module.conference.proofs(link),
  );
  assert.ok(own && guests && !("fault" in own) && !("fault" in guests));
  assert.deepEqual(own.admission, guests.admission);
  assert.equal(own.isHost, true);
  assert.equal(guests.isHost, false);
  assert.deepEqual(host.module.conference.proofs(links.guest.slice(0, -1)), { fault: "cut" });
  assert.deepEqual(host.module.conference.proofs(`AQ${"A".repeat(42)}`), { fault: "first_stage" });
});

test("chat of a member reaches the others, in order", async () => {
  const { courier, host, guest } = await meeting();
  host.module.conference.wish({ wish: "admit", participant: GUEST }, courier.now);
  courier.pass(1000);
  guest.module.conference.wish({ wish: "chat", text: "first" }, courier.now);
  guest.module.conference.wish({ wish: "chat", text: "שני" }, courier.now);
  courier.pass(100);
  const said = host.saw.filter(({ what }) => what === "chat").map(({ text }) => text);
  assert.deepEqual(said, ["first", "שני"]);
});

async function seal(module: Module, sender: number, frame: Uint8Array): Promise<Uint8Array> {
  const plan = module.planSeal(sender, frame);
  if (typeof plan === "number") return assert.fail(`${plan}`);
  const key = (await module.keys.hardened(plan.key)) ?? assert.fail();
  const body = await crypto.subtle.encrypt(plan.parameters, key, frame as BufferSource);
  return Uint8Array.of(...plan.prefix, ...new Uint8Array(body));
}

async function open(module: Module, receiver: number, sealed: Uint8Array, now: number) {
  const plan = module.planOpen(receiver, sealed, now);
  if (typeof plan === "number") return assert.fail(`${plan}`);
  const key = (await module.keys.hardened(plan.key)) ?? assert.fail();
  const body = sealed.subarray(plan.prefix.length) as BufferSource;
  return new Uint8Array(await crypto.subtle.decrypt(plan.parameters, key, body));
}
