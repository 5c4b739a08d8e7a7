// The native core and the one in WebAssembly, each opening what the other sealed.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { test } from "node:test";
import type { Codec, Stream } from "./core.ts";
import { noCounts } from "./counts.ts";
import { Opener } from "./open.ts";
import { parseRedundant } from "./redundancy.ts";
import { Sealer } from "./seal.ts";
import { baseKeyOf, built, Member, through } from "./testing.ts";

const NATIVE = 5;
const WASM = 6;
const EPOCH = 300; // more than the key id has room for
const STREAMS: readonly Stream[] = ["microphone", "camera", "screen", "screen_audio"];
const CODECS: readonly Codec[] = ["opus", "vp8"];
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

async function native() {
  const peer = spawn(built("tests/e2ee/e2ee_peer"), { stdio: ["pipe", "pipe", "inherit"] });
  const answers = createInterface(peer.stdout)[Symbol.asyncIterator]();
  const ask = async (...words: (string | number)[]): Promise<string> => {
    peer.stdin.write(`${words.join(" ")}\n`);
    const { value } = await answers.next();
    return String(value);
  };
  assert.equal(await ask("epoch", EPOCH, hex(baseKeyOf(EPOCH)), NATIVE), "ok");
  return { ask, end: () => peer.stdin.end() };
}

/** A number generator, so that a failure can be repeated. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % below;
  };
}

/** Without the copies in front, as the server takes them out. */
function newestOf(packet: Uint8Array | undefined): Uint8Array | undefined {
  return packet && parseRedundant(Uint8Array.from(packet))?.at(-1)?.frame;
}

test("random frames of every stream go both ways between native and WebAssembly", async () => {
  const { ask, end } = await native();
  try {
    const member = await Member.make();
    member.install(EPOCH, baseKeyOf(EPOCH));
    member.send(EPOCH, WASM);
    const { module } = member;
    const next = random(1);
    const events = {
      showing: () => undefined,
      requestKeyFrame: () => undefined,
      now: () => 0,
      after: () => () => undefined,
    };

    for (const [s, stream] of STREAMS.entries()) {
      const c = stream === "camera" || stream === "screen" ? 1 : 0;
      const codec = CODECS[c] ?? "opus";
      const sealer = new Sealer(module, stream, codec, noCounts(), () => undefined);
      const opener = new Opener(module, codec, noCounts(), events);
      opener.expect({ index: NATIVE, stream });
      for (let i = 0; i < 100; i++) {
        const frame = Uint8Array.from({ length: 3 + next(i % 10 === 0 ? 20_000 : 300) }, () =>
          next(256),
        );
        const sent = await through(sealer, frame);
        const out = stream === "microphone" ? newestOf(sent) : sent;
        assert.ok(out);
        assert.equal(await ask("open", WASM, s, c, hex(out)), hex(frame), `${stream} ${i}`);
        const back = await ask("seal", s, c, hex(frame));
        const opened = await through(opener, Buffer.from(back, "hex"));
        assert.equal(opened && hex(opened), hex(frame), `${stream} ${i}`);
      }
    }
  } finally {
    end();
  }
});
