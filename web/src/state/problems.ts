// What a person is told when something did not work.

import { type Missing, refuse } from "../e2ee/refuse.ts";
import type { ErrorCode, Said } from "../signal/messages.ts";
import type { Problem } from "./view.ts";

const BY_CODE: Readonly<Record<ErrorCode, Problem>> = {
  no_entry: { what: "link_dead" },
  start_used: { what: "start_used" },
  full: { what: "full" },
  too_fast: { what: "too_fast" },
  no_media: { what: "no_media" },
  stopping: { what: "server_stopping" },
  bad_message: { what: "internal", code: "E-MSG-1" },
  not_host: { what: "internal", code: "E-MSG-2" },
  not_keeper: { what: "internal", code: "E-MSG-4" },
  not_open: { what: "internal", code: "E-MSG-5" },
  refused: { what: "refused_wait" },
  bad_connection: { what: "internal", code: "E-MSG-3" },
};

const BY_MISSING: Readonly<Record<Missing, Problem>> = {
  secure_context: { what: "not_secure_context" },
  script_transform: { what: "browser_cannot_encrypt" },
  wasm: { what: "browser_cannot_encrypt", code: "E-WASM-1" },
};

/** The core could not be loaded. */
export const CORE_MISSING: Problem = { what: "internal", code: "E-CORE-1" };

export function problemOf({ code }: Said<"error">): Problem {
  return BY_CODE[code];
}

/** Why this browser cannot take part, if it cannot. */
export function refusal(): Problem | undefined {
  const missing = refuse();
  return missing && BY_MISSING[missing];
}
