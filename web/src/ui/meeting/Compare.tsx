// The words that all see who hold the same keys: one reads them aloud, the others check. The two answers
// weigh the same.
import { useRef, useState } from "preact/hooks";
import type { ComparingView, DeviceView, OpenComparison, Person } from "../../state/view.ts";
import { Icon } from "../icons.tsx";
import { Avatar } from "../parts.tsx";
import { isolate, t } from "../words.ts";
import { CompareFrame, TwoAnswers, Ways } from "./CompareFrame.tsx";

export function CompareDialog(props: {
  open: OpenComparison;
  comparing: ComparingView;
  microphone: DeviceView;
  onLeave: () => void;
}) {
  const { open, comparing, microphone, onLeave } = props;
  const differ = open.own === "different";
  return (
    <CompareFrame
      id="compare"
      title={t(differ ? "words-differ-title" : "words-title")}
      close={open.close}
    >
      {differ ? (
        <Differ open={open} onLeave={onLeave} />
      ) : (
        <Words open={open} matched={comparing.matched} microphone={microphone} />
      )}
    </CompareFrame>
  );
}

function Words(props: { open: OpenComparison; matched: boolean; microphone: DeviceView }) {
  const { open, matched, microphone } = props;
  const [numbers, setNumbers] = useState(false);
  const shown = numbers ? open.numbers : open.words;
  return (
    <>
      <p class="lead" id="compare-line">
        {t("words-line")}
      </p>
      {open.stale && (
        <div class="note note-warn" role="alert">
          <div class="note-text">
            <p>{t("words-stale")}</p>
            <button type="button" class="button button-line button-small" onClick={open.again}>
              {t("words-renew")}
            </button>
          </div>
        </div>
      )}
      <ol class={numbers ? "words words-numbers" : "words"} aria-busy={!shown}>
        {(shown ?? Array.from({ length: 8 }, () => "")).map((word, at) => (
          <li key={at}>
            <b>{word}</b>
          </li>
        ))}
      </ol>
      <div class="words-under">
        <span class="hint">{t("words-change")}</span>
        <Ways microphone={microphone}>
          <button
            type="button"
            class="button button-text button-small"
            aria-pressed={numbers}
            onClick={() => setNumbers(!numbers)}
          >
            {t("words-numbers")}
          </button>
          <ReadAloud parts={shown?.map(numbers ? spelt : same)} read={open.readAloud} />
        </Ways>
      </div>
      <Answers open={open} matched={matched} />
      <Say open={open} />
    </>
  );
}

const same = (word: string) => word;
const spelt = (number: string) => [...number].join(" ");

/** Absent where this device has no voice of its own. */
export function ReadAloud(props: {
  parts: readonly string[] | undefined;
  read: ((parts: readonly string[]) => void) | undefined;
}) {
  const { parts, read } = props;
  if (!parts || !read) return null;
  return (
    <button type="button" class="button button-text button-small" onClick={() => read(parts)}>
      {t("words-aloud")}
    </button>
  );
}

const names = (people: readonly Person[]) => people.map(({ name }) => isolate(name)).join(", ");

/** Who said that they match, and of whom nothing is known yet. */
function Answers({
  open: { same, missing, own },
  matched,
}: {
  open: OpenComparison;
  matched: boolean;
}) {
  return (
    <div class="words-answers">
      <span class="words-faces">
        {same.slice(0, 5).map(({ id, initials, colour }) => (
          <Avatar key={id} initials={initials} colour={colour} unchecked class="avatar-small" />
        ))}
      </span>
      <p role="status">
        {matched ? (
          <b>{t("words-match")}</b>
        ) : (
          <>
            {same.length > 0 && `${t("words-same", { count: same.length, names: names(same) })} `}
            {own === "same" && `${t("words-own")} `}
            {missing.length > 0 && t("words-missing", { names: names(missing) })}
          </>
        )}
      </p>
    </div>
  );
}

function Say({ open: { say, words } }: { open: OpenComparison }) {
  const line = useRef<HTMLParagraphElement>(null);
  if (!say && words) return null;
  const answer = (what: "same" | "different") => {
    line.current?.closest("dialog")?.focus(); // the buttons go
    say?.(what);
  };
  return (
    <>
      <TwoAnswers say={say && answer} />
      <p class="hint" ref={line}>
        {t("words-why")}
      </p>
    </>
  );
}

function Differ({ open, onLeave }: { open: OpenComparison; onLeave: () => void }) {
  const [copied, setCopied] = useState<boolean>();
  const copy = () =>
    void navigator.clipboard.writeText(open.report()).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  return (
    <>
      <div class="note note-alarm" role="alert">
        <Icon name="alert" />
        <p class="note-text" id="compare-line">
          {t("words-differ-line")}
        </p>
      </div>
      <div class="dialog-actions">
        <button type="button" class="button button-danger wide" onClick={onLeave}>
          {t("tool-leave")}
        </button>
        <button type="button" class="button button-quiet wide" onClick={copy}>
          <Icon name={copied ? "check" : "copy"} />
          {t(copied ? "invite-copied" : "words-report")}
        </button>
        <button type="button" class="button button-quiet wide" onClick={open.startNew}>
          {t("words-new")}
        </button>
        <button type="button" class="button button-quiet wide" onClick={open.again}>
          {t("words-again")}
        </button>
      </div>
      <p class={copied === false ? "hint hint-warn" : "hint"} role="status">
        {t(copied === false ? "words-not-copied" : "words-report-line")}
      </p>
    </>
  );
}

/** Somebody asks all to look at the words, or nobody did yet and it would be quick. */
export function CompareLane({ comparing }: { comparing: ComparingView }) {
  const { asked, offered, begin } = comparing;
  const later = asked?.later ?? offered;
  if (!later) return null;
  return (
    <section class="lane" aria-label={t("words-compare")}>
      <Icon name="shield" />
      <span role="status">
        {asked ? t("words-asked", { name: isolate(asked.name) }) : t("words-offer")}
      </span>
      <span class="lane-actions">
        <button type="button" class="button button-quiet button-small" onClick={begin}>
          {t("words-compare")}
        </button>
        <button type="button" class="button button-quiet button-small" onClick={later}>
          {t(asked ? "knock-later" : "share-not-now")}
        </button>
      </span>
    </section>
  );
}
