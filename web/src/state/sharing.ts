// The own shared screen: on a press, until a press or until the browser's own bar ends it.

import type { Source } from "../media/peer.ts";
import { canShare, type Shared, shareScreen } from "../media/screen.ts";

export class Sharing {
  readonly #changed: () => void;
  #shared: Shared | undefined;
  #asking = false;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get isPossible(): boolean {
    return canShare();
  }

  get preview(): MediaStream | undefined {
    return this.#shared?.preview;
  }

  get picture(): Source | null {
    if (!this.#shared) return null;
    const { picture } = this.#shared;
    const { height } = picture.getSettings();
    return { track: picture, ...(height === undefined ? {} : { height }) };
  }

  get sound(): Source | null {
    return this.#shared?.sound ? { track: this.#shared.sound } : null;
  }

  async toggle(): Promise<void> {
    if (this.#shared) {
      this.stop();
      return;
    }
    if (this.#asking) return;
    this.#asking = true;
    this.#shared = await shareScreen(() => this.stop());
    this.#asking = false;
    this.#changed();
  }

  stop(): void {
    if (!this.#shared) return;
    this.#shared.stop();
    this.#shared = undefined;
    this.#changed();
  }
}
