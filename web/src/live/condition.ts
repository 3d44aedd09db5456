/** What a device's state means to the person watching: does it fly, is it stale, does it need attention. Pure. */

import type { DeviceState } from "./contract";

/** Seconds after which a device's state counts as stale. Aircraft report once or twice a second, docks and things less often. */
export const STALE_AFTER_SECONDS = { aircraft: 10, other: 30 } as const;
/** No battery lasts longer: an aircraft silent for so long is not in the air any more, wherever it is. */
const FLIGHT_POSSIBLE_SECONDS = 3600;
const LOW_BATTERY_PERCENT = 30;
const SERIOUS_BATTERY_PERCENT = 15;

/** DJI mode codes that mean on the ground, and those that leave it open (reference of the DJI Cloud API, mode_code). */
const ON_GROUND = new Set([0, 1, 2, 13]);
const LEFT_OPEN = new Set([14, 16, 19]);

/** The worst that can be said of a device, from what needs attention most to what needs none. */
export type Condition = "lost-in-flight" | "serious-battery" | "low-battery" | "flying" | "idle" | "stale";

/** Lower comes first in the list. */
export const ATTENTION: Record<Condition, number> = {
  "lost-in-flight": 0,
  "serious-battery": 1,
  "low-battery": 2,
  flying: 3,
  idle: 4,
  stale: 5,
};

/** Whether the last report says that it is in the air. An unknown mode counts as airborne, as the reference advises. */
export function inFlight(state: DeviceState): boolean {
  if (state.kind !== "aircraft") return false;
  const mode = state.mode_code;
  const moving = (state.ground_speed_mps ?? 0) > 1 || (state.height_takeoff_m ?? 0) > 2;
  if (mode === null || mode === undefined || LEFT_OPEN.has(mode)) return moving;
  return !ON_GROUND.has(mode);
}

/** Whether a state of this age (seconds; null: never heard) no longer shows how things are. */
export function isStale(state: DeviceState, ageSeconds: number | null): boolean {
  const limit = state.kind === "aircraft" ? STALE_AFTER_SECONDS.aircraft : STALE_AFTER_SECONDS.other;
  return ageSeconds === null || ageSeconds > limit;
}

export function conditionOf(state: DeviceState, ageSeconds: number | null): Condition {
  const flies = inFlight(state);
  if (isStale(state, ageSeconds)) {
    return flies && ageSeconds !== null && ageSeconds < FLIGHT_POSSIBLE_SECONDS ? "lost-in-flight" : "stale";
  }
  if (flies && typeof state.battery_percent === "number") {
    if (state.battery_percent <= SERIOUS_BATTERY_PERCENT) return "serious-battery";
    if (state.battery_percent <= LOW_BATTERY_PERCENT) return "low-battery";
  }
  return flies ? "flying" : "idle";
}

/** The condition in words, for cards, rows and screen readers. */
export const CONDITION_TEXT: Record<Condition, string> = {
  "lost-in-flight": "silent in flight",
  "serious-battery": "battery critical",
  "low-battery": "battery low",
  flying: "in flight",
  idle: "reporting",
  stale: "not reporting",
};

const MODES = [
  "standby", "preparing take-off", "ready for take-off", "manual flight", "automatic take-off", "wayline flight",
  "panorama", "intelligent tracking", "ADS-B avoidance", "returning home", "landing", "forced landing",
  "three-propeller landing", "upgrading", "not connected", "APAS", "virtual stick", "live flight controls",
  "airborne RTK fixing", "dock site selection", "point-of-interest orbit", "approach or departure",
]; // prettier-ignore
const DOCK_MODES = ["idle", "on-site debugging", "remote debugging", "upgrading", "working", "to be calibrated"];

/** The mode in words; docks and aircraft count differently. Null where the device reports none. */
export function modeText(state: DeviceState): string | null {
  const mode = state.mode_code;
  if (mode === null || mode === undefined) return null;
  const names = state.kind === "dock" ? DOCK_MODES : MODES;
  return names[mode] ?? `mode ${mode}`;
}
