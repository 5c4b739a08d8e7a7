// A setting with its name, one line about it, and a switch.
import { t } from "../words.ts";

/** The words are in the catalogue under `name` and `line`, which is `name-line` unless it is given. */
export function Switch(props: { name: string; line?: string; on: boolean; toggle: () => void }) {
  const { name, line = `${name}-line`, on, toggle } = props;
  return (
    <div class="setting">
      <span class="setting-words">
        <span class="setting-name" id={`switch-${name}`}>
          {t(name)}
        </span>
        <span class="setting-line" id={`switch-${name}-line`}>
          {t(line)}
        </span>
      </span>
      <button
        type="button"
        class={on ? "switch switch-on" : "switch"}
        role="switch"
        aria-checked={on}
        aria-labelledby={`switch-${name}`}
        aria-describedby={`switch-${name}-line`}
        onClick={toggle}
      />
    </div>
  );
}
