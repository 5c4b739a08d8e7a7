// What may cover the stage: how to leave, which keys there are, and questions before a decision.
import type { ComponentChildren } from "preact";
import { useEffect, useId } from "preact/hooks";
import { Icon } from "../icons.tsx";
import { KEY_LIST } from "../keys.ts";
import { t } from "../words.ts";
import { useModal } from "./Panels.tsx";

export function LeaveDialog(props: {
  onLeave: () => void;
  onEnd: () => void;
  onClose: () => void;
}) {
  const dialog = useModal(props.onClose);
  return (
    <dialog class="dialog" aria-labelledby="leave-title" ref={dialog}>
      <h2 id="leave-title">{t("leave-title")}</h2>
      <p class="lead">{t("leave-line")}</p>
      <div class="dialog-actions">
        <button type="button" class="button button-danger wide" onClick={props.onLeave}>
          {t("leave-only")}
        </button>
        <button type="button" class="button button-danger wide" onClick={props.onEnd}>
          {t("leave-all")}
        </button>
        <button type="button" class="button button-quiet wide" onClick={props.onClose}>
          {t("leave-stay")}
        </button>
      </div>
    </dialog>
  );
}

export function KeysDialog(props: { singleKeys: boolean; onClose: () => void }) {
  const { onClose } = props;
  const dialog = useModal(onClose);
  return (
    <dialog class="dialog" aria-labelledby="keys-title" ref={dialog}>
      <div class="panel-head">
        <h2 id="keys-title">{t("keys-title")}</h2>
        <button type="button" class="icon-button" aria-label={t("close")} onClick={onClose}>
          <Icon name="close" />
        </button>
      </div>
      <p class="hint">{t(props.singleKeys ? "keys-line" : "keys-off")}</p>
      <dl class="keys">
        {KEY_LIST.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{t(`keys-${what}`)}</dd>
          </div>
        ))}
      </dl>
    </dialog>
  );
}

/** Asked before something is done that cannot be undone. No answer is preferred: Enter does nothing
 * until one has the focus, and Esc is no. */
export function Confirm(props: {
  title: ComponentChildren;
  line: string;
  yes: string;
  danger?: boolean;
  onYes: () => void;
  onNo: () => void;
}) {
  const id = useId();
  const dialog = useModal(props.onNo);
  useEffect(() => dialog.current?.focus(), [dialog]);
  const keep = (event: KeyboardEvent) => {
    if (event.key === "Escape") event.stopPropagation(); // it closes this, and not the panel too
  };
  return (
    <dialog
      class="dialog"
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-line`}
      tabIndex={-1}
      ref={dialog}
      onKeyDown={keep}
    >
      <h2 id={`${id}-title`}>{props.title}</h2>
      <p class="lead" id={`${id}-line`}>
        {props.line}
      </p>
      <div class="dialog-actions dialog-pair">
        <button
          type="button"
          class={props.danger ? "button button-danger" : "button button-quiet"}
          onClick={props.onYes}
        >
          {props.yes}
        </button>
        <button type="button" class="button button-quiet" onClick={props.onNo}>
          {t("go-back")}
        </button>
      </div>
    </dialog>
  );
}
