// What is true of the keys and the door. Guests read it; hosts change it here.
import { useState } from "preact/hooks";
import type { MeetingView, SecurityView } from "../../state/view.ts";
import { Icon } from "../icons.tsx";
import { CopyButton, Named } from "../parts.tsx";
import { t } from "../words.ts";
import { Confirm } from "./Dialogs.tsx";
import { Switch } from "./Switch.tsx";

export function Security({ view }: { view: MeetingView }) {
  const { security } = view;
  const server = view.invite.address.split("/")[0] ?? "";
  return (
    <>
      <Warnings security={security} />
      <Truth security={security} />
      <p class="security-keys">
        {t(security.postQuantum ? "security-quantum" : "security-no-quantum")}
      </p>
      <p class="security-keys">{t("security-changes")}</p>
      <h3 class="panel-section">{t("security-getting-in")}</h3>
      <State name="security-waiting-room" on />
      {security.lock ? (
        <Lock on={security.locked} lock={security.lock} />
      ) : (
        <State name="security-lock" on={security.locked} />
      )}
      <Link view={view} />
      <h3 class="panel-section">{t("security-where")}</h3>
      <ul class="truths">
        <li>{t("security-path", { server })}</li>
        <li>{t("security-names")}</li>
        <li>{t("security-kept")}</li>
      </ul>
    </>
  );
}

/** Who can see and hear this: said for sure only while somebody confirms the keys. */
function Truth({ security: { silenced, keyHolders } }: { security: SecurityView }) {
  return (
    <div class={silenced ? "note" : "note note-accent"}>
      <Icon name={silenced ? "key" : "lock"} />
      <div class="note-text truth">
        <p class="truth-line">
          {t(silenced ? "security-truth-silenced" : "security-truth", { count: keyHolders })}
        </p>
        <p>{t("security-server")}</p>
      </div>
    </div>
  );
}

function Warnings({ security: { silenced, elsewhere } }: { security: SecurityView }) {
  return (
    <>
      {silenced && (
        <div class="note note-alarm">
          <Icon name="alert" />
          <div class="note-text">
            <p class="truth-line">{t("alarm-silenced")}</p>
            <p>{t("alarm-silenced-line")}</p>
          </div>
        </div>
      )}
      {elsewhere.length > 0 && (
        <div class="note note-alarm">
          <Icon name="alert" />
          <div class="note-text">
            <p class="truth-line">
              <Named id="alarm-elsewhere" name={elsewhere} />
            </p>
            <p>{t("alarm-elsewhere-line")}</p>
          </div>
        </div>
      )}
    </>
  );
}

function Lock({ on, lock }: { on: boolean; lock: (on: boolean) => void }) {
  return <Switch name="security-lock" on={on} toggle={() => lock(!on)} />;
}

/** A setting that one cannot change here. */
function State({ name, on }: { name: string; on: boolean }) {
  return (
    <div class="setting">
      <span class="setting-words">
        <span class="setting-name">{t(name)}</span>
        <span class="setting-line">{t(`${name}-line`)}</span>
      </span>
      <span class="setting-state">{t(on ? "security-on" : "security-off")}</span>
    </div>
  );
}

function Link({ view: { security, invite } }: { view: MeetingView }) {
  const [asks, setAsks] = useState(false);
  const { replaceLink, linkVersion } = security;
  const line =
    linkVersion > 1
      ? t("security-link-replaced", { count: linkVersion - 1 })
      : t("security-link-first");
  return (
    <div class="setting setting-link">
      <span class="setting-words">
        <span class="setting-name">{t("security-link")}</span>
        <span class="setting-line">{line}</span>
      </span>
      <span class="setting-buttons">
        <CopyButton invite={invite} label={t("invite-copy")} class="button-quiet button-small" />
        {replaceLink && (
          <button
            type="button"
            class="button button-quiet button-small"
            aria-haspopup="dialog"
            onClick={() => setAsks(true)}
          >
            <Icon name="again" size="small" />
            {t("security-replace")}
          </button>
        )}
      </span>
      {asks && replaceLink && (
        <Confirm
          title={t("replace-title")}
          line={t("replace-line")}
          yes={t("replace-yes")}
          onYes={() => {
            setAsks(false);
            replaceLink();
          }}
          onNo={() => setAsks(false)}
        />
      )}
    </div>
  );
}
