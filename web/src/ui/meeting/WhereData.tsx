// Who can see and hear this now, who cannot, and what the server still learns: in plain words, from what
// is on at the moment (TRN-06).
import type { MeetingView } from "../../state/view.ts";
import { Icon, type IconName } from "../icons.tsx";
import { t } from "../words.ts";
import { useModal } from "./Panels.tsx";

export function WhereDialog({ view, onClose }: { view: MeetingView; onClose: () => void }) {
  const dialog = useModal(onClose);
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
      <h3>{t("where-limit")}</h3>
      <p class="where-text">
        {t("where-limit-line")} {t("security-names")}
      </p>
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

function Lists({ view }: { view: MeetingView }) {
  const { microphone, camera } = view.devices;
  const lists: readonly [string, IconName, readonly string[]][] = [
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
  return (
    <div class="where-lists">
      {lists.map(([title, icon, lines]) => (
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
