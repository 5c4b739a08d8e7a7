// Meetings with a group (docs/protocol.md): a host lets people in, and decides over them, with the
// real server and the real media worker:
//
//   host, guests (incamera-client --control) ---- WebSocket ---- incamera serve
//          \---------------------- UDP -------------------------- incamera-media
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import net from "node:net";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Client, MEDIA } from "./lib/client.mjs";
import { makeFolder, program, Server } from "./lib/server.mjs";

const AV = ["--pattern", 300_000, "--tone"];
const { folder, remove } = makeFolder();
let server;
const running = new Set();

before(async () => {
  server = await Server.start(folder, MEDIA);
});
after(async () => {
  for (const client of running) client.kill();
  await server.stop();
  remove();
});

function startAddress() {
  const flags = [`--http.listen=127.0.0.1:${server.port}`, `--store.path=${folder}/store/incamera.db`];
  return execFileSync(program, ["start-address", ...flags]).toString().trim();
}

function client(args, habit) {
  const made = new Client([...args, "--control"], habit);
  running.add(made);
  made.exited.then(() => running.delete(made));
  return made;
}

const newHost = (...args) => client(["--start", startAddress(), "--name", "host", ...args]);

/** Everybody is in the group and gets sound and pictures. */
const seesAndHears = (each) => each.line((line) => line.video_in > 20 && line.audio_in > 40);

async function leaveAll(...clients) {
  const totals = [];
  for (const each of clients) totals.push(await each.leave());
  return totals;
}

test("a host and two guests see and hear each other", async () => {
  const host = newHost("--admit", ...AV);
  const link = await host.link();
  const guests = ["Sam", "Layla"].map((name) => client([link, "--name", name, ...AV]));
  for (const each of [host, ...guests]) {
    await seesAndHears(each);
    await each.line((line) => line.people === 2 && line.video_in >= 40 && line.audio_in >= 80);
  }
  for (const total of await leaveAll(...guests, host)) assert.equal(total.failed, 0);
});

/** A guest knocks, and the host lets it in by name. */
async function comeIn(host, link, name, args = AV, habit = undefined) {
  const from = host.lines.length;
  const guest = client([link, "--name", name, ...args], habit);
  await host.event("knock", (event) => event.name === name, { from });
  host.say(`admit ${name}`);
  await guest.event("entered");
  await host.event("person", (event) => event.name === name, { from }); // what it says before, a newcomer does not hear
  return guest;
}

