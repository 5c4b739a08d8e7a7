// Links for one person each, as those who may change settings see them. Whom one is for is known here
// alone; the link too, to whoever made it.

import type { GroupEvent } from "../e2ee/conference_values.ts";

export interface PersonalInvite {
  readonly number: number;
  readonly label?: string;
  readonly fragment?: string; // whoever made it has it
}

export class Invites {
  readonly #good = new Map<number, PersonalInvite>();
  #labels: string[] = []; // of those asked for, in their order

  get good(): readonly PersonalInvite[] {
    return [...this.#good.values()];
  }

  get(number: number): PersonalInvite | undefined {
    return this.#good.get(number);
  }

  asked(label: string): void {
    this.#labels.push(label);
  }

  notMade(label: string): void {
    this.#labels = this.#labels.filter((one) => one !== label);
  }

  /** An "invite" event. */
  heard({ epoch: number, number: good, text }: GroupEvent): void {
    if (good !== 1) {
      this.#good.delete(number);
      return;
    }
    const known = this.#good.get(number);
    const label = known?.label ?? (text === "" ? undefined : this.#labels.shift());
    const fragment = text === "" ? known?.fragment : text;
    this.#good.set(number, {
      number,
      ...(label ? { label } : {}),
      ...(fragment === undefined ? {} : { fragment }),
    });
  }

  clear(): void {
    this.#good.clear();
    this.#labels = [];
  }
}
