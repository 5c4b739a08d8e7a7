// The dialog in which something is compared: a title, a way out, and the comparison.
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import type { DeviceView } from "../../state/view.ts";
import { Icon } from "../icons.tsx";
import { t } from "../words.ts";
import { useModal } from "./Panels.tsx";

/** What it holds has an element `${id}-line` that describes it. */
export function CompareFrame(props: {
  id: string;
  title: ComponentChildren;
  close: () => void;
  children: ComponentChildren;
}) {
  const { id, title, close, children } = props;
  const dialog = useModal(close);
  useEffect(() => dialog.current?.focus(), [dialog]);
  const keep = (event: KeyboardEvent) => {
    if (event.key === "Escape") event.stopPropagation(); // it closes this, and not the panel too
  };
  return (
    <dialog
      class="dialog compare"
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-line`}
      tabIndex={-1}
      ref={dialog}
      onKeyDown={keep}
    >
      <div class="panel-head">
        <h2 id={`${id}-title`}>{title}</h2>
        <button type="button" class="icon-button" aria-label={t("close")} onClick={close}>
          <Icon name="close" />
        </button>
      </div>
      {children}
    </dialog>
  );
}

/** Under what is read aloud: other ways to have it, and the own mic, which the dialog covers. */
export function Ways(props: { microphone: DeviceView; children: ComponentChildren }) {
  const { on, toggle } = props.microphone;
  return (
    <span class="words-ways">
      {props.children}
      <button
        type="button"
        class="button button-text button-small"
        aria-pressed={on}
        aria-label={`${t("tool-microphone")}, ${t(on ? "tool-mic-on" : "tool-mic-off").toLocaleLowerCase()}`}
        onClick={toggle}
      >
        <Icon name={on ? "microphone" : "microphone-off"} size="small" />
        {t(on ? "tool-mic-on" : "tool-mic-off")}
      </button>
    </span>
  );
}

/** The two answers, which weigh the same. Without `say` they cannot be given yet, and only their room is kept. */
export function TwoAnswers({ say }: { say: ((answer: "same" | "different") => void) | undefined }) {
  return (
    <div class={say ? "dialog-actions dialog-pair" : "dialog-actions dialog-pair not-yet"}>
      <button type="button" class="button button-line" onClick={() => say?.("different")}>
        {t("words-say-different")}
      </button>
      <button type="button" class="button button-line" onClick={() => say?.("same")}>
        {t("words-say-same")}
      </button>
    </div>
  );
}
