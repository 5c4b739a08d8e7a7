// After the meeting: that it is over for you, what was kept, and the way back.
import type { LeftView } from "../state/view.ts";
import { Icon } from "./icons.tsx";
import { Page } from "./parts.tsx";
import { t } from "./words.ts";

export function Left({ view }: { view: LeftView }) {
  return (
    <Page class="left">
      <Door />
      <h1>{t(`left-${view.why}`)}</h1>
      <p class="lead">{t(`left-${view.why}-line`)}</p>
      <div class="left-actions">
        {view.rejoin && (
          <button type="button" class="button button-primary button-large" onClick={view.rejoin}>
            <Icon name="again" />
            {t("left-rejoin")}
          </button>
        )}
        <button type="button" class="button button-line button-large" onClick={view.home}>
          {t("left-home")}
        </button>
      </div>
    </Page>
  );
}

/** The arched door of the mark, closed. */
function Door() {
  return (
    <svg class="door" viewBox="0 0 160 130" aria-hidden="true">
      <path class="door-frame" d="M36 122V62a44 44 0 0 1 88 0v60z" />
      <path class="door-leaf" d="M48 122V64a32 32 0 0 1 64 0v58z" />
      <circle class="door-knob" cx="101" cy="86" r="3" />
      <path class="door-floor" d="M14 122h132" />
    </svg>
  );
}
