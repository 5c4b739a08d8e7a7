// Who can see and hear this now, who cannot, and what the server still learns: in plain words, from what
// is on at the moment (TRN-06).
import { useState } from "preact/hooks";
import type { Way } from "../../media/counts.ts";
import type { MeetingView } from "../../state/view.ts";
import { Icon, type IconName } from "../icons.tsx";
import { clockText, useNow } from "../parts.tsx";
import { t } from "../words.ts";
import { useModal } from "./Panels.tsx";
import { usePath } from "./Path.tsx";

export function WhereDialog({ view, onClose }: { view: MeetingView; onClose: () => void }) {
  const dialog = useModal(onClose);
  const way = usePath(view)?.way;
  const keep = (event: KeyboardEvent) => {
    if (event.key === "Escape") event.stopPropagation(); // it closes this, and not the panel too
  };
  return (
    <dialog class="dialog where" aria-labelledby="where-title" ref={dialog} onKeyDown={keep}>
      <div class="panel-head">
        <h2 id="where-title">{t("where-title")}</h2>
        <button type="button" class="icon-button" aria-label={t("close")} onClick={onClose}>
          <Icon name="close" />
        </button>
      </div>
      <p class="lead">{t("where-line")}</p>
      <Path view={view} />
      <Lists view={view} />
      <h3>{t("where-usual")}</h3>
      <p class="where-text">{t("where-usual-line")}</p>
      <h3>{t("where-keys")}</h3>
      <p class="where-text">
        {t("security-changes")}{" "}
        {t(view.security.postQuantum ? "security-quantum" : "security-no-quantum")}
      </p>
      <Facts view={view} way={way} />
      <h3>{t("where-limit")}</h3>
      <p class="where-text">
        {t("where-limit-line")} {t("security-names")}
      </p>
      <Copy view={view} way={way} />
    </dialog>
  );
}

function Path({ view: { security, invite, people } }: { view: MeetingView }) {
  const server = invite.address.split("/")[0] ?? "";
  const others = people.length - 1;
  return (
    <ol class="where-path">
      <Stop
        icon="camera"
        name={t("where-own")}
        line={t("where-own-line", { count: security.keyHolders })}
      />
      <Stop icon="server" name={t("where-server", { server })} line={t("where-server-line")} />
      <Stop
        icon="people"
        name={t("where-others", { count: others })}
        line={t("where-others-line")}
      />
    </ol>
  );
}

/** What a specialist asks for, each as it is at the moment. */
function factsOf(
  view: MeetingView,
  now: number,
  way: Way | undefined,
): readonly [string, string][] {
  const { keysChangedAt, keysChangedBy } = view.security;
  const age = clockText(Math.max(0, Math.floor((now - keysChangedAt) / 1000)));
  return [
    [t("where-route"), t(way ? `path-way-${way}` : "where-route-unknown")],
    [t("where-changed"), t(`where-changed-${keysChangedBy}`, { age })],
    [t("where-lock"), t(view.security.postQuantum ? "where-lock-hybrid" : "where-lock-plain")],
  ];
}

interface FactsProps {
  readonly view: MeetingView;
  readonly way: Way | undefined;
}

function Facts({ view, way }: FactsProps) {
  const facts = factsOf(view, useNow(1000), way);
  return (
    <dl class="where-facts">
      {facts.map(([what, value]) => (
        <div key={what}>
          <dt>{what}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** All that stands here, to be shown to somebody else. */
function Copy({ view, way }: FactsProps) {
  const [copied, setCopied] = useState<boolean>();
  const copy = () => {
    const { security, people, invite } = view;
    const server = invite.address.split("/")[0] ?? "";
    const lines = [
      t("where-title"),
      new Date().toISOString(),
      t("where-own-line", { count: security.keyHolders }),
      `${t("where-server", { server })}. ${t("where-server-line")}`,
      t("where-others", { count: people.length - 1 }),
      ...listsOf(view).map(
        ([title, , words]) => `${t(title)}: ${words.map((w) => t(w)).join("; ")}`,
      ),
      ...factsOf(view, performance.now(), way).map(([what, value]) => `${what}: ${value}`),
    ];
    void navigator.clipboard.writeText(lines.join("\n")).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  };
  return (
    <div class="where-copy">
      <button type="button" class="button button-quiet button-small" onClick={copy}>
        <Icon name={copied ? "check" : "copy"} size="small" />
        {t(copied ? "invite-copied" : "where-copy")}
      </button>
      <span class="hint hint-warn" role="status">
        {copied === false && t("words-not-copied")}
      </span>
    </div>
  );
}

function Stop({ icon, name, line }: { icon: IconName; name: string; line: string }) {
  return (
    <li>
      <b>
        <Icon name={icon} size="small" />
        {name}
      </b>
      <p>{line}</p>
    </li>
  );
}

function listsOf(view: MeetingView): readonly [string, IconName, readonly string[]][] {
  const { microphone, camera } = view.devices;
  return [
    [
      "where-leaves",
      "lock",
      [
        microphone.on ? "where-voice-on" : "where-voice-off",
        camera.on ? "where-picture-on" : "where-picture-off",
        view.sharing.on ? "where-screen-on" : "where-screen-off",
        "where-chat",
      ],
    ],
    ["where-sees", "eye", ["where-address", "where-times", "where-sizes"]],
    ["where-nobody", "close", ["where-no-recording", "where-no-attention", "where-no-ads"]],
  ];
}

function Lists({ view }: { view: MeetingView }) {
  return (
    <div class="where-lists">
      {listsOf(view).map(([title, icon, lines]) => (
        <section key={title} aria-labelledby={title}>
          <h3 id={title}>
            <Icon name={icon} size="small" />
            {t(title)}
          </h3>
          <ul>
            {lines.map((line) => (
              <li key={line}>{t(line)}</li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}
