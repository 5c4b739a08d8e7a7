// The link: `https://host/MEETING#FRAGMENT`. The fragment is the meeting's secret: read once, taken
// out of the address bar, kept in memory, put back beside the address only while the page is unloaded.

import { fromBase64url, toBase64url } from "../e2ee/base64url.ts";

const FRAGMENT_LEN = 65;
const SECRET_LEN = 32;

/** What an address means. */
export type Place =
  | { readonly page: "home" }
  | { readonly page: "start"; readonly token: string }
  | { readonly page: "meeting"; readonly meeting: string; readonly fragment: string }
  | { readonly page: "old" } // a link of the first stage, to a meeting that had no door
  | { readonly page: "broken" }; // a meeting's address whose secret is missing or damaged

const STAYS_AFTER_MS = 60_000;
const MEETING = /^\/([A-Za-z0-9_-]{21}[AQgw])$/;
const START = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;
// 65 bytes in 87 characters; the first byte says whose link it is: 2 a guest's, 3 the host's own, 4 one
// person's invite. The core says the rest.
const FRAGMENT = /^(?:A[g-z0-9_-]|B[A-P])[A-Za-z0-9_-]{84}[AEIMQUYcgkosw048]$/;
const FIRST_STAGE = /^A[Q-Za-f][A-Za-z0-9_-]{42}$/;
const HOST = /^A[w-z0-9_-]/;
const PERSONAL = /^B/;

export function readPlace(address: URL): Place {
  const fragment = address.hash.slice(1);
  if (address.pathname === "/start" && START.test(fragment))
    return { page: "start", token: fragment };
  const meeting = MEETING.exec(address.pathname)?.[1];
  if (meeting === undefined) return { page: "home" };
  if (FIRST_STAGE.test(fragment)) return { page: "old" };
  if (!FRAGMENT.test(fragment)) return { page: "broken" };
  return { page: "meeting", meeting, fragment };
}

/** A pasted link to a meeting of this server. */
export function readLink(text: string, origin: string): Place {
  try {
    const address = new URL(text.trim());
    const place = address.origin === origin ? readPlace(address) : undefined;
    return place?.page === "meeting" || place?.page === "old" ? place : { page: "broken" };
  } catch {
    return { page: "broken" };
  }
}

export function linkTo(origin: string, meeting: string, fragment: string): string {
  return `${origin}/${meeting}#${fragment}`;
}

/** The host's own link must never be given to anybody. */
export function isHostFragment(fragment: string): boolean {
  return HOST.test(fragment);
}

/** One person's invite: not to be passed on, and the same after the meeting's link was replaced. */
export function isPersonalFragment(fragment: string): boolean {
  return PERSONAL.test(fragment);
}

/** The host's own link after a replacement: the new secret of the guests' link, the old key. */
export function hostFragment(own: string, guests: string): string {
  const [mine, theirs] = [fromBase64url(own, FRAGMENT_LEN), fromBase64url(guests, FRAGMENT_LEN)];
  if (!mine || !theirs) return own;
  mine.set(theirs.subarray(1, 1 + SECRET_LEN), 1);
  return toBase64url(mine);
}

/** Keeps a secret out of the address bar, for as long as the page lives. */
export class AddressBar {
  readonly #window: Window;
  #secret = "";
  #stripping: ReturnType<typeof setTimeout> | undefined;

  constructor(window: Window) {
    this.#window = window;
    window.addEventListener("beforeunload", () => this.#restore());
    window.addEventListener("pagehide", () => this.#restore());
    window.addEventListener("pageshow", () => this.#strip());
  }

  /** What the address says; from now on it does not say the secret. */
  read(): Place {
    const address = new URL(this.#window.location.href);
    if (address.hash === "") address.hash = leftBehind(this.#window.history.state);
    this.#secret = address.hash.slice(1);
    this.#strip();
    return readPlace(address);
  }

  /** The link was replaced: a reload is to find the new one. */
  keep(secret: string): void {
    this.#secret = secret;
  }

  /** Shows another place of this app. */
  show(path: string, secret: string): void {
    this.#secret = secret;
    this.#window.history.replaceState(null, "", path);
  }

  // Beside the address, not in it: Chromium loads a page again from the address it had before, but
  // with the state it has now. A page that stays after all (a download, a navigation that failed)
  // takes it back.
  #restore(): void {
    if (this.#secret === "") return;
    const { history, location } = this.#window;
    history.replaceState({ secret: this.#secret }, "", location.pathname);
    clearTimeout(this.#stripping);
    this.#stripping = setTimeout(() => this.#strip(), STAYS_AFTER_MS);
  }

  #strip(): void {
    clearTimeout(this.#stripping);
    const { history, location } = this.#window;
    if (location.hash !== "" || history.state !== null)
      history.replaceState(null, "", location.pathname);
  }
}

function leftBehind(state: unknown): string {
  if (typeof state !== "object" || state === null || !("secret" in state)) return "";
  return typeof state.secret === "string" ? state.secret : "";
}
