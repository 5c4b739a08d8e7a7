// What is said aloud of the notices of a meeting: joins, leaves and knocks of two seconds become one
// sentence.
import type { Notice } from "../state/view.ts";
import { isolate, t } from "./words.ts";

export const BATCH_MS = 2000;
const CROWDS: ReadonlySet<Notice["what"]> = new Set<Notice["what"]>(["joined", "left", "knocking"]);

/** Said at once, whatever else is being said. */
export function isUrgent({ what }: Notice): boolean {
  return what === "removed_by_host";
}

/** One sentence for one notice. */
export function sentenceOf(notice: Notice): string {
  return t(`notice-${notice.what}`, "name" in notice ? { name: isolate(notice.name) } : undefined);
}

/** The sentences for what came in one batch, in order, without repeating any. */
export function sentencesOf(batch: readonly Notice[]): string[] {
  const crowd = (what: Notice["what"]) => batch.filter((n) => n.what === what).length;
  const said = batch.map((notice) => {
    const many = CROWDS.has(notice.what) ? crowd(notice.what) : 1;
    return many > 1 ? t(`notice-${notice.what}-many`, { count: many }) : sentenceOf(notice);
  });
  return [...new Set(said)];
}
