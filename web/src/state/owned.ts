// Which part of a host somebody registered, and so answers for: of "login.bank.example.org" it is
// "example.org", and of "sam.github.io" all of it. The list of public suffixes is part of a package, as
// it was when that was made, and loaded after one came in.

import { getDomain } from "tldts";

/** Undefined: nobody in particular. */
export function ownedPart(host: string): string | undefined {
  return getDomain(host, { allowPrivateDomains: true }) ?? undefined;
}
