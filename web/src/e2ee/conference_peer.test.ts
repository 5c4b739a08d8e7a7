// Whole meetings of the native conference and the one in WebAssembly, over a courier that knows
// nothing but the order: each founds and the other joins, in suite 1 and the hybrid, and after every
// change all members have the same authenticator.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { fromBase64url, toBase64url } from "./base64url.ts";
import type { Conference } from "./conference.ts";
import type { GroupEvent, GroupWish, Heard } from "./conference_values.ts";
import { built, newGroup } from "./testing.ts";
import { Courier, MEETING, type Party } from "./testing_courier.ts";
import { NativeConference } from "./testing_native.ts";

const WALL = 1_795_000_000_000;
const SUITES = { "suite 1": 1, "the hybrid suite": 0xf1c1 } as const;

class Person implements Party {
  readonly id: string;
  readonly conference: Conference;
  readonly saw: GroupEvent[] = [];
  readonly #meeting: Meeting;

  constructor(id: string, conference: Conference, meeting: Meeting) {
    this.id = id;
    this.conference = conference;
    this.#meeting = meeting;
  }

  all(what: GroupEvent["what"]): GroupEvent[] {
    return this.saw.filter((event) => event.what === what);
  }

  readonly hear = (heard: Heard): void => {
    this.conference.hear(heard, this.#meeting.now);
    this.pump();
  };

  wish(wish: GroupWish): void {
    assert.equal(this.conference.wish(wish, this.#meeting.now), true, wish.wish);
    this.pump();
  }

  pump(): void {
    for (const said of this.conference.says()) this.#meeting.courier.say(this, said);
    this.saw.push(...this.conference.events());
  }
}

class Meeting {
  readonly courier = new Courier();
  readonly #suite: number;
  readonly #people: Person[] = [];
  now = 0;

  constructor(suite: number) {
    this.#suite = suite;
  }

  come(conference: Conference, fragment: string, name: string): Person {
    const id = toBase64url(new Uint8Array(16).fill(this.#people.length + 1));
    const meeting = fromBase64url(MEETING, 16) ?? assert.fail();
    assert.equal(conference.open(fragment, meeting, { name }, this.#suite, WALL), true);
    const person = new Person(id, conference, this);
    this.#people.push(person);
    return person;
  }

  pass(ms: number): void {
    for (const end = this.now + ms; this.now < end; this.now += 50) {
      for (const person of this.#people) {
        person.conference.tick(this.now);
        person.pump();
      }
      this.courier.deliver();
    }
  }

  /** Everybody but those who are gone is in the same epoch with the same secrets. */
  agree(gone: readonly Person[] = []): string {
    const inside = this.#people.filter((person) => !gone.includes(person));
    const [first, ...others] = inside.map(({ conference }) => ({
      epoch: conference.epoch,
      authenticator: toBase64url(conference.authenticator() ?? assert.fail("in no group")),
    }));
    assert.ok(first);
    for (const other of others) assert.deepEqual(other, first);
    return first.authenticator;
  }
}

type Make = () => Promise<Conference>;
const ended: NativeConference[] = [];
after(() => {
  for (const peer of ended) peer.end();
});

const native: Make = async () => {
  const peer = new NativeConference(built("tests/e2ee/conference_peer"));
  ended.push(peer);
  return peer.conference;
};
const inWasm: Make = async () => (await newGroup()).conference;

/** The host of one kind lets two guests in, of the other kind and of its own; they chat, change the
 * keys, one more is let in by the new link after another was removed, and without a waiting room two
 * let themselves in. */
async function meet(suite: number, own: Make, other: Make): Promise<void> {
  const meeting = new Meeting(suite);
  const seen = new Set<string>();
  const changed = (gone: readonly Person[] = []) => {
    meeting.pass(2000);
    const now = meeting.agree(gone);
    assert.ok(!seen.has(now), "another epoch has other secrets");
    seen.add(now);
  };
  const founder = await own();
  const links = founder.makeLink();
  const host = meeting.come(founder, links.host, "Amara");
  meeting.courier.found(host);
  const letIn = async (make: Make, link: string, name: string) => {
    const guest = meeting.come(await make(), link, name);
    meeting.courier.wait(guest);
    assert.equal(host.all("knock").at(-1)?.text, name);
    host.wish({ wish: "admit", participant: guest.id });
    return guest;
  };

  const first = await letIn(other, links.guest, "Zoë");
  changed();
  const second = await letIn(own, links.guest, "Kofi");
  changed();
  for (const person of [host, first, second]) person.wish({ wish: "chat", text: person.id });
  meeting.pass(200);
  for (const person of [host, first, second]) {
    const heard = person.all("chat").map(({ text }) => text);
    const others = [host, first, second].filter((each) => each !== person);
    for (const { id } of others) assert.ok(heard.includes(id), `${person.id} hears ${id}`);
  }
  host.wish({ wish: "rekey" });
  changed();
  host.wish({ wish: "lock", on: true });
  changed();
  host.wish({ wish: "lock", on: false });
  changed();
  const gone = [second];
  host.wish({ wish: "remove", leaf: second.all("entered").at(-1)?.leaf ?? assert.fail() });
  changed(gone);
  assert.equal(second.all("removed").length, 1);
  const link = host.all("link").at(-1)?.text ?? assert.fail("a removal replaces the link");
  await letIn(other, link, "Mei");
  changed(gone);
  host.wish({ wish: "waiting_room", on: false });
  changed(gone);
  const knocks = host.all("knock").length;
  for (const make of [other, own]) {
    const guest = meeting.come(await make(), link, "Femi");
    meeting.courier.wait(guest);
    changed(gone);
    assert.equal(guest.all("entered").length, 1);
    guest.wish({ wish: "chat", text: "I am in" });
    meeting.pass(200);
    assert.equal(host.all("chat").at(-1)?.text, "I am in");
  }
  assert.equal(host.all("knock").length, knocks, "nobody knocked");
}

for (const [name, suite] of Object.entries(SUITES)) {
  test(`a native conference founds and one in WebAssembly joins: ${name} (SEC-11)`, () =>
    meet(suite, native, inWasm));
  test(`a conference in WebAssembly founds and a native one joins: ${name} (SEC-11)`, () =>
    meet(suite, inWasm, native));
}
