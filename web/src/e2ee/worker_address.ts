// The address of the encryption worker, the only script that this page may name. The server's policy
// turns on Trusted Types: a browser that has them takes no text as code or markup, and makes no
// worker of an address that did not pass through here.

const ADDRESS = "/e2ee-worker.js";
const POLICY = "incamera"; // the name that src/server/http_headers.c allows, once

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(address: string): string },
  ): { createScriptURL(address: string): URL };
}

let trusted: string | URL | undefined;

/** A TrustedScriptURL where there are such things, which is all that `Worker` needs to know. */
export function workerAddress(): string | URL {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  const policy = { createScriptURL: onlyTheWorker };
  trusted ??= trustedTypes?.createPolicy(POLICY, policy).createScriptURL(ADDRESS) ?? ADDRESS;
  return trusted;
}

function onlyTheWorker(address: string): string {
  if (address !== ADDRESS) throw new TypeError("no script of this page");
  return address;
}
