// What must not be missed: a device that had to stop sending, people who are kept in another group, and
// people whose key is not the one that was checked.
import type { MeetingView } from "../../state/view.ts";
import { Icon } from "../icons.tsx";
import { Named } from "../parts.tsx";
import { t } from "../words.ts";

/** Across the whole window, under the top bar, for as long as it lasts. */
export function Alarms(props: {
  view: MeetingView;
  onLook: (panel: "security" | "people") => void;
}) {
  const { security, comparing, people } = props.view;
  const lookAtKeys = () => props.onLook("security");
  const lookAtPeople = () => props.onLook("people");
  const of = (check: string) => people.filter((one) => one.check === check).map((one) => one.name);
  return (
    <>
      <About id="alarm-words" names={comparing.differing} onLook={lookAtKeys} />
      <About id="alarm-different" names={of("different")} onLook={lookAtPeople} />
      <About id="alarm-changed" names={of("changed")} onLook={lookAtPeople} />
      {security.silenced && (
        <div class="alarm" role="alert">
          <Icon name="alert" />
          <p>{t("alarm-silenced")}</p>
          <LookButton onPress={lookAtKeys} />
        </div>
      )}
      <About id="alarm-elsewhere" names={security.elsewhere} onLook={lookAtKeys} />
    </>
  );
}

function About(props: { id: string; names: readonly string[]; onLook: () => void }) {
  const { id, names, onLook } = props;
  if (names.length === 0) return null;
  return (
    <div class="alarm" role="alert">
      <Icon name="alert" />
      <p>
        <Named id={id} name={names} />
      </p>
      <LookButton onPress={onLook} />
    </div>
  );
}

function LookButton({ onPress }: { onPress: () => void }) {
  return (
    <button type="button" class="button button-small button-on-warn" onClick={onPress}>
      {t("alarm-look")}
    </button>
  );
}
