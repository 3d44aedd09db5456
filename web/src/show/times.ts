/** Times as people read them: in the viewer's zone or UTC, and how long ago. */

/** A duration in its two largest units: `4 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. Negative counts as zero. */
export function durationText(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return pair(minutes, "min", seconds % 60, "s");
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return pair(hours, "h", minutes % 60, "min");
  return pair(Math.floor(hours / 24), "d", hours % 24, "h");
}

/** The same in one unit, for narrow columns. */
export function shortDuration(milliseconds: number): string {
  return durationText(milliseconds).split(" ").slice(0, 2).join(" ");
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

/** A moment with its zone named: `14:05:09 CEST`, with the date in front when it is not the day of `nowMs`. */
export function momentText(atMs: number, nowMs: number, utc: boolean, zone?: string): string {
  const timeZone = utc ? "UTC" : zone;
  const format = (options: Intl.DateTimeFormatOptions, ms: number) =>
    new Intl.DateTimeFormat("en-GB", { ...options, ...(timeZone === undefined ? {} : { timeZone }) }).format(ms);
  const day: Intl.DateTimeFormatOptions = { year: "numeric", month: "short", day: "numeric" };
  const clock: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short" };
  const date = format(day, atMs) === format(day, nowMs) ? "" : `${format(day, atMs)}, `;
  return date + format(clock, atMs);
}
