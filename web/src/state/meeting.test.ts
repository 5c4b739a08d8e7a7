// A stay in a meeting against a server, a core and a browser of the test's own: what is said in which
// order, who is believed, and what a lost socket or connection leads to.

import assert from "node:assert/strict";
import { afterEach, type TestContext, test } from "node:test";
import type { Core, Epoch } from "../e2ee/core.ts";
import type { Devices } from "../media/devices.ts";
import { answerTo } from "../media/fixtures/answer.ts";
import { fakeBrowser, OFFER } from "../media/fixtures/browser.ts";
import { parseOffer } from "../media/sdp.ts";
import { type FromClient, parseFromClient } from "../signal/messages.ts";
import { Meeting } from "./meeting.ts";

const ME = "MDEyMzQ1Njc4OTo7PD0-Pw";
const LAYLA = "ICEiIyQlJicoKSorLC0uLw";
const RESUME = "EBESExQVFhcYGRobHB0eHxAREhMUFRYXGBkaGxwdHh8";
const SEALED = "A".repeat(40);
const NONCE = "AAECAwQFBgcICQoLDA0ODw";

const open: Meeting[] = [];
afterEach(() => {
  for (const meeting of open.splice(0)) meeting.close();
});

class FakeSocket {
  static readonly OPEN = 1;
  static made: FakeSocket[] = [];
  readyState = 1;
  onopen?: () => void;
  onmessage?: (event: { data: unknown }) => void;
  onclose?: (event: { code: number }) => void;
  readonly said: FromClient[] = [];
  constructor() {
    FakeSocket.made.push(this);
  }
  send(text: string): void {
    this.said.push(parseFromClient(text));
  }
  close(): void {
    this.readyState = 3;
  }
}

function fakeCore(): { core: Core; announced: Map<string, string>; calls: string[] } {
  const announced = new Map<string, string>();
  const calls: string[] = [];
  let epochs = 0;
  const core = {
    newEpoch: async (): Promise<Epoch> => {
      calls.push("newEpoch");
      epochs += 1;
      return { number: epochs, nonce: NONCE };
    },
    sealAnnouncement: async (participant: string, text: string) => {
      calls.push(`${participant} says ${text}`);
      return SEALED;
    },
    openAnnouncement: async (participant: string) => announced.get(participant),
    memberInstall: async (index: number) => {
      calls.push(`install ${index}`);
      return true;
    },
    memberRemove: (index: number) => calls.push(`remove ${index}`),
    seal: (sender: { transform: unknown }, line: string) => {
      sender.transform = { line };
    },
    open: (receiver: { transform: unknown }, line: string) => {
      receiver.transform = { line };
    },
    expect: () => {},
    forget: () => {},
  };
  return { core: core as unknown as Core, announced, calls };
}

/** A device that is on or off, without a browser. */
class FakeCapture {
  on = false;
  paused = false;
  starting = false;
  changed = () => {};
  get source() {
    return this.on && !this.paused && !this.starting ? { track: {}, height: 720 } : null;
  }
  async turnOn() {
    this.set(true, false);
  }
  turnOff() {
    if (this.on) this.set(false, false);
  }
  pause() {
    if (this.on) this.set(true, true);
  }
  async resume() {
    if (this.paused) this.set(true, false);
  }
  set(on: boolean, paused: boolean) {
    this.on = on;
    this.paused = paused;
    this.changed();
  }
}

const aSecond = () => new Promise((done) => setTimeout(done, 1050));
const settle = () => new Promise((done) => setTimeout(done, 5));

