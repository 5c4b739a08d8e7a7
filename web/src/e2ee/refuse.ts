// Whether this browser can take part at all. Without a transform of encoded frames nothing could be
// sealed, so the join page refuses and says why; there is no unsealed call.

export type Missing = "secure_context" | "script_transform" | "wasm";

/** Undefined: this browser can. `scope` is the page's window; tests pass their own. */
export function refuse(scope: object = globalThis): Missing | undefined {
  const has = (name: string) => name in scope;
  if (!("isSecureContext" in scope && scope.isSecureContext === true)) return "secure_context";
  if (!has("RTCRtpScriptTransform") || !has("RTCPeerConnection")) return "script_transform";
  if (!has("WebAssembly") || !has("Worker")) return "wasm";
  return undefined;
}
