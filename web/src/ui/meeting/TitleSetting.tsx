// What the meeting is called: a line in the Security panel, and a form for who may change it.
import { useRef, useState } from "preact/hooks";
import type { SecurityView } from "../../state/view.ts";
import { t } from "../words.ts";
import { FormButtons } from "./Invites.tsx";
import { LineField } from "./LineField.tsx";

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
      {open && set && <TitleForm title={title} set={set} onClose={close} />}
    </div>
  );
}

function TitleForm(props: { title: string; set: SetTitle; onClose: () => void }) {
  const [text, setText] = useState(props.title);
  const [stage, setStage] = useState<"typing" | "setting" | "refused">("typing");
  const submit = async (event: Event) => {
    event.preventDefault();
    if (stage === "setting") return;
    setStage("setting");
    if (await props.set(text)) props.onClose();
    else setStage("refused");
  };
  return (
    <form class="setting-form" onSubmit={submit} noValidate>
      <LineField
        label={t("security-meeting-title-field")}
        hint={t(stage === "refused" ? "join-called-bad_characters" : "security-meeting-title-hint")}
        isWrong={stage === "refused"}
        maxLength={100}
        text={text}
        onText={setText}
      />
      <FormButtons
        yes="security-meeting-title-use"
        busy={stage === "setting"}
        onClose={props.onClose}
      />
    </form>
  );
}
