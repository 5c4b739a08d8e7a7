// The worker's inside: calls in the right order only, and transforms from their first frame on.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { type CoreEvent, newFragment } from "./core.ts";
import { Lines } from "./lines.ts";
import type { TransformOptions } from "./messages.ts";
import type { Frame } from "./seal.ts";
import { ALICE, built, DELTA, frameOf, KEY_FRAME } from "./testing.ts";

const MEETING = "AAECAwQFBgcICQoLDA0ODw";
const ID = "ICEiIyQlJicoKSorLC0uLw";

async function loaded() {
  const events: CoreEvent[] = [];
  const lines = new Lines({
    emit: (event) => events.push(event),
    fetchWasm: async () => readFileSync(built("src/e2ee/e2ee.wasm")),
    now: () => 0,
    wallAtZero: 1_795_000_000_000,
  });
  await lines.calls.load("e2ee.wasm");
  return { lines, events };
}

/** A transformer whose frames the test writes and reads. */
function transformer(options: TransformOptions) {
  const into = new TransformStream<Frame, Frame>();
  const outOf = new TransformStream<Frame, Frame>();
  const reader = outOf.readable.getReader();
  const writer = into.writable.getWriter();
  return {
    transformer: { readable: into.readable, writable: outOf.writable, options },
    write: (frame: readonly number[]) => writer.write(frameOf(frame)),
    read: async () => new Uint8Array((await reader.read()).value?.data ?? new ArrayBuffer(0)),
    end: () => writer.close(),
  };
}

test("nothing can be done before a link is open, and a second link is refused", async () => {
  const { lines } = await loaded();
  assert.throws(() => lines.calls.sealAnnouncement(ID, "{}"), /no link is open/);
  assert.throws(() => lines.calls.openLink("AAAA", MEETING), /not the secret part/);
  assert.throws(() => lines.attach(transformer({ line: "a", codec: "opus" }).transformer));
  lines.calls.openLink(newFragment(), MEETING);
  assert.throws(() => lines.calls.openLink(newFragment(), MEETING), /open already/);
});

test("the proof and its hash belong to the fragment", async () => {
  const { lines } = await loaded();
  const fragment = newFragment();
  const { proof, hash } = await lines.calls.admission(fragment);
  assert.deepEqual(await lines.calls.openLink(fragment, MEETING), { proof });
  const digest = await crypto.subtle.digest("SHA-256", Buffer.from(proof, "base64url"));
  assert.equal(Buffer.from(digest).toString("base64url"), hash);
  assert.notEqual((await lines.calls.admission(newFragment())).proof, proof);
});

test("announcements are sealed and opened as text", async () => {
  const { lines } = await loaded();
  lines.calls.openLink(newFragment(), MEETING);
  const sealed = await lines.calls.sealAnnouncement(ID, '{"name":"Zoë"}');
  assert.equal(await lines.calls.openAnnouncement(ID, sealed), '{"name":"Zoë"}');
  assert.equal(await lines.calls.openAnnouncement(MEETING, sealed), undefined);
  assert.equal(await lines.calls.openAnnouncement(ID, "not base64url!"), undefined);
  assert.equal(await lines.calls.openAnnouncement(ID, "A".repeat(100_000)), undefined);
});

test("frames pass from a sealing line to an opening one in another worker", async () => {
  const fragment = newFragment();
  const alice = await loaded();
  const bob = await loaded();
  for (const { lines } of [alice, bob]) lines.calls.openLink(fragment, MEETING);
  const epoch = await alice.lines.calls.newEpoch(ALICE);

  const send = transformer({ line: "up", codec: "vp8", stream: "camera" });
  const receive = transformer({ line: "down", codec: "vp8" });
  bob.lines.calls.expect("down", { index: ALICE, stream: "camera" }); // before it is attached
  alice.lines.attach(send.transformer);
  bob.lines.attach(receive.transformer);
  assert.deepEqual(alice.events, [{ type: "attached", line: "up" }]);
  assert.equal(await bob.lines.calls.memberInstall(ALICE, epoch), true);

  for (const frame of [KEY_FRAME, DELTA]) {
    send.write(frame);
    const between = await send.read();
    assert.equal(Buffer.from(between).includes(Buffer.from(frame.slice(3))), false);
    receive.write([...between]);
    assert.deepEqual([...(await receive.read())], frame);
  }
  const shown = { index: ALICE, stream: "camera" };
  assert.deepEqual(bob.events.slice(1), [{ type: "showing", line: "down", shown }]);
  bob.lines.tick();
  bob.lines.tick();
  const counts = bob.events.flatMap((event) => (event.type === "counts" ? [event.lines] : []));
  assert.deepEqual(
    counts.map((lines) => lines.map(({ line, in: came }) => [line, came])),
    [[["down", 2]], []],
  );
  bob.lines.calls.forget(["down"]);
  await send.end();
});

test("a line attached before there are keys lets nothing out", async () => {
  const { lines } = await loaded();
  lines.calls.openLink(newFragment(), MEETING);
  const send = transformer({ line: "up", codec: "vp8", stream: "camera" });
  lines.attach(send.transformer);
  send.write(KEY_FRAME);
  send.write(DELTA);
  await send.end();
  assert.equal((await send.read()).length, 0); // the end of the stream, and no frame before it
});
