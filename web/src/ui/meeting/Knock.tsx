// Somebody knocks: one line in the top bar, until the host looks or says later.
import { useEffect, useState } from "preact/hooks";
import type { Waiting } from "../../state/view.ts";
import { Avatar, Named } from "../parts.tsx";
import { t } from "../words.ts";

export interface Knocks {
  readonly waiting: readonly Waiting[]; // neither seen nor put off
  readonly look: () => void;
  readonly later: () => void;
}

/** Who was seen in the queue, or put off, does not knock again. */
export function useKnocks(
  queue: readonly Waiting[] | undefined,
  seen: boolean,
  look: () => void,
): Knocks {
  const [done, setDone] = useState<ReadonlySet<string>>(new Set());
  const all = queue ?? [];
  const later = () => setDone(new Set(all.map(({ id }) => id)));
  const waiting = seen ? [] : all.filter(({ id, deciding }) => !deciding && !done.has(id));
  const ids = all.map(({ id }) => id).join(" ");
  useEffect(() => {
    if (seen) setDone(new Set(ids.split(" ")));
  }, [seen, ids]);
  return { waiting, look, later };
}

export function KnockLane({ waiting, look, later }: Knocks) {
  const [first] = waiting;
  if (!first) return null;
  return (
    <section class="lane knock" aria-label={t("queue-title")}>
      {waiting.length === 1 && (
        <Avatar initials={first.initials} colour={first.colour} unchecked class="avatar-small" />
      )}
      <span class="knock-words">
        <b>
          {waiting.length === 1 ? (
            <Named id="knock-one" name={first.name} />
          ) : (
            t("knock-many", { count: waiting.length })
          )}
        </b>
        <span class="person-line person-unchecked">{lineOf(waiting)}</span>
      </span>
      <span class="lane-actions">
        <button type="button" class="button button-warn button-small" onClick={look}>
          {t("knock-look")}
        </button>
        <button type="button" class="button button-quiet button-small" onClick={later}>
          {t("knock-later")}
        </button>
      </span>
    </section>
  );
}

function lineOf(waiting: readonly Waiting[]): string {
  const [first] = waiting;
  return waiting.length > 1 ? t("knock-many-line") : t(claimOf(first?.clash));
}

/** What is known of a name, in the words of the catalogue. */
export function claimOf(clash: Waiting["clash"]): string {
  if (!clash) return "knock-line";
  if (clash === "you") return "knock-clash";
  return clash === "somebody_here" ? "knock-clash-here" : "knock-clash-waiting";
}
