// The worker that holds every transform and the keys of frames (lines.ts). Nothing else is done here,
// so that no frame waits for it.

import { answerPage, emit, fetchWasm, guarded } from "./answering.ts";
import type { KeyOrder } from "./key_orders.ts";
import { Lines, type Transformer } from "./lines.ts";

interface Scope {
  onrtctransform: ((event: { readonly transformer: Transformer }) => void) | null;
}

const TICK_MS = 100;
const REPORT_MS = 500;

const lines = new Lines({ emit, fetchWasm, now: () => performance.now() });

answerPage(lines.calls, (other) => {
  other.onmessage = guarded(({ data }: MessageEvent<KeyOrder>) => lines.obey(data));
});

// A transform that cannot be attached stays without a reader, so nothing of its line ever passes.
(globalThis as unknown as Scope).onrtctransform = guarded(({ transformer }) =>
  lines.attach(transformer),
);

setInterval(
  guarded(() => lines.tick()),
  TICK_MS,
);
setInterval(() => lines.report(), REPORT_MS);
