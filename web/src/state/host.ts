// Who is a host, as far as it is known. The server says it to each client of itself, for the proof that
// this browser showed. Of others there would only be their own word or the server's, and neither is drawn
// as a fact; grants that the group has signed will be read here.

import type { Self } from "./meeting.ts";

export function isHost(participant: string, self: Self | undefined): boolean {
  return self?.participant === participant && self.isHost;
}
