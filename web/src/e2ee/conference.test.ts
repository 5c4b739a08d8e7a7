// A host and a guest, each in WebAssembly modules of its own: from the link to frames that open, over
// a courier that knows nothing but the order.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBase64url } from "./base64url.ts";
import {
  type Called,
  FLAGS,
  type GroupEvent,
  type GroupWish,
  type Heard,
} from "./conference_values.ts";
import type { FramesModule } from "./frames_module.ts";
import type { GroupModule } from "./group_module.ts";
import { passcodeKey, wordsKey } from "./passcode.ts";
import { newFrames, newGroup } from "./testing.ts";
import { Courier, GUEST, HOST, MEETING, type Party } from "./testing_courier.ts";

const meetingId = fromBase64url(MEETING, 16) ?? assert.fail();
const WALL = 1_795_000_000_000;

class Person implements Party {
  readonly id: string;
  readonly module: GroupModule;
  readonly frames: FramesModule;
  readonly saw: GroupEvent[] = [];
  readonly #meeting: Meeting;

  private constructor(id: string, group: GroupModule, frames: FramesModule, meeting: Meeting) {
    this.id = id;
    this.module = group;
    this.frames = frames;
    this.#meeting = meeting;
  }

  static async make(id: string, meeting: Meeting): Promise<Person> {
    const frames = await newFrames();
    const group = await newGroup((order) => frames.obey(order, meeting.now));
    return new Person(id, group, frames, meeting);
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

  async come(
    id: string,
    fragment: string,
    name: string,
    more: Omit<Called, "name"> = {},
  ): Promise<Person> {
    const person = await Person.make(id, this);
    const meeting = fromBase64url(MEETING, 16) ?? assert.fail();
    assert.equal(person.module.openGroup(fragment, meeting, { name, ...more }, WALL), true);
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
  const links = (await newGroup()).conference.makeLink();
  const called = { title: "Placement review", madeHere: true };
  const host = await meeting.come(HOST, links.host, "Amara Osei", called);
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

test("a host's device that knows of a passcode founds nothing without one, and a new one says so (ACC-20)", async () => {
  const meeting = new Meeting();
  const links = (await newGroup()).conference.makeLink();
  const last = { linkVersion: 2, flags: FLAGS.passcode };
  const knows = await meeting.come(HOST, links.host, "Amara Osei", { last });
  meeting.courier.found(knows);
  meeting.pass(100);
  assert.equal(knows.last("passcode").number, 2);
  assert.ok(!knows.saw.some(({ what }) => what === "entered"));

  const fresh = new Meeting();
  const isNew = await fresh.come(HOST, links.host, "Amara Osei");
  fresh.courier.found(isNew);
  fresh.pass(100);
  assert.equal(isNew.last("settings_lost").number, 3);
});

test("a meeting that was made here just now has lost nothing", async () => {
  const { host } = await begun();
  assert.ok(host.saw.some(({ what }) => what === "entered"));
  assert.ok(!host.saw.some(({ what }) => what === "settings_lost"));
});

test("frames of a member open for the others, and for nobody outside", async () => {
  const { meeting, host, guest } = await begun();
  const frame = Uint8Array.of(1, 2, 3, 4, 5);
  host.module.conference.wish({ wish: "admit", participant: GUEST }, meeting.now);
  meeting.pass(1000);
  const sender = guest.frames.newSender("microphone", "opus");
  const sealed = await seal(guest.frames, sender, frame);
  const receiver = host.frames.newReceiver("opus");
  host.frames.expect(receiver, { index: guest.last("entered").leaf, stream: "microphone" });
  assert.deepEqual(await open(host.frames, receiver, sealed, meeting.now), frame);
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

test("all of an epoch compare the same words, and the next epoch has others (SEC-08)", async () => {
  const { meeting, host, guest } = await begun();
  host.module.conference.wish({ wish: "admit", participant: GUEST }, meeting.now);
  meeting.pass(1000);
  const words = async ({ module }: Person) => {
    const key = await wordsKey(module.conference.authenticator() ?? assert.fail(), meetingId);
    return module.conference.words(key);
  };
  const first = await words(host);
  assert.equal(first.words.length, 8);
  assert.equal(first.numbers.length, 8);
  assert.deepEqual(await words(guest), first);
  host.module.conference.wish({ wish: "rekey" }, meeting.now);
  meeting.pass(1000);
  assert.notDeepEqual(await words(host), first);
  assert.deepEqual(await words(guest), await words(host));
});

test("two members see one number, until one of them has another key (SEC-08)", async () => {
  const { meeting, host, guest } = await begun();
  const { conference } = host.module;
  conference.wish({ wish: "admit", participant: GUEST }, meeting.now);
  meeting.pass(1000);
  const hers = conference.safety(GUEST) ?? assert.fail();
  const theirs = guest.module.conference.safety(HOST) ?? assert.fail();
  assert.equal(hers.number.length, 12);
  assert.deepEqual(theirs.number, hers.number);
  assert.notEqual(theirs.key, hers.key);
  assert.ok(hers.number.join(" ").includes(hers.key));
  assert.equal(conference.safety(HOST), undefined);
});

test("a guest obeys when a host mutes it or sends it back, and is told by whom", async () => {
  const { meeting, host, guest } = await begun();
  host.module.conference.wish({ wish: "admit", participant: GUEST }, meeting.now);
  meeting.pass(1000);
  const { leaf } = guest.last("entered");
  const { conference } = host.module;
  assert.ok(conference.wish({ wish: "mute", leaf, streams: ["microphone"] }, meeting.now));
  meeting.pass(100);
  assert.deepEqual([guest.last("muted").participant, guest.last("muted").number], [HOST, 1]);
  const own = host.last("entered").leaf;
  const back = { wish: "mute" as const, leaf: own, streams: ["microphone" as const] };
  assert.equal(guest.module.conference.wish(back, meeting.now), false);
  assert.ok(conference.wish({ wish: "send_back", leaf }, meeting.now));
  meeting.pass(1000);
  assert.equal(guest.last("sent_back").participant, HOST);
  assert.equal(host.last("person_left").number, 3);
});

test("who is chosen when a host stops everything is out by the same commit (ACC-15)", async () => {
  const { meeting, host, guest } = await begun();
  host.module.conference.wish({ wish: "admit", participant: GUEST }, meeting.now);
  meeting.pass(1000);
  const stop = { wish: "stop" as const, may: 2, leaves: [guest.last("entered").leaf] };
  assert.equal(guest.module.conference.wish(stop, meeting.now), false);
  const { epoch } = host.last("epoch");
  assert.ok(host.module.conference.wish(stop, meeting.now));
  meeting.pass(1000);
  assert.equal(guest.last("removed").number, 1);
  assert.equal(host.last("epoch").epoch, epoch + 1);
  assert.equal(host.last("state").number, FLAGS.locked | FLAGS.waitingRoom);
});

test("the words of a known epoch are those of the native core", async () => {
  const { host } = await begun();
  const authenticator = new Uint8Array(32);
  authenticator[0] = 1;
  const key = await wordsKey(authenticator, Uint8Array.of(7, 7, 7, ...new Uint8Array(13)));
  assert.deepEqual(host.module.conference.words(key), {
    words: ["east", "spend", "push", "garage", "sentence", "regret", "exist", "better"],
    numbers: ["0557", "1674", "1397", "0763", "1567", "1445", "0638", "0172"],
  });
});

test("who asks to compare, and what it says, reaches the others with the epoch", async () => {
  const { meeting, host, guest } = await begun();
  host.module.conference.wish({ wish: "admit", participant: GUEST }, meeting.now);
  meeting.pass(1000);
  guest.module.conference.wish({ wish: "compare", said: "asked" }, meeting.now);
  guest.module.conference.wish({ wish: "compare", said: "different" }, meeting.now);
  meeting.pass(100);
  const heard = host.saw.filter(({ what }) => what === "compare");
  assert.deepEqual(
    heard.map(({ number, epoch, leaf }) => ({ number, epoch, leaf })),
    [0, 2].map((number) => ({ number, epoch: 1, leaf: guest.last("entered").leaf })),
  );
});

test("the host sets a passcode, opens the room and makes an invite", async () => {
  const { meeting, host, guest } = await begun();
  const wish = (wanted: GroupWish) => host.module.conference.wish(wanted, meeting.now);
  const key = (await passcodeKey("open sesame", meetingId)) ?? assert.fail();
  assert.equal(wish({ wish: "set_passcode", key }), true);
  meeting.pass(1000);
  assert.equal(host.last("state").number, FLAGS.passcode | FLAGS.waitingRoom);
  assert.equal(guest.last("passcode").number, 0);
  assert.equal(wish({ wish: "invite" }), true);
  meeting.pass(1000);
  const { text, epoch: number } = host.last("invite");
  assert.equal(text.length, 87);
  assert.equal(wish({ wish: "withdraw", invite: number }), true);
  meeting.pass(1000);
  assert.equal(host.last("invite").number, 0);
  assert.equal(wish({ wish: "set_passcode", key: new Uint8Array() }), true);
  meeting.pass(1000);
  assert.equal(wish({ wish: "waiting_room", on: false }), true);
  meeting.pass(2000);
  assert.equal(host.last("state").number, 0);
  assert.equal(guest.last("entered").participant, GUEST);
});

test("who is in learns what the meeting is called, who waits when it is to be shown (ACC-03)", async () => {
  const { meeting, host, guest } = await begun();
  const wish = (wanted: GroupWish) => host.module.conference.wish(wanted, meeting.now);
  const { text, number } = host.last("title");
  assert.deepEqual([text, number], ["Placement review", 0]);
  assert.equal(guest.last("card").text, "");
  assert.equal(wish({ wish: "show_title", on: true }), true);
  meeting.pass(1000);
  assert.equal(guest.last("card").text, "Placement review");
  assert.equal(wish({ wish: "title", text: "Ward handover" }), true);
  meeting.pass(1000);
  assert.equal(guest.last("card").text, "Ward handover");
  assert.equal(wish({ wish: "title", text: "two\nlines" }), false);
  assert.equal(wish({ wish: "admit", participant: GUEST }), true);
  meeting.pass(1000);
  assert.equal(guest.last("title").text, "Ward handover");
  assert.equal(guest.last("title").number, 1);
});

async function seal(module: FramesModule, sender: number, frame: Uint8Array): Promise<Uint8Array> {
  const plan = module.planSeal(sender, frame);
  if (typeof plan === "number") return assert.fail(`${plan}`);
  const key = (await module.keys.hardened(plan.key)) ?? assert.fail();
  const body = await crypto.subtle.encrypt(plan.parameters, key, frame as BufferSource);
  return Uint8Array.of(...plan.prefix, ...new Uint8Array(body));
}

async function open(module: FramesModule, receiver: number, sealed: Uint8Array, now: number) {
  const plan = module.planOpen(receiver, sealed, now);
  if (typeof plan === "number") return assert.fail(`${plan}`);
  const key = (await module.keys.hardened(plan.key)) ?? assert.fail();
  const body = sealed.subarray(plan.prefix.length) as BufferSource;
  return new Uint8Array(await crypto.subtle.decrypt(plan.parameters, key, body));
}
