// What is said aloud of the notices of a meeting: where they come fast, joins, leaves and knocks become
// one sentence.
import type { Notice } from "../state/view.ts";
import { isolate, t } from "./words.ts";

const AT_ONCE = 4;
const GAP_MS = 900;

/** How often something is said: four times at once, then every 900 ms. So who comes in is announced
 * before their picture is there, and within a second also in a crowd (PRV-03), and nobody is talked
 * over for long. */
export class Pace {
  #due = Number.NEGATIVE_INFINITY;

  /** Milliseconds until something may be said. */
  delay(now: number): number {
    return Math.max(0, this.#due - (AT_ONCE - 1) * GAP_MS - now);
  }

  take(now: number): void {
    this.#due = Math.max(this.#due, now) + GAP_MS;
  }
}

/** A sentence in a live region. */
export interface Line {
  readonly key: number;
  readonly text: string;
  readonly at: number; // ms
}

const STAYS_MS = 15_000;
let count = 0;

/** The lines of a live region after these sentences. Each is a line of its own and stays a while: what
 * comes right behind it does not take its place before a screen reader got to it. */
export function added(lines: readonly Line[], sentences: readonly string[], now: number): Line[] {
  const kept = lines.filter(({ at }) => now - at < STAYS_MS);
  return [...kept, ...sentences.map((text) => ({ key: count++, text, at: now }))];
}

/** How many of a kind are said one by one. */
function most(what: Notice["what"]): number {
  if (what === "written") return 3;
  return what === "joined" || what === "left" || what === "knocking" ? 1 : Number.POSITIVE_INFINITY;
}

const URGENT: ReadonlySet<Notice["what"]> = new Set<Notice["what"]>([
  "removed_by_host",
  "words_differ",
  "key_changed",
  "muted_by_host",
  "camera_by_host",
  "share_by_host",
  "wrong_commit",
  "settings_lost",
  "settings_all_lost",
  "settings_hidden",
  "mics_off",
  "share_taken",
]);

/** Said at once, whatever else is being said. */
export function isUrgent({ what }: Notice): boolean {
  return URGENT.has(what);
}

/** One sentence for one notice. */
export function sentenceOf(notice: Notice): string {
  const name = "name" in notice ? isolate(notice.name) : "";
  const text = "text" in notice ? isolate(shortened(notice.text)) : "";
  const count = "count" in notice ? notice.count : 0;
  const guest = notice.what === "joined" && notice.isGuest ? "-guest" : "";
  return t(`notice-${notice.what}${guest}`, { name, text, count });
}

const READ_MOST = 300; // characters: the whole message is in its panel

function shortened(text: string): string {
  const characters = [...text];
  return characters.length > READ_MOST ? `${characters.slice(0, READ_MOST).join("")}…` : text;
}

/** In quotation marks where nobody has checked it. */
function nameIn(notice: Extract<Notice, { what: "joined" | "left" }>): string {
  const name = isolate(notice.name);
  return notice.what === "joined" && notice.isGuest ? t("notice-guest-name", { name }) : name;
}

/** Two by name, and how many more. */
function crowdOf(what: "joined" | "left", batch: readonly Notice[]): string {
  const names = batch.flatMap((n) => (n.what === what ? nameIn(n) : []));
  const [first = "", second = ""] = names;
  const more = names.length - 2;
  return t(more > 0 ? `notice-${what}-many` : `notice-${what}-two`, { first, second, more });
}

/** The sentences for what came in one batch, in order, without repeating any. */
export function sentencesOf(batch: readonly Notice[]): string[] {
  const crowd = (what: Notice["what"]) => batch.filter((n) => n.what === what).length;
  const said = batch.map((notice) => {
    const many = crowd(notice.what);
    if (many <= most(notice.what)) return sentenceOf(notice);
    return notice.what === "joined" || notice.what === "left"
      ? crowdOf(notice.what, batch)
      : t(`notice-${notice.what}-many`, { count: many });
  });
  return [...new Set(said)];
}
