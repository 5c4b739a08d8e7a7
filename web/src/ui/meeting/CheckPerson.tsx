// The number that two people compare for themselves: it says whether they hold each other's key.
import type { DeviceView, OpenCheck } from "../../state/view.ts";
import { Icon } from "../icons.tsx";
import { Named } from "../parts.tsx";
import { t } from "../words.ts";
import { ReadAloud } from "./Compare.tsx";
import { CompareFrame, TwoAnswers, Ways } from "./CompareFrame.tsx";

export function CheckDialog(props: {
  open: OpenCheck;
  microphone: DeviceView;
  onLeave: () => void;
}) {
  const { open, microphone, onLeave } = props;
  const title = open.differs ? (
    t("check-differ-title")
  ) : (
    <Named id="check-title" name={open.person.name} />
  );
  return (
    <CompareFrame id="check" title={title} close={open.close}>
      {open.differs ? (
        <Differs open={open} onLeave={onLeave} />
      ) : (
        <Compared open={open} microphone={microphone} />
      )}
    </CompareFrame>
  );
}

const GROUPS = 12;

function Compared(props: { open: OpenCheck; microphone: DeviceView }) {
  const { number, say, readAloud } = props.open;
  return (
    <>
      <p class="lead" id="check-line">
        {t("check-line")}
      </p>
      <ol class="words words-numbers" aria-label={t("check-number")} aria-busy={!number}>
        {(number ?? Array.from({ length: GROUPS }, () => "")).map((group, at) => (
          <li key={at}>
            <b>{group}</b>
          </li>
        ))}
      </ol>
      <div class="words-under">
        <span class="hint">{t("check-hold")}</span>
        <Ways microphone={props.microphone}>
          <ReadAloud parts={number?.map((group) => [...group].join(" "))} read={readAloud} />
        </Ways>
      </div>
      <TwoAnswers say={say} />
      <p class="hint">{t("check-why")}</p>
    </>
  );
}

function Differs({ open, onLeave }: { open: OpenCheck; onLeave: () => void }) {
  const { say } = open;
  return (
    <>
      <div class="note note-alarm" role="alert">
        <Icon name="alert" />
        <div class="note-text">
          <p id="check-line">
            <Named id="check-differ-line" name={open.person.name} />
          </p>
        </div>
      </div>
      <div class="dialog-actions">
        <button type="button" class="button button-danger wide" onClick={onLeave}>
          {t("tool-leave")}
        </button>
        <button type="button" class="button button-quiet wide" onClick={open.startNew}>
          {t("words-new")}
        </button>
        {say && (
          <button type="button" class="button button-quiet wide" onClick={() => say("same")}>
            {t("check-again")}
          </button>
        )}
      </div>
    </>
  );
}
