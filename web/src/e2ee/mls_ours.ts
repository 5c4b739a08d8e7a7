// Members of ours by the commands of tests/e2ee/mls_peer.h: behind a pipe (native), and as WebAssembly with
// the browser's provider.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { CoreMemory } from "./memory.ts";
import type { Change, Heard, Kind, Member, Offer } from "./mls_member.ts";
import { provider } from "./provider.ts";
import { Sodium } from "./sodium.ts";
import { aeadImports } from "./testing_aead.ts";

interface Border {
  ask(line: string): Promise<string>;
  /** The word that means these bytes in the next line. */
  word(bytes: Uint8Array): string;
  /** The bytes that a word of the last answer means. */
  bytes(word: string | undefined): Uint8Array;
}

const hex = (bytes: Uint8Array) => (bytes.length > 0 ? Buffer.from(bytes).toString("hex") : "-");
const unhex = (word: string | undefined) =>
  new Uint8Array(word && word !== "-" ? Buffer.from(word, "hex") : []);

class Ours implements Member {
  readonly kind: string;
  readonly #border: Border;
  readonly #number: number;
  #suite = 0;

  constructor(kind: string, border: Border, number: number) {
    this.kind = kind;
    this.#border = border;
    this.#number = number;
  }

  async #tell(command: string, ...words: string[]): Promise<string[]> {
    const answer = await this.#border.ask([command, this.#number, ...words].join(" "));
    if (answer.startsWith("!")) throw new Error(`${this.kind} ${command}: error ${answer}`);
    return answer.split(" ");
  }

  cannot() {
    return undefined;
  }
  async begin(suite: number, before?: number): Promise<void> {
    this.#suite = suite;
    await this.#tell("new", String(suite), ...(before === undefined ? [] : [String(before)]));
  }
  async successor(number: number) {
    const member = new Ours(this.kind, this.#border, number);
    await member.begin(this.#suite, this.#number);
    return member;
  }
  async follows() {
    await this.#tell("follows");
  }
  async keyPackage() {
    return this.#border.bytes((await this.#tell("package"))[0]);
  }
  async create(groupId: Uint8Array) {
    await this.#tell("create", hex(groupId));
  }
  async join(welcome: Uint8Array) {
    await this.#tell("join", this.#border.word(welcome));
  }
  async joinExternal(info: Uint8Array, psk = false) {
    return this.#border.bytes(
      (await this.#tell("external", this.#border.word(info), ...(psk ? ["psk"] : [])))[0],
    );
  }
  async info() {
    return this.#border.bytes((await this.#tell("info"))[0]);
  }
  async commit(change: Change) {
    const words = [
      ...(change.public ? ["public"] : []),
      ...(change.psk ? ["psk"] : []),
      ...(change.resume ? ["resume"] : []),
      ...(change.reinit ? [`reinit=${hex(change.reinit)}`] : []),
      ...(change.add ?? []).map((add) => `add=${hex(add)}`),
      ...(change.remove ?? []).map((leaf) => `remove=${leaf}`),
    ];
    const [commit, welcome] = await this.#tell("commit", ...words);
    return { commit: this.#border.bytes(commit), welcome: this.#border.bytes(welcome) };
  }
  async propose(offer: Offer, open: boolean) {
    const word =
      offer.kind === "add"
        ? `add=${hex(offer.add)}`
        : offer.kind === "remove"
          ? `remove=${offer.remove}`
          : offer.kind;
    return this.#border.bytes((await this.#tell("propose", ...(open ? ["public"] : []), word))[0]);
  }
  async seal(text: string) {
    return this.#border.bytes((await this.#tell("seal", hex(Buffer.from(text))))[0]);
  }
  async hear(message: Uint8Array) {
    const [kind, text] = await this.#tell("hear", this.#border.word(message));
    return { kind: kind as Heard["kind"], text: Buffer.from(this.#border.bytes(text)).toString() };
  }
  async state() {
    const [epoch, authenticator, members, leaf] = await this.#tell("state");
    return {
      epoch: Number(epoch),
      authenticator: authenticator ?? "",
      members: Number(members),
      leaf: Number(leaf),
    };
  }
  async leave() {
    await this.#tell("free");
  }
}

async function ours(kind: string, border: Border, number: number, suite: number): Promise<Member> {
  const member = new Ours(kind, border, number);
  await member.begin(suite);
  return member;
}

export function native(program: string): Kind {
  const peer = spawn(program, { stdio: ["pipe", "pipe", "inherit"] });
  const answers = createInterface(peer.stdout)[Symbol.asyncIterator]();
  const ask = async (line: string) => {
    peer.stdin.write(`${line}\n`);
    const { value, done } = await answers.next();
    if (done) throw new Error(`the native peer ended at: ${line.slice(0, 80)}`);
    return String(value);
  };
  return {
    name: "native",
    cpu: () => Number(readFileSync(`/proc/${peer.pid}/schedstat`, "utf8").split(" ")[0]) / 1e6,
    member: (number, suite) => ours("native", { ask, word: hex, bytes: unhex }, number, suite),
    end: () => peer.stdin.end(),
  };
}

interface Exports {
  readonly memory: WebAssembly.Memory;
  _initialize(): void;
  line(length: number): number;
  hand(length: number): number;
  obey(line: number): number;
}

export async function wasm(file: string): Promise<Kind> {
  const memory = new CoreMemory();
  const sodium = await Sodium.load();
  const incamera = {
    ...provider(memory),
    ...aeadImports(memory),
    ...sodium.imports(memory),
  };
  const system = new Proxy({}, { get: () => () => 52 }); // abort() says so first
  const imports = { incamera, wasi_snapshot_preview1: system };
  const { instance } = await WebAssembly.instantiate(readFileSync(file), imports);
  const exports = instance.exports as unknown as Exports;
  memory.attach(exports.memory);
  exports._initialize();
  const ask = async (line: string) => {
    const at = exports.line(line.length);
    Buffer.from(exports.memory.buffer, at, line.length + 1).write(`${line}\0`, "latin1");
    const answer = exports.obey(at);
    if (answer === 0) throw new Error(`no command: ${line.slice(0, 80)}`);
    const rest = Buffer.from(exports.memory.buffer, answer);
    return rest.toString("latin1", 0, rest.indexOf(0));
  };
  const word = (bytes: Uint8Array) => {
    memory.at(exports.hand(bytes.length), bytes.length).set(bytes);
    return "@";
  };
  const bytes = (word: string | undefined) => {
    const [, at, length] = /^@(\d+)\+(\d+)$/.exec(word ?? "") ?? [];
    return at === undefined ? new Uint8Array() : memory.copy(Number(at), Number(length));
  };
  return {
    name: "WebAssembly",
    member: (number, suite) => ours("WebAssembly", { ask, word, bytes }, number, suite),
    end: () => undefined,
  };
}
