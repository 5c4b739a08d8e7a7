// What of a chat message may be pressed: addresses that say plainly where they go (CHT-01, 04, 07).
// All else stays text, and what looks like an address but hides where it goes is marked.

import { lookOf, mixesScripts } from "./looks.ts";

export interface Link {
  readonly target: string; // what is opened
  readonly user: string; // "maya@" of a mail address, else empty
  readonly host: string; // in ASCII
  readonly owned?: string; // the end of it that somebody registered; absent while that is not known
  readonly typed?: string; // the host as it was typed, where that has other letters
  readonly rest: string; // after the host
}

export type ChatPart =
  | { readonly what: "text"; readonly text: string }
  | { readonly what: "link"; readonly link: Link }
  | { readonly what: "hiding"; readonly text: string };

const CANDIDATE = /(?<![\p{L}\p{N}_.+-])(?:https:\/\/|mailto:)[^\s<>"]+/giu;

// What belongs to the sentence around it; a bracket that was opened in the address is its own.
function withoutEnd(found: string): string {
  const shorter = found.slice(0, -1);
  if (/[.,;:!?'’”»…\]}]$/u.test(found)) return withoutEnd(shorter);
  const closes = found.split(")").length > found.split("(").length;
  return found.endsWith(")") && closes ? withoutEnd(shorter) : found;
}

/** What somebody registered of a host (owned.ts). */
export type Owner = (host: string) => string | undefined;

/** With what is registered of its host. */
export function withOwned(part: ChatPart, ownedPart: Owner): ChatPart {
  if (part.what !== "link") return part;
  const owned = ownedPart(part.link.host.replace(/:\d+$/, ""));
  return owned === undefined ? part : { ...part, link: { ...part.link, owned } };
}

/** The text in its order, nothing added and nothing lost. */
export function partsOf(text: string): readonly ChatPart[] {
  const parts: ChatPart[] = [];
  let end = 0;
  for (const found of text.matchAll(CANDIDATE)) {
    const address = withoutEnd(found[0]);
    const part = readAddress(address);
    if (!part) continue;
    if (found.index > end) parts.push({ what: "text", text: text.slice(end, found.index) });
    parts.push(part);
    end = found.index + address.length;
  }
  if (end < text.length) parts.push({ what: "text", text: text.slice(end) });
  return parts;
}

function readAddress(address: string): ChatPart | undefined {
  return /^mailto:/i.test(address) ? readMail(address) : readWeb(address);
}

// No subject, text or second receiver: they would be written in the name of whoever presses.
const MAIL = /^mailto:([a-z0-9._+-]+@)([a-z0-9-]+(?:\.[a-z0-9-]+)+)$/i;

function readMail(address: string): ChatPart | undefined {
  const [, user, host] = MAIL.exec(address) ?? [];
  if (user === undefined || host === undefined) return undefined;
  const plain = host.toLowerCase();
  return { what: "link", link: { target: `mailto:${user}${plain}`, user, host: plain, rest: "" } };
}

function readWeb(address: string): ChatPart | undefined {
  const [authority = ""] = address.slice("https://".length).split(/[/?#]/, 1);
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url || hides(address, authority, url)) return { what: "hiding", text: address };
  const { hostname, host, pathname, search, hash, href } = url;
  if (!hostname.includes(".")) return undefined; // a machine on the reader's own network
  const typed = authority.replace(/:\d*$/, "").toLowerCase();
  const rest = `${pathname}${search}${hash}`.replace(/^\/$/, "");
  return {
    what: "link",
    link: { target: href, user: "", host, rest, ...(typed === hostname ? {} : { typed }) },
  };
}

/** Would somebody take the host for another one than it is? */
function hides(address: string, authority: string, url: URL): boolean {
  const typed = authority.toLowerCase();
  return (
    address.includes("\\") ||
    /[@%。．｡]|\u200c|\u200d|[\ufe00-\ufe0f]/u.test(authority) || // a user, an escape, false dots, the unseen
    typed !== typed.normalize("NFKC") ||
    url.username !== "" ||
    /^[\d.]+$|^\[/.test(url.hostname) || // a number, however it was written
    url.hostname.endsWith(".") ||
    typed.split(".").some(mixesScripts)
  );
}

/** The known host that this one could be taken for, though it is another. */
export function resembled({ host, typed }: Link, known: Iterable<string>): string | undefined {
  for (const other of known) {
    if (other === host) continue;
    const alike = [host, typed ?? host].some((name) => lookOf(name) === lookOf(other));
    if (alike || host.startsWith(`${other}.`)) return other;
  }
  return undefined;
}
