// A page that nobody looks at takes no picture: a second after it went out of sight the camera pauses,
// and it goes on when the page is back. Whoever shares a screen is looking at something else because of
// the meeting, and stays in the picture.

import type { Capture } from "../media/capture.ts";

const PAUSE_AFTER_MS = 1000;

export class Away {
  readonly #camera: Pick<Capture, "pause" | "resume">;
  readonly #isPresenting: () => boolean;
  #hidden = false;
  #pausing: ReturnType<typeof setTimeout> | undefined;

  constructor(camera: Pick<Capture, "pause" | "resume">, isPresenting: () => boolean) {
    this.#camera = camera;
    this.#isPresenting = isPresenting;
  }

  /** The page went out of sight or came back, or the sharing of a screen began or ended. */
  look(hidden = this.#hidden): void {
    this.#hidden = hidden;
    if (hidden && !this.#isPresenting()) {
      this.#pausing ??= setTimeout(() => this.#camera.pause(), PAUSE_AFTER_MS);
      return;
    }
    this.close();
    void this.#camera.resume();
  }

  close(): void {
    clearTimeout(this.#pausing);
    this.#pausing = undefined;
  }
}
