// What is said aloud of the notices of a meeting: joins and leaves of two seconds become one sentence.
import type { Notice } from "../state/view.ts";
import { isolate, t } from "./words.ts";

export const BATCH_MS = 2000;

/** One sentence for one notice. */
export function sentenceOf(notice: Notice): string {
  return t(`notice-${notice.what}`, "name" in notice ? { name: isolate(notice.name) } : undefined);
}

/** The sentences for what came in one batch, in order, without repeating any. */
export function sentencesOf(batch: readonly Notice[]): string[] {
  const crowd = (what: Notice["what"]) => batch.filter((n) => n.what === what).length;
  const said = batch.map((notice) => {
    const many = notice.what === "joined" || notice.what === "left" ? crowd(notice.what) : 1;
    return many > 1 ? t(`notice-${notice.what}-many`, { count: many }) : sentenceOf(notice);
  });
  return [...new Set(said)];
}
