// What must not be missed: a device that had to stop sending, and people who are kept in another group.
import type { SecurityView } from "../../state/view.ts";
import { Icon } from "../icons.tsx";
import { Named } from "../parts.tsx";
import { t } from "../words.ts";

/** Across the whole window, under the top bar, for as long as it lasts. */
export function Alarms(props: {
  security: SecurityView;
  differing: readonly string[];
  onLook: () => void;
}) {
  const { silenced, elsewhere } = props.security;
  return (
    <>
      {props.differing.length > 0 && (
        <div class="alarm" role="alert">
          <Icon name="alert" />
          <p>
            <Named id="alarm-words" name={props.differing} />
          </p>
          <LookButton onPress={props.onLook} />
        </div>
      )}
      {silenced && (
        <div class="alarm" role="alert">
          <Icon name="alert" />
          <p>{t("alarm-silenced")}</p>
          <LookButton onPress={props.onLook} />
        </div>
      )}
      {elsewhere.length > 0 && (
        <div class="alarm" role="alert">
          <Icon name="alert" />
          <p>
            <Named id="alarm-elsewhere" name={elsewhere} />
          </p>
          <LookButton onPress={props.onLook} />
        </div>
      )}
    </>
  );
}

function LookButton({ onPress }: { onPress: () => void }) {
  return (
    <button type="button" class="button button-small button-on-warn" onClick={onPress}>
      {t("alarm-look")}
    </button>
  );
}
