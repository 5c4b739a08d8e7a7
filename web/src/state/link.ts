// The link: `https://host/MEETING#FRAGMENT`. The fragment is the meeting's secret: read once, taken
// out of the address bar, kept in memory, put back beside the address only while the page is unloaded.

/** What an address means. */
export type Place =
  | { readonly page: "home" }
  | { readonly page: "start"; readonly token: string }
  | { readonly page: "meeting"; readonly meeting: string; readonly fragment: string }
  | { readonly page: "broken" }; // a meeting's address whose secret is missing or damaged

const STAYS_AFTER_MS = 60_000;
const MEETING = /^\/([A-Za-z0-9_-]{21}[AQgw])$/;
const START = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;
// 33 bytes in 44 characters; the first byte is the version, 1.
const FRAGMENT = /^A[Q-Za-f][A-Za-z0-9_-]{42}$/;

export function readPlace(address: URL): Place {
  const fragment = address.hash.slice(1);
  if (address.pathname === "/start" && START.test(fragment))
    return { page: "start", token: fragment };
  const meeting = MEETING.exec(address.pathname)?.[1];
  if (meeting === undefined) return { page: "home" };
  if (!FRAGMENT.test(fragment)) return { page: "broken" };
  return { page: "meeting", meeting, fragment };
}

/** A pasted link to a meeting of this server. */
export function readLink(text: string, origin: string): Place {
  try {
    const address = new URL(text.trim());
    const place = address.origin === origin ? readPlace(address) : undefined;
    return place?.page === "meeting" ? place : { page: "broken" };
  } catch {
    return { page: "broken" };
  }
}

export function linkTo(origin: string, meeting: string, fragment: string): string {
  return `${origin}/${meeting}#${fragment}`;
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