async function world() {
  FakeSocket.made = [];
  const microphone = new FakeCapture();
  const camera = new FakeCapture();
  const own = { microphone, camera, speaking: false, speaker: "" };
  Object.assign(globalThis, { WebSocket: FakeSocket });
  const connections = fakeBrowser();
  const { core, announced, calls } = fakeCore();
  const happened: string[] = [];
  const ticket = { meeting: NONCE, proof: RESUME, name: "Amara" };
  const meeting = new Meeting("wss://meet.example/ws", ticket, core, own as unknown as Devices, {
    entered: () => happened.push("entered"),
    refused: ({ code }) => happened.push(`refused ${code}`),
    lost: () => happened.push("lost"),
  });
  meeting.listener = {
    changed: () => {},
    over: (why) => happened.push(`over ${why}`),
    broken: (resume) => happened.push(`broken ${resume}`),
  };
  microphone.changed = camera.changed = () => meeting.ownStreamsChanged();
  open.push(meeting);
  const socket = () => FakeSocket.made.at(-1) ?? assert.fail("no socket");
  const hear = async (message: object) => {
    socket().onmessage?.({ data: JSON.stringify(message) });
    await settle();
  };
  const announce = (participant: string, about: object) => {
    const said = { announcement: 1, index: 0, epoch: 1, nonce: NONCE, serial: 1 };
    announced.set(participant, JSON.stringify({ ...said, name: "Layla", streams: [], ...about }));
  };
  const join = (people: object[] = [], participant = ME) =>
    hear({ type: "joined", participant, index: 3, resume: RESUME, host: false, people });
  socket().onopen?.();
  return {
    meeting,
    own,
    microphone,
    camera,
    connections,
    calls,
    happened,
    socket,
    hear,
    announce,
    join,
  };
}

const layla = { participant: LAYLA, index: 0, sealed: SEALED };
const names = (meeting: Meeting) => meeting.people.members.map((m) => m.announcement.name);
const types = (socket: FakeSocket) => socket.said.map(({ type }) => type);

test("new keys, their announcement, every transform, and only then the offer to connect", async () => {
  const { connections, calls, happened, socket, join } = await world();
  await join();
  assert.deepEqual(types(socket()), ["join", "announce", "connect"]);
  assert.deepEqual(happened, ["entered"]);
  assert.equal(calls[0], "newEpoch");
  assert.match(calls[1] ?? "", /"epoch":1.*"serial":1.*"name":"Amara","streams":\[\]/);
  assert.equal(connections[0]?.happened.indexOf("offer"), 2 * 19);
});

test("once answered, what is live and shown is said for the new connection", async () => {
  const { socket, hear, join } = await world();
  await join();
  const connect = socket().said.find(({ type }) => type === "connect");
  assert.equal(connect?.type === "connect" && connect.connection, 1);
  await hear(answerTo(parseOffer(OFFER)));
  assert.equal(types(socket()).at(-1), "live");
});

test("somebody is here when an announcement under the link names the index of the server", async () => {
  const { meeting, calls, announce, hear, join } = await world();
  announce(LAYLA, {});
  await join([layla]);
  assert.deepEqual(names(meeting), ["Layla"]);
  assert.deepEqual(meeting.notices.list, [], "who was here before did not join now");
  announce(LAYLA, { serial: 2, streams: ["screen"] });
  await hear({ type: "announced", ...layla });
  assert.deepEqual(
    meeting.notices.list.map(({ what }) => what),
    ["share_started"],
  );
  await hear({ type: "left", participant: LAYLA });
  assert.deepEqual(names(meeting), []);
  assert.deepEqual(calls.slice(-1), ["remove 0"]);
});

test("nobody is here on the server's word alone (SEC-10)", async () => {
  const { meeting, calls, announce, hear, join } = await world();
  await join([layla]);
  assert.deepEqual(names(meeting), [], "not sealed under the link");
  announce(LAYLA, { index: 7 });
  await hear({ type: "announced", ...layla });
  assert.deepEqual(names(meeting), [], "another index");
  announce(ME, { index: 0 });
  await hear({ type: "announced", ...layla, participant: ME });
  assert.deepEqual(names(meeting), [], "oneself again");
  assert.equal(
    calls.some((call) => call.startsWith("install")),
    false,
  );
});

test("a camera paused by being away is told to the others, and to the server as one that is off", async () => {
  const { meeting, camera, calls, socket, join } = await world();
  await join();
  await camera.turnOn();
  await settle();
  const before = socket().said.length;
  meeting.seen(false);
  await aSecond();
  assert.match(calls.at(-1) ?? "", /"streams":\[\],"away":true/);
  assert.deepEqual(
    socket()
      .said.slice(before)
      .filter(({ type }) => type !== "announce"),
    [{ type: "live", streams: [] }],
  );
  meeting.seen(true);
  await settle();
  assert.match(calls.at(-1) ?? "", /"streams":\["camera"\]}$/);
  meeting.offAir();
});

test("being away while the camera still starts is told without a word to the server", async () => {
  const { meeting, camera, calls, socket, join } = await world();
  await join();
  camera.starting = true;
  await camera.turnOn();
  await settle();
  const before = socket().said.length;
  meeting.seen(false);
  await aSecond();
  assert.match(calls.at(-1) ?? "", /"away":true/);
  assert.deepEqual(types(socket()).slice(before), ["announce"]);
});

