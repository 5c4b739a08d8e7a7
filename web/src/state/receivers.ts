// The receive lines of the present connection: who is in each, and whether it may be shown. A slot
// shows somebody only when the server's assignment and that person's own announcement agree, and
// only from the first frame that was decrypted under that person's key.

import type { Core, LineCounts, Shown } from "../e2ee/core.ts";
import type { Peer, Receiving } from "../media/peer.ts";
import type { Playback } from "../media/playback.ts";
import type { Said, Stream } from "../signal/messages.ts";
import type { People } from "./people.ts";
import { fits, type VideoSlot } from "./slots.ts";

type Assignment = Said<"slots">["slots"][number];

const SILENT_MS = 2000;

interface Line {
  readonly receiving: Receiving;
  assigned: Assignment | undefined;
  expected: Shown | undefined;
  showing: boolean;
  frames: number; // that came so far
  heardAt: number | undefined; // when the last came; undefined: not looked since it shows
}

export class Receivers {
  readonly #core: Core;
  readonly #people: People;
  readonly #playback: Playback;
  #lines: Line[] = [];
  #silent: ReadonlySet<string> = new Set(); // participants

  constructor(core: Core, people: People, playback: Playback) {
    this.#core = core;
    this.#people = people;
    this.#playback = playback;
  }

  /** The lines of a new connection; nothing is assigned to them yet. */
  opened(peer: Peer): void {
    this.#playback.stopAll();
    this.#lines = peer.receiving.map((receiving) => ({
      receiving,
      assigned: undefined,
      expected: undefined,
      showing: false,
      frames: 0,
      heardAt: undefined,
    }));
    this.#silent = new Set();
  }

  get videoSlots(): readonly VideoSlot[] {
    const voices = this.#lines
      .filter(({ receiving }) => receiving.slot === "voice")
      .map(({ assigned }) => assigned?.participant ?? null);
    const tiles = this.#lines.filter(({ receiving }) => receiving.slot === "tile");
    return this.#lines
      .filter(({ receiving: { slot } }) => slot === "stage" || slot === "tile")
      .map((line) => {
        const { mid, slot } = line.receiving;
        return { mid, slot, beside: slot === "tile" ? voices[tiles.indexOf(line)] : undefined };
      });
  }

  /** The whole list from the server; what is missing is empty. */
  assigned(slots: readonly Assignment[]): void {
    for (const line of this.#lines) {
      line.assigned = slots.find(({ mid }) => mid === line.receiving.mid);
    }
    this.refresh();
  }

  /** Somebody's announcement changed. */
  refresh(): void {
    for (const line of this.#lines) this.#expect(line, this.#agreed(line));
  }

  /** The first frame of this sender was decrypted here. */
  showing(name: string, shown: Shown): void {
    const line = this.#lines.find(({ receiving }) => receiving.line === name);
    if (!line?.expected || !isSame(line.expected, shown)) return;
    line.showing = true;
    line.heardAt = undefined;
    const { slot, stream } = line.receiving;
    if (slot === "voice" || slot === "screen_audio") this.#playback.play(name, stream);
  }

  /** What came by now; true if somebody fell silent, or was heard again. */
  counted(counts: readonly LineCounts[], now: number): boolean {
    for (const line of this.#lines) {
      const frames = counts.find((each) => each.line === line.receiving.line)?.in ?? line.frames;
      if (frames !== line.frames) line.heardAt = now;
      line.frames = frames;
      if (line.showing) line.heardAt ??= now;
    }
    const before = this.#silent;
    this.#silent = this.#silentAt(now);
    return before.size !== this.#silent.size || [...before].some((who) => !this.#silent.has(who));
  }

  /** Microphone or camera is on, and for 2 s nothing came of them. */
  silent(participant: string): boolean {
    return this.#silent.has(participant);
  }

  /** The moving picture of somebody, if it is being decrypted. */
  picture(participant: string, stream: Stream): MediaStream | undefined {
    return this.#find(participant, stream)?.receiving.stream;
  }

  speaking(participant: string): boolean {
    const line = this.#find(participant, "microphone");
    return line !== undefined && this.#playback.speaking(line.receiving.line);
  }

  // A shared screen may stand still; a microphone and a camera never do.
  #silentAt(now: number): ReadonlySet<string> {
    const silent = new Set<string>();
    const heard = new Set<string>();
    for (const { assigned, expected, showing, heardAt = now } of this.#lines) {
      if (!showing || !assigned || !expected) continue;
      if (expected.stream !== "microphone" && expected.stream !== "camera") continue;
      (now - heardAt >= SILENT_MS ? silent : heard).add(assigned.participant);
    }
    for (const participant of heard) silent.delete(participant);
    return silent;
  }

  #find(participant: string, stream: Stream): Line | undefined {
    return this.#lines.find(
      ({ assigned, showing }) =>
        showing && assigned?.participant === participant && assigned.stream === stream,
    );
  }

  #agreed({ assigned, receiving }: Line): Shown | undefined {
    if (!assigned || !fits(receiving.slot, assigned.stream)) return undefined;
    const member = this.#people.get(assigned.participant);
    if (!member?.streams.includes(assigned.stream)) return undefined;
    return { index: member.index, stream: assigned.stream };
  }

  #expect(line: Line, wanted: Shown | undefined): void {
    if (isSame(line.expected, wanted)) return;
    line.expected = wanted;
    line.showing = false;
    this.#playback.stop(line.receiving.line);
    this.#core.expect(line.receiving.line, wanted ?? null);
  }
}

function isSame(a: Shown | undefined, b: Shown | undefined): boolean {
  return a?.index === b?.index && a?.stream === b?.stream;
}
