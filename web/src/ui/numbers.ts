// Numbers of a connection as people read them: two digits that count, and no more.

/** Bits a second. */
export function rateText(bps: number): string {
  const kilobits = Math.round(bps / 1000);
  if (kilobits < 1000) return `${kilobits} kb/s`;
  const megabits = bps / 1e6;
  return `${megabits < 10 ? megabits.toFixed(1) : Math.round(megabits)} Mb/s`;
}

/** A share of 1, in percent; so little that nobody notices is nothing. */
export function shareText(share: number): string {
  const percent = share * 100;
  if (percent < 0.05) return "0 %";
  return `${percent < 10 ? percent.toFixed(1) : Math.round(percent)} %`;
}
