// The two questions that may cover the stage: how to leave, and which keys there are.
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
