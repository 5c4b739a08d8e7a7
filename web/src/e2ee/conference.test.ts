// A host and a guest, each in a WebAssembly core of its own: from the link to frames that open, over
// a courier that knows nothing but the order.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBase64url } from "./base64url.ts";
import type { GroupEvent, Heard } from "./conference.ts";
import type { Module } from "./module.ts";
import { newModule } from "./testing.ts";
import { Courier, GUEST, HOST, MEETING, type Party } from "./testing_courier.ts";

const WALL = 1_795_000_000_000;

class Person implements Party {
  readonly id: string;
  readonly module: Module;
  readonly saw: GroupEvent[] = [];
  readonly #meeting: Meeting;

  constructor(id: string, module: Module, meeting: Meeting) {
    this.id = id;
    this.module = module;
    this.#meeting = meeting;
  }

  last(what: GroupEvent["what"]): GroupEvent {
    return (
      this.saw.filter((event) => event.what === what).at(-1) ?? assert.fail(`${this.id}: ${what}`)
    );
  }

  readonly hear = (heard: Heard): void => {
    this.module.conference.hear(heard, this.#meeting.now);
    this.pump();
  };

  pump(): void {
    for (const said of this.module.conference.says()) this.#meeting.courier.say(this, said);
    this.saw.push(...this.module.conference.events());
  }
}

class Meeting {
  readonly courier = new Courier();
  readonly people: Person[] = [];
  now = 0;

  async come(id: string, fragment: string, name: string): Promise<Person> {
    const person = new Person(id, await newModule(), this);
    const meeting = fromBase64url(MEETING, 16) ?? assert.fail();
    assert.equal(person.module.openGroup(fragment, meeting, name, WALL), true);
    this.people.push(person);
    return person;
  }

  pass(ms: number): void {
    for (const end = this.now + ms; this.now < end; this.now += 50) {
      for (const person of this.people) {
        person.module.conference.tick(this.now);
        person.pump();
      }
      this.courier.deliver();
    }
  }
}

async function begun() {
  const meeting = new Meeting();
  const links = (await newModule()).conference.makeLink();
  const host = await meeting.come(HOST, links.host, "Amara Osei");
  meeting.courier.found(host);
  const guest = await meeting.come(GUEST, links.guest, "Zoë 🎈");
  meeting.courier.wait(guest);
  return { meeting, host, guest, links };
}

test("a guest knocks, is let in, and both hold the same key (SEC-11)", async () => {
  const { meeting, host, guest } = await begun();
  assert.equal(host.last("knock").text, "Zoë 🎈");
  assert.equal(
    guest.saw.some(({ what }) => what === "entered"),
    false,
  );
  assert.equal(
    host.module.conference.wish({ wish: "admit", participant: GUEST }, meeting.now),
    true,
  );
  meeting.pass(1000);
  assert.equal(guest.last("entered").participant, GUEST);
  assert.equal(host.last("person").text, "Zoë 🎈");
  const words = host.module.conference.authenticator();
  assert.ok(words);
  assert.deepEqual(guest.module.conference.authenticator(), words);
  assert.equal(guest.last("epoch").number, 2);
});

test("frames of a member open for the others, and for nobody outside", async () => {
  const { meeting, host, guest } = await begun();
  const frame = Uint8Array.of(1, 2, 3, 4, 5);
  host.module.conference.wish({ wish: "admit", participant: GUEST }, meeting.now);
  meeting.pass(1000);
  const sender = guest.module.newSender("microphone", "opus");
  const sealed = await seal(guest.module, sender, frame);
  const receiver = host.module.newReceiver("opus");
  host.module.expect(receiver, { index: guest.last("entered").leaf, stream: "microphone" });
  assert.deepEqual(await open(host.module, receiver, sealed, meeting.now), frame);
});

test("the host's link gives a proof that the guests' does not", async () => {
  const { host, links } = await begun();
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
  const { meeting, host, guest } = await begun();
  host.module.conference.wish({ wish: "admit", participant: GUEST }, meeting.now);
  meeting.pass(1000);
  guest.module.conference.wish({ wish: "chat", text: "first" }, meeting.now);
  guest.module.conference.wish({ wish: "chat", text: "שני" }, meeting.now);
  meeting.pass(100);
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
