/** Quantities as people read them. The wire is metric (units in the field names); conversions happen here and nowhere else. */

export type UnitSystem = "metric" | "aviation";

const FEET_PER_M = 1 / 0.3048;
const KNOTS_PER_MPS = 3600 / 1852;
const FEET_PER_MINUTE_PER_MPS = 60 * FEET_PER_M;

/** A height or short distance: `84 m` or `276 ft`. */
export function heightText(metres: number, system: UnitSystem): string {
  return system === "metric" ? `${rounded(metres, 0)} m` : `${rounded(metres * FEET_PER_M, 0)} ft`;
}

/** A speed over ground or of the wind: `12.3 m/s` or `24 kt`. */
export function speedText(metresPerSecond: number, system: UnitSystem): string {
  return system === "metric" ? `${rounded(metresPerSecond, 1)} m/s` : `${rounded(metresPerSecond * KNOTS_PER_MPS, 0)} kt`;
}

/** A vertical speed, up positive: `+1.5 m/s` or `+295 ft/min`. */
export function climbText(metresPerSecond: number, system: UnitSystem): string {
  const text =
    system === "metric"
      ? `${rounded(metresPerSecond, 1)} m/s`
      : `${rounded(metresPerSecond * FEET_PER_MINUTE_PER_MPS, 0)} ft/min`;
  return metresPerSecond > 0 && !text.startsWith("0") ? `+${text}` : text;
}

/** A heading as pilots say it: `007°`. */
export function headingText(degrees: number): string {
  return `${String(Math.round(degrees + 360) % 360).padStart(3, "0")}°`;
}

/** A place: `47.37689° N, 8.54169° E`. Five digits are about one metre. */
export function placeText(longitudeDeg: number, latitudeDeg: number): string {
  const part = (value: number, positive: string, negative: string) =>
    `${Math.abs(value).toFixed(5)}° ${value < 0 ? negative : positive}`;
  return `${part(latitudeDeg, "N", "S")}, ${part(longitudeDeg, "E", "W")}`;
}

/** A number without a trailing `-0`. */
function rounded(value: number, digits: number): string {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? (0).toFixed(digits) : text;
}
