// The own connection, for who wants to know: how much goes and comes, what is lost, how long it takes,
// what was turned down and why, and what can be done.
import { useEffect, useState } from "preact/hooks";
import type { PathView, TurnedDown } from "../../state/path.ts";
import type { ConnectionView, MeetingView } from "../../state/view.ts";
import { Icon } from "../icons.tsx";
import { rateText, shareText } from "../numbers.ts";
import { t } from "../words.ts";
import { Switch } from "./Switch.tsx";

const FIRST_MS = 500;
const EVERY_MS = 2000;

export function PathPanel({ view }: { view: MeetingView }) {
  const path = usePath(view);
  const shown = isUp(view.connection) ? path : undefined;
  return (
    <>
      <Summary connection={view.connection} path={shown} />
      <dl class="path-numbers">
        <Figure name="path-up" value={shown && rateText(shown.upBps)} />
        <Figure name="path-down" value={shown && rateText(shown.downBps)} />
        <Figure name="path-lost" value={shown && shareText(shown.lost)} />
        <Figure name="path-delay" value={shown?.delayMs?.toFixed(0)} />
      </dl>
      <h3 class="panel-section">{t("path-turned-down")}</h3>
      <Reductions path={shown} soundOnly={view.soundOnly.on} lessData={view.lessData.on} />
      <h3 class="panel-section">{t("path-help")}</h3>
      <Switch name="path-less" {...view.lessData} />
      <Switch name="settings-sound-only" {...view.soundOnly} />
    </>
  );
}

function isUp({ state }: ConnectionView): boolean {
  return state === "good" || state === "weak";
}

/** Asked for while the panel is open, and so seldom that numbers can be read. The question is the same
 * for all views of a meeting. */
export function usePath(view: MeetingView): PathView | undefined {
  const [path, setPath] = useState<PathView>();
  const { lookAtPath } = view;
  useEffect(() => {
    let [open, timer]: [boolean, ReturnType<typeof setTimeout> | undefined] = [true, undefined];
    const look = async (next: number) => {
      const seen = await lookAtPath().catch(() => undefined);
      if (!open) return;
      if (seen) setPath(seen);
      timer = setTimeout(() => void look(EVERY_MS), next);
    };
    void look(FIRST_MS);
    return () => {
      open = false;
      clearTimeout(timer);
    };
  }, []);
  return path;
}

function Summary(props: { connection: ConnectionView; path: PathView | undefined }) {
  const { state } = props.connection;
  const well = state === "good" || state === "connecting";
  const way = props.path?.way;
  return (
    <div class={well ? "note note-accent" : "note note-warn"}>
      <Icon name={state === "offline" ? "offline" : "signal"} />
      <div class="note-text">
        <p class="truth-line">{t(`path-is-${state}`)}</p>
        {way && <p>{t(`path-way-${way}`)}</p>}
      </div>
    </div>
  );
}

function Figure({ name, value }: { name: string; value: string | undefined }) {
  return (
    <div>
      <dt>{t(name)}</dt>
      <dd>{value === undefined ? "–" : t(`${name}-value`, { value })}</dd>
    </div>
  );
}

function Reductions(props: { path: PathView | undefined; soundOnly: boolean; lessData: boolean }) {
  const lines = [
    ...(props.soundOnly ? [t("path-all-off")] : []),
    ...(props.lessData && !props.soundOnly ? [t("path-less-on")] : []),
    ...(props.path?.turnedDown.map(sentence) ?? []),
  ];
  if (lines.length === 0) return <p class="path-none">{t("path-nothing")}</p>;
  return (
    <ul class="path-list">
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}

function sentence(down: TurnedDown): string {
  if (!("pictures" in down)) return t(`path-${down.what}`);
  return t(`path-${down.what}`, { count: down.pictures, rate: rateText(down.bps) });
}
