// A line of text that a setting is changed to, and the buttons under such a line.
import { useState } from "preact/hooks";
import { t } from "../words.ts";
import { LineField } from "./LineField.tsx";

/** `name` is that of the setting; its words end in -field, -hint and -use. `set` resolves to false when
 * the text cannot be it. */
export function SettingForm(props: {
  name: string;
  refused: string; // what is said then
  text?: string;
  set: (text: string) => Promise<boolean>;
  onClose: () => void;
}) {
  const { name, refused, set, onClose } = props;
  const [text, setText] = useState(props.text ?? "");
  const [stage, setStage] = useState<"typing" | "setting" | "refused">("typing");
  const submit = async (event: Event) => {
    event.preventDefault();
    if (stage === "setting") return;
    setStage("setting");
    if (await set(text)) onClose();
    else setStage("refused");
  };
  return (
    <form class="setting-form" onSubmit={submit} noValidate>
      <LineField
        label={t(`${name}-field`)}
        hint={t(stage === "refused" ? refused : `${name}-hint`)}
        isWrong={stage === "refused"}
        maxLength={100}
        text={text}
        onText={setText}
      />
      <FormButtons yes={`${name}-use`} busy={stage === "setting"} onClose={onClose} />
    </form>
  );
}

export function FormButtons(props: { yes: string; busy?: boolean; onClose: () => void }) {
  return (
    <div class="setting-buttons">
      <button
        type="submit"
        class="button button-primary button-small"
        aria-disabled={props.busy ?? false}
      >
        {t(props.yes)}
      </button>
      <button type="button" class="button button-quiet button-small" onClick={props.onClose}>
        {t("queue-cancel")}
      </button>
    </div>
  );
}
