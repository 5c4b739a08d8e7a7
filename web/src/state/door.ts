// The door from inside: who waits, as those who may let in see it.

import type { GroupEvent } from "../e2ee/conference_values.ts";

export interface Knocker {
  readonly participant: string;
  readonly name: string; // typed by themselves
  readonly before: number;
  readonly invite: number; // of a personal invite; 0: has the link
  readonly asked?: string;
  readonly answer?: string;
  readonly deciding: boolean;
}

export class Door {
  readonly #waiting = new Map<string, Knocker>(); // in order of coming

  get waiting(): readonly Knocker[] {
    return [...this.#waiting.values()];
  }

  /** True: somebody new. */
  knocked({ participant, text, number, epoch }: GroupEvent): boolean {
    const known = this.#waiting.get(participant);
    const fresh = { participant, name: text, before: number, invite: epoch, deciding: false };
    this.#waiting.set(participant, { ...known, ...fresh });
    return !known;
  }

  answered({ participant, text }: GroupEvent): void {
    this.#change(participant, { answer: text });
  }

  gone({ participant }: GroupEvent): void {
    this.#waiting.delete(participant);
  }

  asked(participant: string, question: string): void {
    const knocker = this.#waiting.get(participant);
    if (!knocker) return;
    const { answer: _, ...rest } = knocker;
    this.#waiting.set(participant, { ...rest, asked: question });
  }

  deciding(participant: string): void {
    this.#change(participant, { deciding: true });
  }

  /** What was decided did not come about: it may be decided again. */
  undecided(): void {
    for (const { participant } of this.waiting) this.#change(participant, { deciding: false });
  }

  clear(): void {
    this.#waiting.clear();
  }

  #change(participant: string, changes: Partial<Knocker>): void {
    const knocker = this.#waiting.get(participant);
    if (knocker) this.#waiting.set(participant, { ...knocker, ...changes });
  }
}
