// A stay in a meeting: what is said in which order, who is believed, and who is told what.

import assert from "node:assert/strict";
import { test } from "node:test";
import { CAPABILITIES, type GroupWish, RIGHTS } from "../e2ee/conference_values.ts";
import type { Devices } from "../media/devices.ts";
import { answerTo } from "../media/fixtures/answer.ts";
import { OFFER } from "../media/fixtures/browser.ts";
import { parseOffer } from "../media/sdp.ts";
import type { FromClient, Stream } from "../signal/messages.ts";
import {
  aSecond,
  bitsOf,
  connected,
  FakeSocket,
  LAYLA,
  layla,
  ME,
  NONCE,
  names,
  RESUME,
  SEALED,
  settle,
  types,
  world,
} from "./fixtures/meeting_world.ts";
import { lastDoor } from "./kept_doors.ts";
import { ownDevices, sharingOfOther } from "./meeting_view.ts";

test("every transform, and only then the offer to connect, once the group is ours", async () => {
  const { connections, calls, happened, socket, join } = await world();
  assert.equal(connections.length, 0);
  await join();
  assert.deepEqual(types(socket()), ["join", "connect"]);
  assert.deepEqual(happened, ["entered"]);
  assert.equal(calls[0], "hear joined");
  assert.match(calls[1] ?? "", /"present".*"streams":\[\]/);
  assert.equal(connections[0]?.happened.indexOf("offer"), 2 * 19);
});

test("who was let in to a full meeting is told so for as long as it is true, and knocks no second time", async () => {
  const { meeting, calls, happened, hear, tell } = await world();
  await hear({ type: "waiting", participant: ME, resume: RESUME, attended: true });
  const seen: boolean[] = [];
  const attended = (number: number) => {
    tell("attended", { number });
    seen.push(meeting.entry.full);
  };
  const full = { type: "error", code: "full", of: "knock", retry_after: 5000 };
  await hear(full);
  attended(1);
  await hear(full);
  attended(1);
  attended(1);
  await hear(full);
  attended(0);
  assert.deepEqual(seen, [true, true, false, false]);
  assert.equal(happened.filter((what) => what.startsWith("refused")).length, 0);
  assert.ok(!calls.some((call) => call.includes("refused")), calls.join("\n"));
});

test("whoever waits opens no connection and learns of nobody (ACC-03)", async () => {
  const { meeting, connections, happened, socket, hear } = await world();
  await hear({ type: "waiting", participant: ME, resume: RESUME, attended: true });
  assert.deepEqual(happened, ["waiting"]);
  assert.equal(connections.length, 0);
  assert.deepEqual(names(meeting), []);
  assert.deepEqual(types(socket()), ["join"]);
});

test("a host's word turns the microphone off, and nobody's turns it on (CTL-05)", async () => {
  const { meeting, microphone, camera, laylaIsHere, join, tell } = await world();
  laylaIsHere();
  await join();
  microphone.set(true, false);
  camera.set(true, false);
  tell("muted", { ...layla, number: bitsOf(["microphone"]) });
  assert.deepEqual([microphone.on, camera.on], [false, true]);
  assert.equal(meeting.notices.list.at(-1)?.what, "muted_by_host");
  await microphone.turnOn(); // by oneself
  assert.equal(microphone.on, true);
});

test("who is sent back goes off air at once, and waits again where it was to be removed", async () => {
  const { microphone, happened, laylaIsHere, join, hear, tell } = await world();
  laylaIsHere();
  await join();
  microphone.set(true, false);
  tell("sent_back", layla);
  assert.equal(microphone.on, false);
  assert.deepEqual(happened, ["entered"]);
  await hear({ type: "removed" });
  assert.deepEqual(happened, ["entered", "over sent_back"]);
});

test("a host whose link is opened on another device makes way, and is told so (ACC-19)", async () => {
  const alone = await world();
  await alone.join();
  alone.tell("opened_again", { number: 1 });
  assert.deepEqual(alone.happened, ["entered", "over elsewhere"]);
  assert.equal(types(alone.socket()).at(-1), "leave");
  const among = await world(); // the others take it out, and the second device in
  among.laylaIsHere();
  await among.join();
  among.tell("opened_again", { number: 0 });
  assert.deepEqual(among.happened, ["entered"]);
  among.tell("removed");
  assert.deepEqual(among.happened, ["entered", "over elsewhere"]);
});

