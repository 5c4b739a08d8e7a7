// What the meeting is called: a line in the Security panel, and a form for who may change it.
import { useRef, useState } from "preact/hooks";
import type { SecurityView } from "../../state/view.ts";
import { t } from "../words.ts";
import { SettingForm } from "./SettingForm.tsx";

type SetTitle = NonNullable<SecurityView["setTitle"]>;

export function TitleSetting({ title, set }: { title: string; set?: SetTitle }) {
  const [open, setOpen] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const close = () => {
    setOpen(false);
    opener.current?.focus();
  };
  return (
    <div class="setting setting-link">
      <span class="setting-words">
        <span class="setting-name">{t("security-meeting-title")}</span>
        <span class="setting-line">
          {title === "" ? t("security-meeting-title-none") : <bdi>{title}</bdi>}
        </span>
      </span>
      {set && (
        <span class="setting-buttons">
          <button
            type="button"
            ref={opener}
            class="button button-quiet button-small"
            aria-expanded={open}
            {...(title === "" ? {} : { "aria-label": t("security-meeting-title-change-it") })}
            onClick={() => setOpen(!open)}
          >
            {t(title === "" ? "security-meeting-title-set" : "security-meeting-title-change")}
          </button>
        </span>
      )}
      {open && set && (
        <SettingForm
          name="security-meeting-title"
          refused="join-called-bad_characters"
          text={title}
          set={set}
          onClose={close}
        />
      )}
    </div>
  );
}
