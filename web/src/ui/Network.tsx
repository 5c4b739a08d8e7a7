// The network test of the join page: one press, three ways, and what they mean in a sentence.
import type { Tried } from "../media/trial.ts";
import type { NetworkView } from "../state/view.ts";
import { Icon } from "./icons.tsx";
import { t } from "./words.ts";

export function Network({ view, start }: { view: NetworkView; start: () => void }) {
  const running = view.state === "running";
  return (
    <div class="network">
      <button
        type="button"
        class="button button-quiet button-small"
        aria-disabled={running}
        onClick={start}
      >
        <Icon name="signal" size="small" />
        {t(running ? "network-running" : "network-test")}
      </button>
      <div role="status">
        {view.state === "failed" && <p class="network-verdict">{t("network-failed")}</p>}
        {view.state === "done" && <Result ways={view.ways} places={view.places} />}
      </div>
    </div>
  );
}

function Result({ ways, places }: { ways: readonly Tried[]; places: readonly string[] }) {
  const verdict = verdictOf(ways);
  return (
    <>
      <p class="network-verdict">{t(`network-is-${verdict}`)}</p>
      <ul class="network-ways">
        {ways.map(({ way, works, ms }) => (
          <li key={way} data-way={way} data-works={works}>
            <Icon name={works ? "check" : "close"} size="small" />
            <span>{t(`network-${way}`)}</span>
            <span class="network-result">
              {works ? t("network-works", { ms: Math.round(ms ?? 0) }) : t("network-blocked")}
            </span>
          </li>
        ))}
      </ul>
      {verdict !== "good" && (
        <details class="network-help">
          <summary>{t("network-help")}</summary>
          <p>{t("network-help-line")}</p>
          <ul>
            {places.map((place) => (
              <li key={place}>
                <code>{place}</code>
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

/** The way that a call takes is the first that works. */
function verdictOf(ways: readonly Tried[]): "good" | "slower" | "blocked" {
  const [first] = ways;
  if (first?.works) return "good";
  return ways.some(({ works }) => works) ? "slower" : "blocked";
}