test("once answered, what is live and shown is said for the new connection", async () => {
  const { socket, hear, join } = await world();
  await join();
  const connect = socket().said.find(({ type }) => type === "connect");
  assert.equal(connect?.type === "connect" && connect.connection, 1);
  await hear(answerTo(parseOffer(OFFER)));
  assert.equal(types(socket()).at(-1), "live");
});

test("somebody is here when the group says so, with the streams of their own word", async () => {
  const { meeting, laylaIsHere, announce, tell, join } = await world();
  laylaIsHere();
  await join();
  assert.deepEqual(names(meeting), ["Layla"]);
  assert.deepEqual(meeting.notices.list, [], "who was here before did not join now");
  announce("screen");
  assert.deepEqual(
    meeting.notices.list.map(({ what }) => what),
    ["share_started"],
  );
  tell("person_left", { ...layla, number: 0 });
  assert.deepEqual(names(meeting), []);
});

test("a microphone is said to be held by a host only when that is known, and then it goes off", async () => {
  const { meeting, own, microphone, tell, join } = await world();
  await join();
  const devices = { ...own, choices: () => [] } as unknown as Devices;
  const press = () => ownDevices(meeting, devices).microphone.toggle();
  const said = () => meeting.notices.list.map(({ what }) => what);
  press();
  assert.deepEqual([microphone.on, said()], [true, []]);
  tell("allowed", { number: CAPABILITIES.chat + 65_536 * CAPABILITIES.chat });
  assert.deepEqual([microphone.on, said()], [false, ["mic_held"]]);
  press();
  assert.equal(microphone.on, false);
  tell("allowed", { number: 0 }); // of which the first word is no change, but this is
  assert.deepEqual(said(), ["mic_held", "mic_held", "chat_off"]);
});

test("whoever allowed somebody to share, each host can take it back, and leaves the rest as it is (ACC-06)", async () => {
  const { meeting, calls, laylaIsHere, tell, join } = await world();
  laylaIsHere();
  await join();
  const { speak, share, video, chat } = CAPABILITIES;
  const all = speak | video;
  const menu = () =>
    sharingOfOther(meeting, meeting.people.get(LAYLA) ?? assert.fail("she is not here"));
  const offered = () => Object.keys(menu()).sort();
  const self = { participant: ME, leaf: 3, text: "Amara" };
  tell("allowed", { number: all + 65_536 * all });
  assert.deepEqual(offered(), []); // a guest has no say
  tell("person", { ...self, number: RIGHTS.all });
  tell("may", { ...layla, number: all | chat });
  assert.deepEqual(offered(), ["allowShare"]);
  menu().allowShare?.();
  assert.deepEqual(JSON.parse(calls.at(-1) ?? ""), {
    wish: "allow",
    leaf: 0,
    may: all | chat | share,
  });
  tell("may", { ...layla, number: all | chat | share }); // by another host, or by oneself
  assert.deepEqual(offered(), ["forbidShare"]);
  tell("presence", { ...layla, number: bitsOf(["screen"]) });
  assert.deepEqual(offered(), ["endShare", "forbidShare"]);
  menu().endShare?.();
  const screen = ["screen", "screen_audio"];
  assert.deepEqual(JSON.parse(calls.at(-1) ?? ""), { wish: "mute", leaf: 0, streams: screen });
  menu().forbidShare?.();
  assert.deepEqual(JSON.parse(calls.at(-1) ?? ""), { wish: "allow", leaf: 0, may: all | chat });
  tell("person", { ...layla, number: RIGHTS.all }); // a host may always share
  assert.deepEqual(offered(), ["endShare"]);
});

test("what a host asks to turn off is said to be turned off by them only if it was on", async () => {
  const { meeting, microphone, camera, laylaIsHere, tell, join } = await world();
  laylaIsHere();
  await join();
  const told = () => meeting.notices.list.filter(({ what }) => what.endsWith("_by_host")).length;
  const all: Stream[] = ["microphone", "camera", "screen", "screen_audio"];
  tell("muted", { ...layla, number: bitsOf(all) });
  assert.equal(told(), 0);
  camera.set(true, false);
  tell("muted", { ...layla, number: bitsOf(all) });
  assert.equal(camera.on, false);
  assert.deepEqual(meeting.notices.list.at(-1)?.what, "camera_by_host");
  microphone.set(true, false);
  tell("muted", { ...layla, number: bitsOf(["microphone"]) });
  tell("muted", { ...layla, number: bitsOf(["microphone"]) });
  assert.equal(told(), 2);
});

