// Whom one has checked: the two compared their number over another way, and it was the same. That holds
// for the key of that person, and whoever comes with the name of a checked one and another key is told
// loudly (SEC-08).

import type { Safety } from "../e2ee/core.ts";
import { likeness } from "./names.ts";

export interface ChecksWorld {
  readonly safety: (participant: string) => Promise<Safety | undefined>;
  readonly keeper: CheckKeeper;
  readonly changed: () => void;
  /** Somebody has the name of a checked person, who is not here, and another key. */
  readonly keyChanged: (name: string) => void;
}

/** One that was checked; both as the keeper sealed them. */
export interface Checked {
  readonly key: string;
  readonly name: string;
}

/** Where checks outlast the page, or not. */
export interface CheckKeeper {
  readonly load: () => Promise<readonly Checked[]>;
  readonly save: (checked: readonly Checked[]) => void;
  /** The same text gives the same, and nobody reads the text from it. */
  readonly seal: (text: string) => Promise<string>;
}

export type Check = "checked" | "changed" | "different";

interface Here extends Checked {
  readonly shownName: string;
}

export interface OpenCheck {
  readonly participant: string;
  readonly number?: readonly string[]; // absent while it is made
  readonly key?: string; // sealed
}

export class Checks {
  readonly #world: ChecksWorld;
  readonly #here = new Map<string, Here>(); // by participant
  readonly #names = new Map<string, string>(); // of who is here, by participant: known before the key is
  readonly #asking = new Map<string, object>(); // whose key was asked for last, by participant
  readonly #different = new Set<string>(); // keys
  #checked: readonly Checked[] = [];
  #alarmed = new Set<string>(); // keys of which was told already
  #open: OpenCheck | undefined;
  readonly #loaded: Promise<void>;

  constructor(world: ChecksWorld) {
    this.#world = world;
    this.#loaded = world.keeper.load().then(
      (checked) => {
        this.#checked = checked;
      },
      () => {}, // the browser keeps nothing: then it holds as long as the page
    );
  }

  get open(): OpenCheck | undefined {
    return this.#open;
  }

  of(participant: string): Check | undefined {
    const here = this.#here.get(participant);
    if (!here) return undefined;
    if (this.#different.has(here.key)) return "different";
    if (this.#isChecked(here.key)) return "checked";
    return this.#isAnother(here) ? "changed" : undefined;
  }

  /** Somebody is here, perhaps with another key than before. */
  async met(participant: string, name: string): Promise<void> {
    this.#names.set(participant, name);
    await this.#keyOf(participant);
  }

  // Asks for the key anew. Null: somebody asked later, or they went meanwhile; then this answer is old.
  async #keyOf(participant: string): Promise<Safety | undefined | null> {
    const { keeper, safety } = this.#world;
    const name = this.#names.get(participant);
    if (name === undefined) return undefined;
    const asked = {};
    this.#asking.set(participant, asked);
    const [found] = await Promise.all([safety(participant), this.#loaded]);
    if (!found) return undefined;
    const [key, sealedName] = await Promise.all([
      keeper.seal(found.key),
      keeper.seal(likeness(name)),
    ]);
    if (this.#asking.get(participant) !== asked) return null;
    this.#here.set(participant, { key, name: sealedName, shownName: name });
    this.#look();
    return found;
  }

  left(participant: string): void {
    this.#names.delete(participant);
    this.#asking.delete(participant);
    this.#here.delete(participant);
    if (this.#open?.participant === participant) this.#open = undefined;
    this.#look();
  }

  /** Shows the number to compare with this person. */
  async begin(participant: string): Promise<void> {
    const open: OpenCheck = { participant };
    this.#open = open;
    this.#world.changed();
    let found = await this.#keyOf(participant);
    while (found === null && this.#open === open) found = await this.#keyOf(participant);
    if (this.#open !== open) return; // closed meanwhile, or begun anew
    const key = this.#here.get(participant)?.key;
    this.#open =
      found && key !== undefined ? { participant, number: found.number, key } : undefined;
    this.#world.changed();
  }

  /** Of the number that is shown. Who has another key since has another number, which is shown then. */
  say(answer: "same" | "different"): void {
    const { participant = "", key } = this.#open ?? {};
    const here = this.#here.get(participant);
    if (!here || key === undefined) return;
    if (here.key !== key) return void this.begin(participant);
    const others = this.#checked.filter((one) => one.key !== key && one.name !== here.name);
    if (answer === "same") {
      this.#different.delete(key);
      this.#checked = [...others, { key, name: here.name }];
      this.#open = undefined;
    } else {
      this.#different.add(key);
      this.#checked = this.#checked.filter((one) => one.key !== key);
    }
    this.#world.keeper.save(this.#checked);
    this.#world.changed();
  }

  close(): void {
    this.#open = undefined;
    this.#world.changed();
  }

  /** In another group: who is here is told anew. */
  clear(): void {
    this.#names.clear();
    this.#asking.clear();
    this.#here.clear();
    this.#open = undefined;
  }

  #isChecked(key: string): boolean {
    return this.#checked.some((one) => one.key === key);
  }

  // As long as the checked one is here too, this is somebody of the same name.
  #isAnother({ key, name }: Here): boolean {
    const keys = new Set([...this.#here.values()].map((one) => one.key));
    const before = this.#checked.filter((one) => one.name === name);
    return before.length > 0 && before.every((one) => one.key !== key && !keys.has(one.key));
  }

  #look(): void {
    for (const here of this.#here.values()) {
      const another = !this.#isChecked(here.key) && this.#isAnother(here);
      if (!another || this.#alarmed.has(here.key)) continue;
      this.#alarmed.add(here.key);
      this.#world.keyChanged(here.shownName);
    }
    this.#world.changed();
  }
}
