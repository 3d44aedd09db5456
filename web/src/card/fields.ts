/** A device's fields as rows of label and text. The unit comes from the end of a field's name, as everywhere in Windhover. */

import type { DeviceState } from "../live/contract";
import { modeText } from "../live/condition";
import { durationText } from "../show/times";
import { climbText, headingText, heightText, placeText, speedText, type UnitSystem } from "../show/units";

/** What GET /v1/devices/{device}/latest answers. */
export interface Latest {
  fields: Record<string, { value: unknown; observed_at: string | number | null }>;
}

export interface FieldRow {
  name: string;
  label: string;
  text: string;
  /** Epoch milliseconds, null where unknown. */
  observedAtMs: number | null;
}

const LABELS: Record<string, string> = {
  height_takeoff_m: "Height above take-off",
  height_ellipsoid_m: "Height above ellipsoid",
  climb_mps: "Climb",
  mode_code: "Mode",
  rtk_satellites: "Satellites (RTK)",
  rtk_state: "RTK state",
  wind_direction_deg: "Wind from",
  flight_time_left_seconds: "Flight time left",
  home_distance_m: "Distance to home",
};
/** Shown first and in this order; everything else follows by name. */
const ORDER = [
  "mode_code", "battery_percent", "flight_time_left_seconds", "height_takeoff_m", "height_ellipsoid_m", "ground_speed_mps",
  "climb_mps", "heading_deg", "home_distance_m", "wind_speed_mps", "wind_direction_deg", "satellites", "rtk_satellites",
]; // prettier-ignore
/** Said elsewhere on the card, or of no use to a person. */
const HIDDEN = new Set([
  "device", "kind", "family", "name", "model", "gateway", "fields", "account", "source_offset", "flags",
  "observed_at_ms", "received_at_ms", "longitude_deg", "latitude_deg", "position",
]); // prettier-ignore

/** All known fields, newest from either source: the live state first, the rest from `latest`. */
export function fieldRows(state: DeviceState, latest: Latest | null, units: UnitSystem): FieldRow[] {
  const known = new Map<string, { value: unknown; observedAtMs: number | null }>();
  for (const [name, { value, observed_at }] of Object.entries(latest?.fields ?? {})) {
    known.set(name, { value, observedAtMs: momentOf(observed_at) });
  }
  const live = { ...state, ...(state.fields ?? {}) } as Record<string, unknown>;
  for (const [name, value] of Object.entries(live)) known.set(name, { value, observedAtMs: state.observed_at_ms ?? null });
  const rows: FieldRow[] = [];
  for (const [name, { value, observedAtMs }] of known) {
    if (HIDDEN.has(name) || value === null || value === undefined || value === "") continue;
    const text = name === "mode_code" && typeof value === "number" ? modeText({ ...state, mode_code: value }) : null;
    rows.push({ name, label: labelOf(name), text: text ?? fieldText(name, value, units), observedAtMs });
  }
  return rows.sort((a, b) => place(a.name) - place(b.name) || (a.name < b.name ? -1 : 1));
}

/** One value with its unit. */
export function fieldText(name: string, value: unknown, units: UnitSystem): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "object" && value !== null) {
    const { value: inner, text, unit } = value as Record<string, unknown>;
    const shown = inner ?? text;
    if (shown === null || shown === undefined || typeof shown === "object") return JSON.stringify(value);
    return `${fieldText("", shown, units)}${typeof unit === "string" && unit ? ` ${unit}` : ""}`;
  }
  if (typeof value !== "number") return String(value);
  if (name === "climb_mps") return climbText(value, units);
  if (name === "heading_deg" || name === "wind_direction_deg") return headingText(value);
  if (name.endsWith("_mps")) return speedText(value, units);
  if (name.endsWith("_m")) return heightText(value, units);
  if (name.endsWith("_percent")) return `${tidy(value)} %`;
  if (name.endsWith("_deg")) return `${value.toFixed(1)}°`;
  if (name.endsWith("_seconds")) return durationText(value * 1000);
  return tidy(value);
}

/** Where the device is, or that this is not known. */
export function positionText({ longitude_deg, latitude_deg }: DeviceState): string {
  return typeof longitude_deg === "number" && typeof latitude_deg === "number"
    ? placeText(longitude_deg, latitude_deg)
    : "no position yet";
}

function labelOf(name: string): string {
  const words = name
    .replace(/_(m|mps|deg|percent|seconds)$/, "")
    .replace(/[._]/g, " ")
    .trim();
  return LABELS[name] ?? words.charAt(0).toUpperCase() + words.slice(1);
}

function place(name: string): number {
  const index = ORDER.indexOf(name);
  return index < 0 ? ORDER.length : index;
}

/** At most three digits after the point, none that say nothing. */
function tidy(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}

function momentOf(observedAt: string | number | null): number | null {
  const ms = typeof observedAt === "number" ? observedAt : Date.parse(observedAt ?? "");
  return Number.isFinite(ms) ? ms : null;
}