test("nobody is here on the server's word alone (SEC-10)", async () => {
  const { meeting, hear, join } = await world();
  await join();
  await hear({ type: "entered", participant: LAYLA });
  await hear({ type: "slots", slots: [{ mid: "9", participant: LAYLA, stream: "camera" }] });
  assert.deepEqual(names(meeting), []);
  assert.equal(meeting.receivers.picture(LAYLA, "camera"), undefined);
});

test("a knock is told once, and let in by a wish of the group", async () => {
  const { meeting, calls, tell, join } = await world();
  await join();
  const sam = { participant: LAYLA, text: "Sam Porter" };
  tell("knock", sam);
  tell("knock", sam);
  assert.deepEqual(
    meeting.notices.list.map(({ what }) => what),
    ["knocking"],
  );
  meeting.letIn(LAYLA);
  assert.equal(calls.at(-1), `{"wish":"admit","participant":"${LAYLA}"}`);
  assert.equal(meeting.door.waiting[0]?.deciding, true);
  tell("knock_gone", sam);
  assert.deepEqual(meeting.door.waiting, []);
});

test("a host is told how many waited with the link that was replaced, invites not counted", async () => {
  const { meeting, tell, join } = await world();
  await join();
  const link = (text: string) => tell("link", { text });
  link("first");
  tell("knock", { ...layla, participant: "a", epoch: 0 });
  tell("knock", { ...layla, participant: "b", epoch: 3 }); // by an invite, which stays good
  link("second");
  assert.deepEqual(
    meeting.notices.list
      .filter(({ what }) => what.startsWith("link"))
      .map(({ key: _, ...rest }) => rest),
    [{ what: "link_replaced_waiting", count: 1 }],
  );
});

test("a removal, a refusal and a replaced link each end it with their reason", async () => {
  for (const [what, why] of [
    ["removed", "removed"],
    ["refused", "refused"],
  ] as const) {
    const { happened, tell, join } = await world();
    await join();
    tell(what);
    assert.equal(happened.at(-1), `over ${why}`);
  }
  const { happened, hear } = await world();
  await hear({ type: "replaced" });
  assert.equal(happened.at(-1), "over link_replaced");
  const full = await world(); // let in, and waiting for a place: what to ask for now is not clear to them
  await full.hear({ type: "error", code: "full", of: "knock", retry_after: 5000 });
  await full.hear({ type: "replaced" });
  assert.equal(full.happened.at(-1), "over place_lost");
});

test("a camera paused by being away is told to the others, and to the server as one that is off", async () => {
  const { meeting, camera, calls, socket, join } = await world();
  await join();
  await camera.turnOn();
  await settle();
  const before = socket().said.length;
  meeting.seen(false);
  await aSecond();
  assert.match(calls.at(-1) ?? "", /"streams":\[\].*"away":true/);
  assert.deepEqual(socket().said.slice(before), [{ type: "live", streams: [] }]);
  meeting.seen(true);
  await settle();
  assert.match(calls.at(-1) ?? "", /"streams":\["camera"\].*"away":false/);
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
  assert.deepEqual(types(socket()).slice(before), []);
});

