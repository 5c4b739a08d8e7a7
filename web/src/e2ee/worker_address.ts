// The addresses of the two encryption workers, the only scripts that this page may name. The server's
// policy turns on Trusted Types: a browser that has them takes no text as code or markup, and makes
// no worker of an address that did not pass through here.

const ADDRESSES = { group: "/e2ee-worker.js", frames: "/frames-worker.js" } as const;
const POLICY = "incamera"; // the name that src/server/http_headers.c allows, once

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(address: string): string },
  ): { createScriptURL(address: string): URL };
}

type Trust = (address: string) => string | URL;

let trust: Trust | undefined;

/** A TrustedScriptURL where there are such things, which is all that `Worker` needs to know. */
export function workerAddress(which: keyof typeof ADDRESSES): string | URL {
  trust ??= makeTrust();
  return trust(ADDRESSES[which]);
}

function makeTrust(): Trust {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  const policy = trustedTypes?.createPolicy(POLICY, { createScriptURL: onlyTheWorkers });
  return (address) => policy?.createScriptURL(address) ?? address;
}

function onlyTheWorkers(address: string): string {
  const known: readonly string[] = Object.values(ADDRESSES);
  if (!known.includes(address)) throw new TypeError("no script of this page");
  return address;
}
