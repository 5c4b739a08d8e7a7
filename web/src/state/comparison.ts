// Comparing the words of an epoch aloud: those that are shown stay still while they are, and every
// answer counts for the epoch that it names and for no other.

import type { Comparison as Answer, GroupEvent } from "../e2ee/conference_values.ts";
import { COMPARISONS } from "../e2ee/conference_values.ts";
import type { Words } from "../e2ee/core.ts";

export interface ComparisonWorld {
  readonly words: () => Promise<Words | undefined>;
  readonly say: (said: Answer) => void;
  readonly epoch: () => number;
  readonly others: () => number; // people
  readonly changed: () => void;
}

type Seen = Exclude<Answer, "asked">;

interface Said {
  readonly epoch: number;
  readonly answer: Seen;
}

const OFFERED_AFTER_MS = 60_000;
const OFFERED_TO = 5; // others at most: all of a larger meeting are not heard in twenty seconds

export class Comparing {
  readonly #world: ComparisonWorld;
  readonly #said = new Map<string, Said>(); // participants, oneself not
  #asker: { readonly participant: string; readonly epoch: number } | undefined;
  #shown: { readonly epoch: number; readonly words?: Words } | undefined;
  #own: Said | undefined;
  #offer: "later" | "now" | "never" | undefined; // said once a stay, and then never again
  #offering: ReturnType<typeof setTimeout> | undefined;

  constructor(world: ComparisonWorld) {
    this.#world = world;
  }

  get shown(): Words | undefined {
    return this.#shown?.words;
  }

  get open(): boolean {
    return this.#shown !== undefined;
  }

  /** Somebody came or went since: the words that are shown are not those of now. */
  get stale(): boolean {
    return this.#shown !== undefined && this.#shown.epoch !== this.#world.epoch();
  }

  /** Of the words that are shown, or else of those of now. */
  get epoch(): number {
    return this.#shown?.epoch ?? this.#world.epoch();
  }

  get own(): Seen | undefined {
    return this.#own?.epoch === this.epoch ? this.#own.answer : undefined;
  }

  /** Who asked to compare the words of now, and was not answered yet. */
  get asker(): string | undefined {
    const asked = this.#asker?.epoch === this.#world.epoch() && !this.#shown;
    return asked && this.own === undefined ? this.#asker?.participant : undefined;
  }

  /** Nobody compared yet, and it would be quick. */
  get offered(): boolean {
    const others = this.#world.others();
    return this.#offer === "now" && others >= 1 && others <= OFFERED_TO && !this.asker;
  }

  /** A minute after one came in. */
  offerLater(): void {
    if (this.#offer !== undefined) return;
    this.#offer = "later";
    this.#offering = setTimeout(() => {
      if (this.#offer === "later") this.#offer = "now";
      this.#world.changed();
    }, OFFERED_AFTER_MS);
  }

  answerOf(participant: string): Seen | undefined {
    const said = this.#said.get(participant);
    return said?.epoch === this.epoch ? said.answer : undefined;
  }

  /** Shows the words of now, and asks the others to look at theirs. */
  async begin(): Promise<void> {
    this.#offer = "never";
    const epoch = this.#world.epoch();
    const asked = this.#asker?.epoch === epoch;
    this.#shown = { epoch };
    this.#world.changed();
    const words = await this.#world.words();
    if (this.#shown?.epoch !== epoch) return; // closed meanwhile, or begun anew
    if (this.#world.epoch() !== epoch) return this.begin();
    this.#shown = words ? { epoch, words } : undefined;
    if (words && !asked) {
      this.#asker = { participant: "", epoch };
      this.#world.say("asked");
    }
    this.#world.changed();
  }

  /** Not when the words are of another epoch than now: it would be said of other words. */
  say(answer: Seen): void {
    if (!this.#shown?.words || this.stale) return;
    this.#own = { epoch: this.#shown.epoch, answer };
    this.#world.say(answer);
    this.#world.changed();
  }

  /** Looks again, after a mistake. */
  takeBack(): void {
    this.#own = undefined;
    this.#world.changed();
  }

  close(): void {
    this.#shown = undefined;
    this.#world.changed();
  }

  later(): void {
    this.#asker = undefined;
    this.#offer = "never";
    this.#world.changed();
  }

  /** A "compare" event. True: somebody says that the words of now are different. */
  heard({ participant, epoch, number }: GroupEvent): boolean {
    const answer = COMPARISONS[number];
    if (answer === undefined) return false;
    if (answer === "asked") this.#asker = { participant, epoch };
    else this.#said.set(participant, { epoch, answer });
    return answer === "different" && epoch === this.#world.epoch();
  }

  /** Until they see the same: whoever sits in between could begin a new epoch. */
  differs(participant: string): boolean {
    return this.#said.get(participant)?.answer === "different";
  }

  left(participant: string): void {
    this.#said.delete(participant);
  }

  /** One has left. */
  end(): void {
    this.clear();
    clearTimeout(this.#offering);
  }

  clear(): void {
    this.#said.clear();
    this.#asker = undefined;
    this.#shown = undefined;
    this.#own = undefined;
  }
}
