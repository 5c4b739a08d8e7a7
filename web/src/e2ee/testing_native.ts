// For tests: the native conference (tests/e2ee/conference_peer.c) with the exports of the one in
// WebAssembly. Its calls return when they are done, so it is asked over two named pipes.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Conference, type ConferenceExports } from "./conference.ts";

const PIECE_AT = 8; // anywhere but 0, which is no memory
const READ_SIZE = 65536;

export class NativeConference {
  readonly conference: Conference;
  readonly #folder = mkdtempSync(join(tmpdir(), "incamera-"));
  readonly #child: ChildProcess;
  readonly #questions: number;
  readonly #answers: number;
  #memory = new ArrayBuffer(PIECE_AT);

  constructor(program: string) {
    const [to, from] = ["to", "from"].map((name) => join(this.#folder, name)) as [string, string];
    if (spawnSync("mkfifo", [to, from]).status !== 0) throw new Error("no named pipes");
    const ends = [openSync(to, "r+"), openSync(from, "r+")] as const; // neither waits for the other
    this.#child = spawn(program, { stdio: [...ends, "inherit"] });
    this.#questions = openSync(to, "w");
    this.#answers = openSync(from, "r");
    for (const end of ends) closeSync(end);
    this.conference = new Conference(this.#exports(), () => this.#memory);
  }

  end(): void {
    closeSync(this.#questions);
    closeSync(this.#answers);
    this.#child.kill();
    rmSync(this.#folder, { recursive: true });
  }

  #exports(): ConferenceExports {
    const call =
      (name: string) =>
      (...numbers: number[]) =>
        this.#ask(name, numbers);
    return {
      piece: (size) => {
        this.#memory = new ArrayBuffer(PIECE_AT + size);
        return PIECE_AT;
      },
      piece_at: () => PIECE_AT,
      link_proofs: () => -1, // not asked for
      link_make: call("link_make"),
      conference_open: call("conference_open"),
      conference_hear: call("conference_hear"),
      conference_wish: call("conference_wish"),
      conference_tick: call("conference_tick"),
      conference_epoch: call("conference_epoch"),
      conference_say: call("conference_say"),
      conference_event: call("conference_event"),
      conference_authenticator: call("conference_authenticator"),
      words: () => 0, // not asked for
      conference_safety: () => 0,
    };
  }

  #ask(name: string, numbers: readonly number[]): number {
    const piece = Buffer.from(this.#memory, PIECE_AT).toString("hex") || "-";
    writeSync(this.#questions, `${[name, piece, ...numbers].join(" ")}\n`);
    const [result, answer = ""] = this.#line().split(" ");
    const bytes = Buffer.from(answer, "hex");
    this.#memory = new ArrayBuffer(PIECE_AT + bytes.length);
    new Uint8Array(this.#memory, PIECE_AT).set(bytes);
    return Number(result);
  }

  #line(): string {
    const bytes = Buffer.alloc(READ_SIZE);
    let line = "";
    while (!line.endsWith("\n")) {
      const len = readSync(this.#answers, bytes);
      if (len === 0) throw new Error("the native conference ended");
      line += bytes.toString("latin1", 0, len);
    }
    return line.trimEnd();
  }
}
