// The passcode, and links for one person each, for who may change them.
import type { TargetedEvent } from "preact";
import { useId, useRef, useState } from "preact/hooks";
import type { InvitesView, PersonalInviteView, SecurityView } from "../../state/view.ts";
import { Icon } from "../icons.tsx";
import { CopyButton } from "../parts.tsx";
import { t } from "../words.ts";
import { LineField } from "./LineField.tsx";
import { FormButtons, SettingForm } from "./SettingForm.tsx";

type SetPasscode = NonNullable<SecurityView["setPasscode"]>;

/** It is never shown again, and never leaves this device. */
export function Passcode({ on, set }: { on: boolean; set: SetPasscode }) {
  const [open, setOpen] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const close = () => {
    setOpen(false);
    opener.current?.focus();
  };
  return (
    <div class="setting setting-link">
      <span class="setting-words">
        <span class="setting-name">{t("security-passcode")}</span>
        <span class="setting-line">{t(on ? "security-passcode-on" : "security-passcode-off")}</span>
      </span>
      <span class="setting-buttons">
        <button
          type="button"
          ref={opener}
          class="button button-quiet button-small"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          {t(on ? "security-passcode-change" : "security-passcode-set")}
        </button>
        {on && (
          <button
            type="button"
            class="button button-quiet button-small"
            onClick={() => void set(null)}
          >
            {t("security-passcode-clear")}
          </button>
        )}
      </span>
      {open && (
        <SettingForm
          name="security-passcode"
          refused="security-passcode-refused"
          set={set}
          onClose={close}
        />
      )}
    </div>
  );
}

export function Invites({ invites: { good, make } }: { invites: InvitesView }) {
  const [open, setOpen] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const close = () => {
    setOpen(false);
    opener.current?.focus();
  };
  return (
    <div class="setting setting-link">
      <span class="setting-words">
        <span class="setting-name">{t("security-invites")}</span>
        <span class="setting-line">{t("security-invites-line")}</span>
      </span>
      {make && (
        <span class="setting-buttons">
          <button
            type="button"
            ref={opener}
            class="button button-quiet button-small"
            aria-expanded={open}
            onClick={() => setOpen(!open)}
          >
            {t("security-invite-new")}
          </button>
        </span>
      )}
      {open && make && <InviteForm make={make} onClose={close} />}
      {good.length > 0 && (
        <ul class="invites" aria-label={t("security-invites")}>
          {good.map((invite) => (
            <InviteRow key={invite.number} invite={invite} />
          ))}
        </ul>
      )}
    </div>
  );
}

function InviteForm({ make, onClose }: { make: (label: string) => void; onClose: () => void }) {
  const [text, setText] = useState("");
  const submit = (event: TargetedEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (text.trim() === "") return event.currentTarget.querySelector("input")?.focus();
    make(text.trim());
    onClose();
  };
  return (
    <form class="setting-form" onSubmit={submit} noValidate>
      <LineField
        label={t("security-invite-field")}
        hint={t("security-invite-hint")}
        maxLength={60}
        text={text}
        onText={setText}
      />
      <FormButtons yes="security-invite-make" onClose={onClose} />
    </form>
  );
}

function InviteRow({
  invite: { number, label, invite, withdraw },
}: {
  invite: PersonalInviteView;
}) {
  const name = useId();
  return (
    <li>
      <span class="setting-words" id={name}>
        <span class="invite-for">
          <Icon name="key" size="small" />
          {label === undefined ? (
            t("security-invite-number", { number: `${number}` })
          ) : (
            <bdi>{label}</bdi>
          )}
        </span>
        {!invite && <span class="setting-line">{t("security-invite-other")}</span>}
      </span>
      <span class="setting-buttons">
        {invite && (
          <CopyButton invite={invite} label={t("invite-copy")} class="button-quiet button-small" />
        )}
        <button
          type="button"
          class="button button-quiet button-small"
          aria-describedby={name}
          onClick={withdraw}
        >
          {t("security-invite-withdraw")}
        </button>
      </span>
    </li>
  );
}