test("with sound only no picture is asked for or sent, until pictures are wanted again", async () => {
  const { meeting, microphone, camera, announce, socket, hear, join } = await world();
  announce(LAYLA, { streams: ["camera"] });
  await join([layla]);
  await hear(answerTo(parseOffer(OFFER)));
  await microphone.turnOn();
  await camera.turnOn();
  const later = () => new Promise((done) => setTimeout(done, 200)); // drawing comes to rest
  meeting.shown([{ key: LAYLA, height: 360 }]);
  await later();
  const said = <T extends FromClient["type"]>(type: T) =>
    socket()
      .said.filter((each): each is Extract<FromClient, { type: T }> => each.type === type)
      .at(-1);
  const shows = () => said("show")?.slots.length;
  const live = () => said("live")?.streams.map(({ stream }) => stream);
  assert.equal(shows(), 1);
  meeting.setSoundOnly(true);
  await later();
  assert.equal(shows(), 0);
  assert.equal(camera.on, false);
  assert.deepEqual(live(), ["microphone"]);
  await camera.turnOn();
  assert.deepEqual(live(), ["microphone"]);
  meeting.setSoundOnly(false);
  await later();
  assert.equal(shows(), 1);
});

test("off air also stops a device that is still starting", async () => {
  const { meeting, microphone, camera, join } = await world();
  await join();
  microphone.on = true;
  camera.on = true;
  meeting.offAir();
  assert.deepEqual([microphone.on, camera.on], [false, false]);
});

/** A stay with a connection that works, and the way to let time pass. */
async function connected(t: TestContext) {
  const w = await world();
  Object.defineProperty(globalThis, "navigator", { value: { onLine: true }, configurable: true });
  await w.join();
  w.connections[0]?.become("connected");
  await w.microphone.turnOn();
  const real = performance.now.bind(performance);
  let passed = 0;
  t.mock.method(performance, "now", () => real() + passed);
  return { ...w, pass: (ms: number) => (passed += ms) };
}

test("a path lost for 2 s is told, and after 30 s there is a way out of waiting", async (t) => {
  const { meeting, connections, pass } = await connected(t);
  connections[0]?.become("disconnected");
  pass(1900);
  assert.equal(meeting.connection.view.state, "good");
  pass(200);
  assert.deepEqual(meeting.connection.view, {
    state: "reconnecting",
    mediaFlows: false,
    long: false,
  });
  pass(28_000);
  assert.deepEqual(meeting.connection.view, {
    state: "reconnecting",
    mediaFlows: false,
    long: true,
  });
});

test("after two minutes it ends and says so", async (t) => {
  const { happened, connections, pass } = await connected(t);
  connections[0]?.become("disconnected");
  pass(120_000);
  connections[0]?.become("disconnected");
  assert.equal(happened.at(-1), "over gave_up");
});

test("after more than 10 s without media the microphone comes back off, after less it stays on", async (t) => {
  const { meeting, microphone, connections, pass } = await connected(t);
  connections[0]?.become("disconnected");
  pass(9000);
  connections[0]?.become("connected");
  assert.equal(microphone.on, true);
  connections[0]?.become("disconnected");
  pass(9900);
  pass(200);
  connections[0]?.become("connected");
  assert.equal(microphone.on, false);
  assert.equal(meeting.notices.list.at(-1)?.what, "back_again");
});

test("a socket that was lost for long does not mute whoever was heard all the time", async (t) => {
  const { microphone, connections, socket, join, pass } = await connected(t);
  const first = socket();
  first.readyState = 3;
  first.onclose?.({ code: 1006 });
  await settle();
  pass(20_000);
  socket().onopen?.();
  await join();
  connections[0]?.become("connected");
  assert.equal(microphone.on, true);
});

