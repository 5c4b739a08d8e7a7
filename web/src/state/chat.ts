// What is written in the meeting: held here as long as one is in it, and nowhere else. Who said it comes
// from the leaf that signed it; nothing from before one came in is here (CHT-11, CHT-12).

import {
  type ChatPart,
  type Link,
  type Owner,
  partsOf,
  resembled,
  withOwned,
} from "./chat_links.ts";

/** IC_DOOR_CHAT_MAX, in characters. */
export const CHAT_MOST = 2000;
const KEPT = 1000; // messages

export interface Said {
  readonly key: string;
  readonly participant: string;
  readonly name: string; // in the leaf when it was said
  readonly isHost: boolean;
  readonly at: number; // ms since 1970
  readonly text: string;
  readonly parts: readonly ChatPart[];
  /** What a link of it could be taken for; by its target. */
  readonly resembles: ReadonlyMap<string, string>;
  readonly failed: boolean;
}

interface Sender {
  readonly participant: string;
  readonly name: string;
  readonly isHost: boolean;
}

export interface ChatWorld {
  /** Loads what knows which part of a host is somebody's. */
  readonly owner: () => Promise<Owner>;
  readonly changed: () => void;
}

export class Chat {
  /** Others were here before: what they wrote until then was not sent here. */
  cameLater = false;
  #said: readonly Said[] = [];
  #count = 0;
  #linksAllowed = false; // to guests
  readonly #server: string;
  readonly #world: ChatWorld;
  #owner: Owner | undefined; // until it is there, the whole host counts
  #hosts: Set<string>; // of links so far, and the server's

  constructor(server: string, world: ChatWorld) {
    this.#server = server;
    this.#world = world;
    this.#hosts = new Set([server]);
  }

  /** On coming in, before there is a link: the server sees that this is loaded, and not why. */
  async prepare(): Promise<void> {
    this.#owner ??= await this.#world.owner().catch(() => undefined);
    this.#readAgain();
    this.#world.changed();
  }

  get said(): readonly Said[] {
    return this.#said;
  }

  /** Its key. */
  add(sender: Sender, text: string, at: number): string {
    const { participant, name, isHost } = sender;
    this.#count += 1;
    const key = `${this.#count}`;
    const said = { participant, name, isHost, key, at, text, failed: false };
    this.#said = [...this.#said, { ...said, ...this.#read(said) }].slice(-KEPT);
    return key;
  }

  /** A host lets guests' addresses be links, or no longer: also those that are here (CHT-03). */
  allowLinks(allowed: boolean): void {
    if (allowed === this.#linksAllowed) return;
    this.#linksAllowed = allowed;
    this.#readAgain();
  }

  setFailed(key: string | undefined): void {
    this.#said = this.#said.map((said) => (said.key === key ? { ...said, failed: true } : said));
  }

  newestOf(participant: string | undefined): string | undefined {
    return this.#said.filter((one) => one.participant === participant).at(-1)?.key;
  }

  /** Is about to be said again; gives its text. */
  takeBack(key: string): string | undefined {
    const said = this.#said.find((one) => one.key === key && one.failed);
    if (said) this.#said = this.#said.filter((one) => one !== said);
    return said?.text;
  }

  clear(): void {
    this.#said = [];
    this.#hosts.clear();
  }

  #readAgain(): void {
    this.#hosts = new Set([this.#server]);
    this.#said = this.#said.map((said) => ({ ...said, ...this.#read(said) }));
  }

  #read({ text, isHost }: Pick<Said, "text" | "isHost">): Pick<Said, "parts" | "resembles"> {
    const linked = isHost || this.#linksAllowed;
    const found: readonly ChatPart[] = linked ? partsOf(text) : [{ what: "text", text }];
    const owner = this.#owner;
    const parts = typeof owner === "function" ? found.map((part) => withOwned(part, owner)) : found;
    const links = parts.flatMap((part) => (part.what === "link" ? [part.link] : []));
    return { parts, resembles: this.#resemblances(links) };
  }

  #resemblances(links: readonly Link[]): ReadonlyMap<string, string> {
    const found = new Map<string, string>();
    for (const link of links) {
      const other = resembled(link, this.#hosts);
      if (other !== undefined) found.set(link.target, other);
      this.#hosts.add(link.host);
    }
    return found;
  }
}

// src/e2ee/door/text.c refuses them: they are not seen, and turn or break what is around them.
const UNSEEN =
  /\u034f|(?![\n\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]|[\u115f\u1160\u3164\uffa0]|[\u17b4\u17b5]|[\u180b-\u180f]|[\ufdd0-\ufdef]|[\ufff0-\uffff]|[\u{e0000}-\u{e0fff}]/gu;

/** As it will be said. */
export function cleaned(typed: string): string {
  return typed
    .normalize("NFC")
    .replace(/\r\n?/g, "\n")
    .replaceAll("\t", " ")
    .replace(UNSEEN, "")
    .trim();
}

/** How many characters it has more than may be said. */
export function excess(text: string): number {
  return Math.max(0, [...text].length - CHAT_MOST);
}
