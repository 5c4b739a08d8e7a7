// After the meeting: that it is over for you, what was kept, and the way back.
import type { LeftView } from "../state/view.ts";
import { Icon } from "./icons.tsx";
import { Door, Page } from "./parts.tsx";
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
            {t(view.why === "refused" ? "left-ask-again" : "left-rejoin")}
          </button>
        )}
        <button type="button" class="button button-line button-large" onClick={view.home}>
          {t("left-home")}
        </button>
      </div>
    </Page>
  );
}
