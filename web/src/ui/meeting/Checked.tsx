// What is known of a person's name, in one line: what one has checked oneself, or that nothing was.
import type { Check } from "../../state/checks.ts";
import { Icon } from "../icons.tsx";
import { t } from "../words.ts";

export interface Claim {
  readonly isSelf: boolean;
  readonly isHost: boolean;
  readonly check?: Check;
}

/** The ring of dashes is for whose name nobody has checked. */
export function isUnchecked({ isSelf, check }: Claim): boolean {
  return !isSelf && check !== "checked";
}

export function ClaimLine({ claim, more = "" }: { claim: Claim; more?: string }) {
  const { isSelf, check } = claim;
  const look = {
    checked: "person-checked",
    changed: "person-unchecked",
    different: "person-differs",
  };
  const plain = isSelf ? "" : "person-unchecked";
  return (
    <span class={`person-line ${check ? look[check] : plain}`}>
      {check && <Icon name={check === "checked" ? "checked" : "alert"} size="small" />}
      {t(wordsOf(claim))}
      {more}
    </span>
  );
}

function wordsOf({ isSelf, isHost, check }: Claim): string {
  if (isSelf) return "people-you";
  if (check === "checked") return isHost ? "people-host-checked" : "people-checked";
  if (check) return check === "changed" ? "people-changed" : "people-different";
  return isHost ? "people-name-unchecked" : "people-guest";
}