test("after a lost socket the same participant keeps its connection", async (t) => {
  const { meeting, connections, announce, socket, join } = await world();
  announce(LAYLA, {});
  await join([layla]);
  connections[0]?.become("connected");
  const first = socket();
  first.onmessage?.({ data: JSON.stringify(answerTo(parseOffer(OFFER))) });
  await settle();
  first.readyState = 3;
  first.onclose?.({ code: 1006 });
  await settle();
  assert.notEqual(socket(), first);
  const later = performance.now() + 3000;
  t.mock.method(performance, "now", () => later);
  Object.defineProperty(globalThis, "navigator", { value: { onLine: true }, configurable: true });
  const { connection } = meeting;
  assert.equal(connection.view.state === "reconnecting" && connection.view.mediaFlows, true);
  connections[0]?.become("disconnected");
  assert.equal(connection.view.state === "reconnecting" && connection.view.mediaFlows, false);
  connections[0]?.become("connected");
  socket().onopen?.();
  await join([layla]);
  const [again] = socket().said;
  assert.equal(again?.type === "join" && again.resume, RESUME);
  assert.equal(connections.length, 1);
  assert.ok(types(socket()).includes("announce"));
});

test("a server that no longer knows us makes us a new participant with new keys", async () => {
  const { meeting, connections, calls, announce, socket, join } = await world();
  announce(LAYLA, {});
  await join([layla]);
  socket().readyState = 3;
  socket().onclose?.({ code: 1006 });
  await settle();
  socket().onopen?.();
  await join([], "QEBAQEBAQEBAQEBAQEBAQA");
  assert.equal(connections.length, 2);
  assert.equal(connections[0]?.connectionState, "closed");
  assert.equal(calls.filter((call) => call === "newEpoch").length, 2);
  assert.deepEqual(names(meeting), [], "who is not listed any more is gone");
  const connect = socket().said.find(({ type }) => type === "connect");
  assert.ok(connect?.type === "connect" && connect.connection > 1);
});

test("a lost media path leads to a new connection with new keys, announced before it", async () => {
  const { connections, calls, socket, hear, join } = await world();
  await join();
  await hear({ type: "reconnect" });
  assert.equal(connections.length, 2);
  assert.equal(connections[0]?.connectionState, "closed");
  assert.equal(calls.filter((call) => call === "newEpoch").length, 2);
  assert.deepEqual(types(socket()), ["join", "announce", "connect", "announce", "connect"]);
  const numbers = socket().said.flatMap((said) => (said.type === "connect" ? said.connection : []));
  assert.ok((numbers[1] ?? 0) > (numbers[0] ?? 0));
});

test("where it is crowded the own voice is told, and a microphone that goes off ends it", async () => {
  const { meeting, own, socket, hear, join } = await world();
  const told = () => socket().said.flatMap((m) => (m.type === "speaking" ? m.speaking : []));
  own.microphone.on = own.speaking = true;
  await join();
  meeting.ownVoiceHeard();
  assert.deepEqual(told(), []);
  await hear({ type: "voices", crowded: true });
  assert.deepEqual(told(), [true]);
  own.microphone.turnOff(); // while one goes on speaking, as loud as before
  assert.deepEqual(told(), [true, false]);
});

test("an answer to an older connection is not applied to the present one", async () => {
  const { connections, hear, join } = await world();
  await join();
  await hear({ type: "reconnect" });
  await hear({ ...answerTo(parseOffer(OFFER)), connection: 1 });
  assert.equal(connections[1]?.happened.includes("answer"), false);
});

test("a refusal before one is in is told, and afterwards the end of the meeting", async () => {
  const { happened, hear, join } = await world();
  await hear({ type: "error", code: "full", retry_after: 1500 });
  await join();
  await hear({ type: "error", code: "no_entry" });
  assert.deepEqual(happened, ["refused full", "entered", "over ended"]);
});

test("leaving says so, closes the connection, and is the end once", async () => {
  const { meeting, connections, happened, socket, hear, join } = await world();
  await join();
  meeting.leave();
  assert.equal(types(socket()).at(-1), "leave");
  assert.equal(connections[0]?.connectionState, "closed");
  await hear({ type: "ended" });
  assert.deepEqual(happened, ["entered", "over left"]);
});

test("the same participant on another socket ends this page's part", async () => {
  const { connections, happened, socket, join } = await world();
  await join();
  socket().readyState = 3;
  socket().onclose?.({ code: 4001 });
  await settle();
  assert.deepEqual(happened, ["entered", "over elsewhere"]);
  assert.equal(connections[0]?.connectionState, "closed");
  assert.equal(FakeSocket.made.length, 1);
});

test("a core that failed is replaced as the same participant", async () => {
  const { meeting, happened, join } = await world();
  await join();
  meeting.coreSaid({ type: "failed" });
  assert.deepEqual(happened, ["entered", `broken ${RESUME}`]);
});
