// The receive lines of the present connection: who is in each, and whether it may be shown. A slot
// shows somebody only when the server's assignment and that person's own announcement agree, and
// only from the first frame that was decrypted under that person's key.

import type { Core, Shown } from "../e2ee/core.ts";
import type { Peer, Receiving } from "../media/peer.ts";
import type { Playback } from "../media/playback.ts";
import type { Said, Stream } from "../signal/messages.ts";
import type { People } from "./people.ts";
import { fits, type VideoSlot } from "./slots.ts";

type Assignment = Said<"slots">["slots"][number];

interface Line {
  readonly receiving: Receiving;
  assigned: Assignment | undefined;
  expected: Shown | undefined;
  showing: boolean;
}

export class Receivers {
  readonly #core: Core;
  readonly #people: People;
  readonly #playback: Playback;
  #lines: Line[] = [];

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
    }));
  }

  get videoSlots(): readonly VideoSlot[] {
    return this.#lines
      .map(({ receiving }) => receiving)
      .filter(({ slot }) => slot === "stage" || slot === "tile");
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
    const { slot, stream } = line.receiving;
    if (slot === "voice" || slot === "screen_audio") this.#playback.play(name, stream);
  }

  /** The moving picture of somebody, if it is being decrypted. */
  picture(participant: string, stream: Stream): MediaStream | undefined {
    return this.#find(participant, stream)?.receiving.stream;
  }

  speaking(participant: string): boolean {
    const line = this.#find(participant, "microphone");
    return line !== undefined && this.#playback.speaking(line.receiving.line);
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
    if (!member?.announcement.streams.includes(assigned.stream)) return undefined;
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
