// All that the worker with the group does, apart from being a worker.

import { fromBase64url, toBase64url } from "./base64url.ts";
import type { CoreEvent } from "./core.ts";
import { GroupModule } from "./group_module.ts";
import type { KeyOrder } from "./key_orders.ts";
import { wipe } from "./memory.ts";
import type { CallTable, GroupCalls } from "./messages.ts";
import { passcodeKey, wordsKey } from "./passcode.ts";

const ID_LEN = 16;

export interface Surroundings {
  readonly emit: (event: CoreEvent) => void;
  readonly order: (order: KeyOrder) => void;
  readonly fetchWasm: (address: string) => Promise<BufferSource>;
  readonly now: () => number; // ms, monotonic
  readonly wallAtZero: number; // ms since 1970 when `now` was 0
}

export class Group {
  readonly #around: Surroundings;
  #module: GroupModule | undefined;
  #opened = false;
  #meeting: Uint8Array = new Uint8Array();

  constructor(around: Surroundings) {
    this.#around = around;
  }

  readonly calls: CallTable<GroupCalls> = {
    load: async (wasm) => {
      const { fetchWasm, order } = this.#around;
      this.#module = await GroupModule.load(await fetchWasm(wasm), order);
    },
    makeLink: () => this.#core.conference.makeLink(),
    proofs: async (fragment) => {
      const proofs = this.#core.conference.proofs(fragment);
      if ("fault" in proofs) return proofs;
      const { isHost, admission, host } = proofs;
      const forAll = { proof: toBase64url(admission), hash: await hashOf(admission) };
      return isHost ? { ...forAll, host: toBase64url(host), hostHash: await hashOf(host) } : forAll;
    },
    openGroup: (fragment, meeting, called) => {
      if (this.#opened) throw new Error("a link is open already");
      this.#meeting = bytesOf(meeting);
      const { wallAtZero } = this.#around;
      this.#opened = this.#core.openGroup(fragment, this.#meeting, called, wallAtZero);
      return this.#opened;
    },
    hear: (heard) => {
      this.#open.conference.hear(heard, this.#around.now());
      this.#tell();
    },
    wish: (wish) => {
      const granted = this.#open.conference.wish(wish, this.#around.now());
      this.#tell();
      return granted;
    },
    passcode: async (text) => {
      const key = await passcodeKey(text, this.#meeting);
      if (!key) return false;
      const taken = this.#open.conference.wish({ wish: "passcode", key }, this.#around.now());
      wipe(key);
      this.#tell();
      return taken;
    },
    setPasscode: async (text) => {
      const key = text === null ? new Uint8Array() : await passcodeKey(text, this.#meeting);
      if (!key) return false;
      const { conference } = this.#open;
      const granted = conference.wish({ wish: "set_passcode", key }, this.#around.now());
      wipe(key);
      this.#tell();
      return granted;
    },
    words: async () => {
      const { conference } = this.#open;
      const authenticator = conference.authenticator();
      return authenticator && conference.words(await wordsKey(authenticator, this.#meeting));
    },
    safety: (participant) => this.#open.conference.safety(participant),
    groupEpoch: () => (this.#opened ? this.#core.conference.epoch : 0),
    authenticator: () => {
      const bytes = this.#open.conference.authenticator();
      return bytes && toBase64url(bytes);
    },
  };

  /** Ten times a second: commits and keys that are due. */
  tick(): void {
    if (!this.#opened) return;
    this.#core.conference.tick(this.#around.now());
    this.#tell();
  }

  #tell(): void {
    const { conference } = this.#core;
    for (const message of conference.says()) this.#around.emit({ type: "say", message });
    for (const event of conference.events()) this.#around.emit({ type: "group", event });
  }

  get #core(): GroupModule {
    if (!this.#module) throw new Error("the core is not loaded");
    return this.#module;
  }

  get #open(): GroupModule {
    if (!this.#opened) throw new Error("no link is open");
    return this.#core;
  }
}

function bytesOf(id: string): Uint8Array {
  const bytes = fromBase64url(id, ID_LEN);
  if (!bytes) throw new Error("not an id");
  return bytes;
}

async function hashOf(bytes: Uint8Array): Promise<string> {
  return toBase64url(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as BufferSource)));
}
