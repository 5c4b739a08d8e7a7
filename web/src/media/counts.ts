// What the browser counts of a connection, from its statistics.

/** What media goes over. */
export type Way = "udp" | "tcp" | "relay";

/** Totals so far, and what holds now. */
export interface Counts {
  readonly at: number; // ms
  readonly sent: number; // bytes on the wire, without those of ICE
  readonly received: number;
  readonly came: number; // packets
  readonly lost: number;
  readonly lostUp: number; // share of what we sent, as the server reported last
  readonly delayMs?: number; // there and back
  readonly way?: Way;
  readonly limited?: "bandwidth" | "cpu"; // one's own picture is smaller than it could be
}

// Chromium names the chosen pair in the report of the transport, Firefox in the pair itself.
function chosenPair(reports: RTCStatsReport): RTCIceCandidatePairStats | undefined {
  let chosen: string | undefined;
  reports.forEach((report) => {
    if (report.type === "transport") chosen ??= report.selectedCandidatePairId;
    if (report.type === "candidate-pair" && report.selected) chosen = report.id;
  });
  return chosen === undefined ? undefined : reports.get(chosen);
}

export function wayOf(reports: RTCStatsReport): Way | undefined {
  const pair = chosenPair(reports);
  const local = pair && reports.get(pair.localCandidateId);
  if (!local) return undefined;
  if (local.candidateType === "relay") return "relay";
  return local.protocol === "tcp" ? "tcp" : "udp";
}

/** Bytes of all pairs: a path that changed has a pair for each. */
export function bytesOf(reports: RTCStatsReport): { sent: number; received: number } {
  let [sent, received] = [0, 0];
  reports.forEach((report) => {
    if (report.type !== "candidate-pair") return;
    sent += report.bytesSent ?? 0;
    received += report.bytesReceived ?? 0;
  });
  return { sent, received };
}

// In seconds. Firefox has it in what the server reports of our streams, Chromium in the pair, too.
function delayOf(reports: RTCStatsReport): number | undefined {
  let reported: number | undefined;
  reports.forEach((report) => {
    if (report.type === "remote-inbound-rtp") reported ??= report.roundTripTime;
  });
  return chosenPair(reports)?.currentRoundTripTime ?? reported;
}

export function countsOf(reports: RTCStatsReport, at: number): Counts {
  let [came, lost, lostUp] = [0, 0, 0];
  let limited: Counts["limited"];
  reports.forEach((report) => {
    if (report.type === "inbound-rtp") {
      came += report.packetsReceived ?? 0;
      lost += report.packetsLost ?? 0;
    } else if (report.type === "remote-inbound-rtp") {
      lostUp = Math.max(lostUp, report.fractionLost ?? 0);
    } else if (report.type === "outbound-rtp" && report.active !== false) {
      const reason = report.qualityLimitationReason;
      if (reason === "bandwidth" || reason === "cpu") limited = reason;
    }
  });
  const delay = delayOf(reports);
  const way = wayOf(reports);
  return {
    at,
    ...bytesOf(reports),
    came,
    lost,
    lostUp,
    ...(delay === undefined ? {} : { delayMs: delay * 1000 }),
    ...(way ? { way } : {}),
    ...(limited ? { limited } : {}),
  };
}