test("with sound only no picture is asked for or sent, until pictures are wanted again", async () => {
  const { meeting, microphone, camera, laylaIsHere, socket, hear, join } = await world();
  laylaIsHere("camera");
  await join();
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

test("a refusal before one is in is told, and afterwards the end of the meeting", async () => {
  const { happened, hear, join } = await world();
  await hear({ type: "error", code: "full", retry_after: 1500 });
  await join();
  await hear({ type: "error", code: "no_entry" });
  assert.deepEqual(happened, ["refused full", "entered", "over ended"]);
});

test("what was one too many is told to the core, and the socket stays", async () => {
  const { calls, hear, join } = await world();
  await join();
  await hear({ type: "error", code: "too_fast", of: "commit", retry_after: 250 });
  assert.ok(calls.includes('{"type":"refused","of":"commit","waitMs":250}'), calls.join("\n"));
  const before = calls.length;
  await hear({ type: "error", code: "too_fast", of: "door" });
  assert.equal(calls.length, before);
  assert.equal(FakeSocket.made.length, 1);
});

test("a host who lets somebody into a full meeting is told, once in a while", async () => {
  const { meeting, hear, join } = await world();
  await join();
  const full = { type: "error", code: "full", of: "commit", retry_after: 5000 } as const;
  for (const error of [full, full]) await hear(error);
  assert.deepEqual(
    meeting.notices.list.map(({ what }) => what),
    ["meeting_full"],
  );
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

test("a host's device knows its door until the meeting is ended on it, whatever the server says (ACC-20)", async () => {
  const state = { epoch: 2, number: 2 | 4 };
  const door = { linkVersion: 2, flags: 4 };
  for (const endedHere of [false, true]) {
    const { hear, join, tell, meeting } = await world({ host: RESUME });
    await join();
    tell("state", state);
    assert.deepEqual(await lastDoor(NONCE), door);
    if (endedHere) meeting.endForAll();
    await hear({ type: "ended" });
    assert.deepEqual(await lastDoor(NONCE), endedHere ? undefined : door);
  }
  const guest = await world();
  await guest.join();
  guest.tell("state", state);
  assert.equal(await lastDoor(NONCE), undefined);
});

test("who ended the meeting for all is told so, the others that the host did", async () => {
  for (const [end, why] of [
    [true, "ended_by_you"],
    [false, "ended"],
  ] as const) {
    const { meeting, happened, hear, join } = await world();
    await join();
    if (end) meeting.endForAll();
    await hear({ type: "ended" });
    assert.deepEqual(happened, ["entered", `over ${why}`]);
  }
});

test("who may not speak is not told to press M", async () => {
  const { meeting, own, join, tell } = await world();
  await join();
  own.speaking = true;
  const hints = (may: number) => {
    tell("allowed", { ...layla, number: may * 65_536 });
    meeting.ownVoiceHeard();
    return meeting.notices.list.filter(({ what }) => what === "talking_while_muted").length;
  };
  assert.equal(hints(0), 0);
  assert.equal(hints(CAPABILITIES.speak), 1);
});

test("who is told that the microphone is off, or says a last word with it, is not said to be talking", async (t) => {
  const { meeting, own, microphone, connections, tell, pass } = await connected(t);
  tell("person", layla);
  tell("allowed", { ...layla, number: CAPABILITIES.speak * 65_536 });
  own.speaking = true;
  const hints = (ms: number) => {
    pass(ms);
    meeting.ownVoiceHeard();
    return meeting.notices.list.filter(({ what }) => what === "talking_while_muted").length;
  };
  connections[0]?.become("disconnected");
  pass(11_000);
  connections[0]?.become("connected");
  assert.equal(meeting.notices.list.at(-1)?.what, "back_again");
  assert.equal(hints(2500), 0);
  pass(20_000);
  microphone.set(true, false);
  tell("muted", { ...layla, number: bitsOf(["microphone"]) });
  assert.equal(meeting.notices.list.at(-1)?.what, "muted_by_host");
  assert.equal(hints(2500), 0);
  microphone.set(true, false);
  pass(20_000);
  microphone.set(false, false);
  assert.equal(hints(500), 0, "the last word");
  assert.equal(hints(600), 1, "and on and on");
});

test("messages come under the name of the leaf, and only from people who are in", async () => {
  const { meeting, laylaIsHere, tell, join } = await world();
  laylaIsHere();
  await join();
  tell("chat", { ...layla, text: "Hello" });
  tell("chat", { ...layla, participant: NONCE, text: "I am not here" });
  const said = meeting.chat.said.map(({ name, text, isHost }) => ({ name, text, isHost }));
  assert.deepEqual(said, [{ name: "Layla", text: "Hello", isHost: false }]);
  assert.ok(meeting.chat.cameLater, "Layla was here before");
  assert.deepEqual(
    meeting.notices.list.map(({ what }) => what),
    ["written"],
  );
});

test("a message that finds no socket stays, is marked, and can be said again", async () => {
  const { meeting, calls, socket, hear, join, core } = await world();
  await join();
  assert.ok(!meeting.chat.cameLater);
  core.wish = async (wish: GroupWish) => {
    calls.push(JSON.stringify(wish));
    meeting.coreSaid({ type: "say", message: { type: "message", sealed: SEALED } });
    return true;
  };
  socket().readyState = 3;
  await meeting.say("Hello");
  const [failed] = meeting.chat.said;
  assert.equal(failed?.failed, true);
  socket().readyState = 1;
  meeting.sayAgain(failed?.key ?? "");
  await settle();
  assert.deepEqual(
    meeting.chat.said.map(({ text, failed }) => ({ text, failed })),
    [{ text: "Hello", failed: false }],
  );
  await hear({ type: "error", code: "too_fast", of: "message", retry_after: 1000 });
  assert.equal(meeting.chat.said[0]?.failed, true, "the server took it for one too many");
  meeting.leave();
  assert.deepEqual(meeting.chat.said, [], "nothing stays");
});