/** The server's WebSocket behind a wire that can be cut; media goes another way. */
async function wire() {
  const sockets = new Set();
  const listener = net.createServer((near) => {
    const far = net.connect(server.port, "127.0.0.1");
    for (const [socket, other] of [[near, far], [far, near]]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  await new Promise((resolve) => listener.listen(0, "127.0.0.1", resolve));
  return {
    address: (link) => link.replace(/:\d+\//, `:${listener.address().port}/`),
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
    close: () => listener.close(),
  };
}

const latestEpoch = (each) => each.lines.findLast((line) => line.event === "epoch");

/** All are in one epoch with one authenticator, soon. */
async function agree(...all) {
  const deadline = Date.now() + 5000;
  for (;;) {
    const seen = new Set(all.map((each) => latestEpoch(each)?.authenticator));
    if (seen.size === 1 && !seen.has(undefined)) return latestEpoch(all[0]).epoch;
    assert.ok(Date.now() < deadline, `${seen.size} authenticators`);
    await sleep(50);
  }
}

/** How often `what` of the counts rises from now on, over so many milliseconds. */
async function growth(each, what, ms) {
  const before = (await each.count())[what];
  await sleep(ms);
  return (await each.count())[what] - before;
}

test("a guest waits until it is let in, and gets no media meanwhile (ACC-02, ACC-03)", async (t) => {
  const host = newHost(...AV);
  const layla = await comeIn(host, await host.link(), "Layla");
  await seesAndHears(layla);
  const guest = client([await host.link(), "--name", "Sam", ...AV]);
  await host.event("knock", (event) => event.name === "Sam");
  await sleep(3000);
  const waiting = await guest.count();
  assert.deepEqual([waiting.packets_in, waiting.decrypted], [0, 0]);
  const shown = guest.lines.filter((line) => line.event && line.event !== "count").map((line) => line.event);
  assert.deepEqual([...new Set(shown)].sort(), ["attended", "card"]);
  assert.ok(guest.lines.every((line) => !(line.people > 0 || line.joined > 0)));
  assert.ok(!host.lines.some((line) => line.event === "person" && line.name === "Sam"));

  host.say("admit Sam");
  const admitted = await host.event("obeyed", (event) => event.command === "admit", { from: host.lines.length - 1 });
  const heard = await guest.event("first_audio");
  t.diagnostic(`${heard.at - admitted.at} ms from letting in to the first decrypted sound`);
  assert.ok(heard.at - admitted.at < 3000);
  await host.event("person", (event) => event.name === "Sam");
  for (const total of await leaveAll(guest, layla, host)) assert.equal(total.failed, 0);
});

test("who is refused is told so and is not in", async () => {
  const host = newHost();
  const guest = client([await host.link(), "--name", "Sam"]);
  await host.event("knock");
  host.say("ask Sam Who are you?");
  assert.equal((await guest.event("question")).text, "Who are you?");
  guest.say("answer The accountant");
  assert.equal((await host.event("knock_answer")).text, "The accountant");
  host.say("refuse Sam");
  await guest.event("refused");
  assert.equal((await guest.exited).code, 1);
  assert.match(guest.complaints, /could not join: a host refused/);
  assert.equal(guest.final.decrypted, 0);
  await leaveAll(host);
});

test("who is removed opens nothing from 500 ms on, even when it stays (ACC-08)", async (t) => {
  const host = newHost(...AV);
  const link = await host.link();
  const layla = await comeIn(host, link, "Layla");
  const mallory = await comeIn(host, link, "Mallory", AV, "stay");
  for (const each of [host, layla, mallory]) await seesAndHears(each);
  const from = host.lines.length;
  host.say("remove Mallory");
  const { at } = await host.event("obeyed", (event) => event.command === "remove", { from });
  let last = { decrypted: 0, packets_in: 0, at };
  for (let count = last; count.at < at + 2500; count = await mallory.count()) {
    if (count.decrypted > last.decrypted) last = count;
    await sleep(25);
  }
  t.diagnostic(`the last frame was opened within ${last.at - at} ms`);
  assert.ok(last.at - at < 500, `${last.at - at} ms`);
  assert.equal(await growth(mallory, "packets_in", 1500), 0);
  assert.ok((await growth(layla, "decrypted", 1000)) > 50, "the others go on");
  assert.ok((await growth(host, "decrypted", 1000)) > 50);
  await agree(host, layla);
  assert.ok(layla.lines.some((line) => line.event === "person_left"));
  mallory.kill();
  for (const total of await leaveAll(layla, host)) assert.equal(total.failed, 0);
});

test("who is muted by a host sends pictures and no sound any more (CTL-05)", async () => {
  const host = newHost("--tone");
  const guest = await comeIn(host, await host.link(), "Sam");
  await seesAndHears(host);
  const from = host.lines.length;
  host.say("mute Sam");
  await guest.event("muted", (event) => event.streams === 1);
  await host.event("presence", (event) => (event.presence & 3) === 2, { from });
  await host.line((line) => line.audio_in === 0 && line.video_in > 20);
  await leaveAll(guest, host);
});

test("who is sent back to the waiting room knocks with the same link, and is let in or not", async () => {
  const host = newHost("--tone");
  const link = await host.link();
  const [layla, sam] = [await comeIn(host, link, "Layla", []), await comeIn(host, link, "Sam", [])];
  const from = host.lines.length;
  host.say("send-back Sam");
  assert.equal((await sam.exited).code, 1);
  assert.match(sam.complaints, /a host sent it back to the waiting room/);
  await layla.event("person_left", (event) => event.reason === 3);
  const again = client([link, "--name", "Sam"]);
  await host.event("knock", (event) => event.name === "Sam", { from });
  await agree(host, layla);
  assert.ok(!again.lines.some((line) => line.event === "entered"));
  host.say("admit Sam");
  await again.event("entered");
  await leaveAll(again, layla, host);
});

test("everything stops for all five within a second, by one epoch (ACC-15)", async (t) => {
  const host = newHost("--tone");
  const link = await host.link();
  const guests = [];
  for (const name of ["Layla", "Kofi", "Ruth", "Sam"]) guests.push(await comeIn(host, link, name));
  const all = [host, ...guests];
  for (const each of all) await each.line((line) => line.people === 4 && line.audio_in > 100);
  const epoch = await agree(...all);
  const marks = all.map((each) => each.lines.length);
  host.say("stop");
  const { at } = await host.event("obeyed", ({ command }) => command === "stop", { from: marks[0] });
  let slowest = 0;
  for (const [i, each] of all.entries()) {
    const since = { from: marks[i] };
    const silent = all.filter((one) => one !== each && one !== host).length;
    const events = [
      await each.event("state", ({ flags }) => flags & 1, since),
      await each.event("allowed", ({ allowed }) => (allowed & 0xffff) === 2, since),
      await each.event("epoch", (event) => event.epoch === epoch + 1, since),
    ];
    const quiet = () => each.lines.slice(marks[i]).filter((line) => line.event === "presence" && !(line.presence & 1));
    while (quiet().length < silent) await sleep(10);
    slowest = Math.max(slowest, ...[...events, ...quiet().slice(0, silent)].map((event) => event.at - at));
  }
  t.diagnostic(`the last of five had stopped ${slowest} ms after the press`);
  assert.ok(slowest < 1000, `${slowest} ms`);
  assert.equal(await agree(...all), epoch + 1);
  host.say("chat Quiet, please.");
  guests[0].say("chat No.");
  await guests[0].event("obeyed", ({ command, error }) => command === "chat" && error !== 0);
  await leaveAll(...guests, host);
});

test("a removed participant's old link knocks no more, the new one does", async () => {
  const host = newHost("--tone");
  const link = await host.link();
  const guest = await comeIn(host, link, "Sam", ["--tone"]);
  const from = host.lines.length;
  host.say("remove Sam");
  assert.equal((await guest.exited).code, 1);
  assert.match(guest.complaints, /had to go: a host took it out/);
  const { fragment } = await host.event("link", undefined, { from });

  const old = client([link, "--name", "Sam"]);
  assert.equal((await old.exited).code, 1);
  assert.match(old.complaints, /no such meeting/);
  const again = await comeIn(host, link.replace(/#.*/, `#${fragment}`), "Sam", ["--tone"]);
  await again.line((line) => line.audio_in > 40);
  await leaveAll(again, host);
});

test("who waits with a link that is replaced is told to ask for the new one", async () => {
  const host = newHost();
  const guest = client([await host.link(), "--name", "Sam"]);
  await host.event("knock");
  host.say("replace-link");
  assert.equal((await guest.exited).code, 1);
  assert.match(guest.complaints, /the link was replaced: ask for the new one/);
  await leaveAll(host);
});

test("a locked meeting lets nobody in until it is unlocked (ACC-07)", async () => {
  const host = newHost("--tone");
  await host.event("entered");
  const from = host.lines.length;
  host.say("lock");
  await host.event("state", (event) => event.flags & 1, { from });
  const guest = client([await host.link(), "--name", "Sam", "--tone"]);
  await host.event("knock");
  host.say("admit Sam");
  await sleep(1500);
  assert.ok(!guest.lines.some((line) => line.event === "entered"));
  host.say("unlock");
  await sleep(500); // who waits has knocked at the open door
  host.say("admit Sam");
  await guest.line((line) => line.audio_in > 40);
  await leaveAll(guest, host);
});

test("what is written in chat arrives", async () => {
  const host = newHost();
  const guest = await comeIn(host, await host.link(), "Sam", []);
  host.say("chat Hello, \"Sam\"");
  assert.equal((await guest.event("chat")).text, 'Hello, "Sam"');
  guest.say("chat سلام");
  assert.equal((await host.event("chat")).text, "سلام");
  await leaveAll(guest, host);
});

test("fresh keys in a running call cost not one frame", async () => {
  const host = newHost(...AV);
  const guest = await comeIn(host, await host.link(), "Sam");
  for (const each of [host, guest]) await seesAndHears(each);
  const unexpected = () => Promise.all([host, guest].map(async (each) => (await each.count()).unexpected));
  const before = await unexpected();
  for (let i = 0; i < 5; i++) {
    const epoch = await agree(host, guest);
    (i % 2 ? host : guest).say("rekey");
    await host.event("epoch", (event) => event.epoch > epoch);
    await sleep(700);
  }
  await agree(host, guest);
  assert.deepEqual(await unexpected(), before);
  for (const total of await leaveAll(guest, host)) {
    assert.equal(total.failed, 0);
    assert.ok(total.audio_in > 150);
  }
});

test("a call with a group goes on after kill -9 of its media worker, in the same epoch", async () => {
  const host = newHost(...AV);
  const guest = await comeIn(host, await host.link(), "Sam");
  for (const each of [host, guest]) await seesAndHears(each);
  const epoch = await agree(host, guest);
  const { pid } = server.log.findLast((line) => line.area === "workers" && line.event === "ready");
  const from = [host, guest].map((each) => each.lines.length);
  process.kill(pid, "SIGKILL");
  for (const [i, each] of [host, guest].entries()) {
    await each.line((line) => line.reconnects === 1, 15_000);
    await each.line((line) => each.lines.indexOf(line) > from[i] + 2 && line.video_in > 20 && line.audio_in > 40);
  }
  assert.equal(await agree(host, guest), epoch);
  for (const total of await leaveAll(guest, host)) assert.equal(total.failed, 0);
});

test("a guest whose socket is cut comes back to the group, whose keys changed meanwhile", async () => {
  const host = newHost(...AV);
  const way = await wire();
  const guest = await comeIn(host, way.address(await host.link()), "Sam");
  for (const each of [host, guest]) await seesAndHears(each);
  for (let i = 0; i < 3; i++) {
    const epoch = await agree(host, guest);
    way.cut();
    host.say("rekey");
    await guest.event("epoch", (event) => event.epoch > epoch);
    assert.ok((await agree(host, guest)) > epoch);
    assert.ok((await growth(guest, "decrypted", 1000)) > 40);
  }
  way.close();
  const [guestTotal, hostTotal] = await leaveAll(guest, host);
  assert.deepEqual([guestTotal.failed, hostTotal.failed, guestTotal.reconnects], [0, 0, 0]);
});

test("who comes late cannot open what was sealed before (SEC-06)", async () => {
  // The speaker sends the first frame that it ever sealed, over and over.
  const host = newHost();
  const link = await host.link();
  const speaker = await comeIn(host, link, "Layla", ["--tone"], "replay");
  await host.line((line) => line.decrypted > 0 || line.repeated > 0);
  const late = await comeIn(host, link, "Sam", []);
  await late.line((line) => line.frames_in > 40);
  const count = await late.count();
  assert.equal(count.decrypted, 0);
  assert.ok(count.unexpected > 0);
  assert.equal(count.failed, 0);
  await leaveAll(late, speaker, host);
});

test("a guest whose link names another host does not go in (ACC-05)", async () => {
  const host = newHost("--admit");
  const link = await host.link();
  const [start, fragment] = link.split("#");
  const bytes = Buffer.from(fragment, "base64url");
  bytes[64] ^= 1; // the last byte of the pin
  const guest = client([`${start}#${bytes.toString("base64url")}`, "--name", "Sam"]);
  assert.equal((await guest.exited).code, 1);
  assert.match(guest.complaints, /not of the host that the link names/);
  assert.ok(!host.lines.some((line) => line.event === "knock"));
  await leaveAll(host);
});

test("twenty who join within two seconds end in one epoch with one authenticator", async (t) => {
  const host = newHost("--admit", "--tone");
  const from = performance.now();
  const crowd = client([await host.link(), "--count", 20, "--ramp", 10, "--tone", "--name", "crowd"]);
  const last = () => {
    const seen = new Map();
    for (const line of crowd.lines) if (line.event === "epoch") seen.set(line.ordinal, line);
    return [latestEpoch(host), ...seen.values()];
  };
  await crowd.line(
    () => last().length === 21 && last().every((each) => each.members === 21),
    30_000,
  );
  await sleep(500);
  assert.equal(new Set(last().map((each) => `${each.epoch} ${each.authenticator}`)).size, 1);
  t.diagnostic(`all in after ${Math.round(performance.now() - from)} ms, in epoch ${last()[0].epoch}`);
  await crowd.line((line) => line.joined === 20 && line.people === 20);
  for (const total of await leaveAll(crowd, host)) assert.equal(total.failed, 0);
});

test("a meeting goes on after kill -9 of the server, which has forgotten its group", async () => {
  const host = newHost(...AV);
  const guest = await comeIn(host, await host.link(), "Sam");
  for (const each of [host, guest]) await seesAndHears(each);
  const known = guest.lines.length;
  host.say("replace-link"); // they come back with the new one, and nobody has to be asked again
  await guest.event("link", undefined, { from: known });
  await sleep(500); // the host has told the server which proof is good now
  const from = [host, guest].map((each) => each.lines.length);
  const { port } = server;
  await server.stop("SIGKILL");
  server = await Server.start(folder, [...MEDIA, `--http.listen=127.0.0.1:${port}`]);
  for (const [i, each] of [host, guest].entries())
    await each.line(
      (line) => each.lines.indexOf(line) > from[i] + 3 && line.people === 1 && line.video_in > 20 && line.audio_in > 40,
      30_000,
    );
  await agree(host, guest);
  for (const total of await leaveAll(guest, host)) assert.equal(total.failed, 0);
});

test("a co-host lets in who has the link or the host's invite while that one is away (ACC-10, ACC-12)", async () => {
  const host = newHost(...AV);
  const link = await host.link();
  const cohost = await comeIn(host, link, "Kofi");
  host.say("make-host Kofi");
  await cohost.event("person", (event) => event.name === "Kofi" && event.rights === 15);
  host.say("invite");
  const { fragment, epoch: number } = await host.event("invite");
  const invite = link.replace(/#.*/, `#${fragment}`);
  assert.equal((await cohost.event("invite", (event) => event.epoch === number)).fragment, undefined);
  await sleep(1000); // the card names its key now
  await host.leave();
  await cohost.event("person_left");
  const guest = await comeIn(cohost, link, "Sam");
  for (const each of [cohost, guest]) await seesAndHears(each);

  cohost.say("open-room"); // then nobody has to be asked about who was invited, for one at a time
  await cohost.event("state", (event) => !(event.flags & 2));
  const invited = client([invite, "--name", "Ivy", ...AV]);
  await invited.event("entered");
  assert.equal((await cohost.event("knock", (event) => event.name === "Ivy")).invite, number);
  const second = client([invite, "--name", "Ivo"]);
  await cohost.event("knock", (event) => event.name === "Ivo");
  await sleep(1000);
  assert.ok(!second.lines.some((line) => line.event === "entered"));
  await agree(cohost, guest, invited);
  await invited.leave();
  await second.event("entered");
  await agree(cohost, guest, second);
  for (const total of await leaveAll(second, guest, cohost)) assert.equal(total.failed, 0);
});

test("a passcode that is set while people are in is needed from then on (ACC-01, ACC-20)", async () => {
  const host = newHost("--tone");
  const link = await host.link();
  const layla = await comeIn(host, link, "Layla", ["--tone"]);
  const from = host.lines.length;
  host.say("passcode open sesame");
  await layla.event("state", (event) => event.flags & 4);
  const without = new Client([link, "--name", "Sam"]);
  assert.equal((await without.exited).code, 1);
  assert.match(without.complaints, /has a passcode: give it with --passcode/);
  const wrong = new Client([link, "--name", "Sam", "--passcode", "open barley"]);
  assert.equal((await wrong.exited).code, 1);
  assert.match(wrong.complaints, /the passcode is wrong/);
  assert.ok(!host.lines.slice(from).some((line) => line.event === "knock"));

  const guest = await comeIn(host, link, "Sam", ["--tone", "--passcode", "open sesame"]);
  await guest.line((line) => line.audio_in > 40);
  const typing = client([link, "--name", "Ruth"]);
  await typing.event("passcode");
  typing.say("passcode open sesame");
  await host.event("knock", (event) => event.name === "Ruth");
  host.say("admit Ruth");
  await typing.event("entered");
  await agree(host, layla, guest, typing);
  await leaveAll(guest, layla, typing, host);
});

test("a host that begins a meeting again with its link alone is asked for the passcode it had (ACC-20)", async () => {
  const first = newHost();
  const link = await first.link();
  const { host_link: own } = await first.line((line) => line.host_link);
  await first.event("entered");
  first.say("passcode open sesame");
  await first.event("state", (event) => event.flags & 4);
  first.say("lock");
  await first.event("state", (event) => event.flags & 1);
  await first.leave();

  const without = new Client([own, "--name", "host"]);
  assert.equal((await without.exited).code, 1);
  assert.match(without.complaints, /has a passcode: give it with --passcode/);
  const host = client([own, "--name", "host"]);
  await host.event("passcode");
  assert.ok(!host.lines.some((line) => line.event === "entered"));
  host.say("passcode open sesame");
  await host.event("entered");
  assert.equal((await host.event("settings_lost")).lost, 0);
  assert.equal((await host.event("state")).flags, 1 | 2 | 4);
  host.say("unlock");
  await host.event("state", (event) => !(event.flags & 1));
  const guest = new Client([link, "--name", "Sam"]);
  assert.equal((await guest.exited).code, 1);
  assert.match(guest.complaints, /has a passcode/);
  const told = await comeIn(host, link, "Layla", ["--passcode", "open sesame"]);
  await leaveAll(told, host);
});

test("a host who opens the private link on a second device goes on there, alone or not (ACC-19)", async () => {
  const laptop = newHost();
  const link = await laptop.link();
  const { host_link: own } = await laptop.line((line) => line.host_link);
  await laptop.event("entered");
  const phone = client([own, "--name", "host"]);
  assert.equal((await laptop.event("opened_again")).event, "opened_again");
  await phone.event("entered"); // the laptop made way: nobody else could take the phone in
  await laptop.exited;
  const layla = await comeIn(phone, link, "Layla");
  const tablet = client([own, "--name", "host"]);
  await tablet.event("entered"); // Layla takes it in, and the phone out
  await phone.event("removed");
  await phone.exited;
  await layla.event("person", (event) => event.name === "host" && event.rights === 15);
  await leaveAll(layla, tablet);
});

test("a host who waits begins the meeting when the last device of it is cut off (ACC-19)", async () => {
  const laptop = newHost();
  const { host_link: own } = await laptop.line((line) => line.host_link);
  await laptop.event("entered");
  process.kill(laptop.pid, "SIGSTOP"); // it is there for the server, and answers nothing
  const phone = client([own, "--name", "host"]);
  await phone.event("attended"); // and waits to be taken in
  process.kill(laptop.pid, "SIGKILL");
  await phone.event("entered");
  await leaveAll(phone);
});

test("an invite lets its person in after the link was replaced, until it is withdrawn (ACC-10)", async () => {
  const host = newHost("--tone");
  const link = await host.link();
  await host.event("entered");
  host.say("invite");
  const { fragment, epoch: number } = await host.event("invite");
  const invite = link.replace(/#.*/, `#${fragment}`);
  host.say("replace-link");
  await host.event("obeyed", (event) => event.command === "replace-link");
  await sleep(1000); // the server knows what is good now
  assert.equal((await client([link, "--name", "Ruth"]).exited).code, 1);
  const guest = await comeIn(host, invite, "Sam", ["--tone"]);
  assert.equal((await host.event("knock")).invite, number);
  await guest.line((line) => line.audio_in > 40);
  await guest.leave();
  await host.event("person_left");

  host.say(`withdraw ${number}`);
  await host.event("invite", (event) => event.good === 0);
  await sleep(500);
  const again = client([invite, "--name", "Sam"]);
  assert.equal((await again.exited).code, 1);
  assert.match(again.complaints, /no such meeting/);
  await leaveAll(host);
});

test("without a waiting room who has the link is in at once", async () => {
  const host = newHost("--tone");
  const link = await host.link();
  await host.event("entered");
  host.say("open-room");
  await host.event("state", (event) => !(event.flags & 2));
  const guest = client([link, "--name", "Sam", "--tone"]);
  await guest.line((line) => line.audio_in > 40);
  const others = [1, 2, 3].map((i) => client([link, "--name", `Guest ${i}`])); // at once
  for (const each of others) await each.event("presence", (event) => event.leaf === 0); // heard the host
  host.say("chat Welcome");
  for (const each of [guest, ...others]) await each.event("chat");
  assert.ok(!host.lines.some((line) => line.event === "knock"), "each let itself in");
  await leaveAll(...others);
  host.say("close-room");
  await guest.event("state", (event) => event.flags & 2);
  const late = client([link, "--name", "Ruth"]);
  await host.event("knock", (event) => event.name === "Ruth");
  await sleep(1500);
  assert.ok(!late.lines.some((line) => line.event === "entered"));
  late.kill();
  await leaveAll(guest, host);
});
