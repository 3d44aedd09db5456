/** The fleet at one moment as GeoJSON for the map's sources. Pure: what is in view, with which symbol, opacity and title. */

import type { Feature, FeatureCollection, Point } from "geojson";
import { ATTENTION } from "../live/condition";
import type { Fleet } from "../live/fleet";
import { titleOf } from "../list/order";
import type { Box } from "./grid";
import type { Line } from "./segments";
import { symbolName } from "./symbols";

export interface Sight {
  nowMs: number;
  /** What can be seen, with a margin; null draws everything. */
  box: Box | null;
  selected: string | null;
  /** Whether names are wanted at this zoom. They are left out where more than MOST_TITLES would crowd the map. */
  titles: boolean;
  /** Degrees of longitude in one pixel. */
  degreesPerPixel: number;
  /** Whether symbols glide between reports. False (reduced motion): they stand on the last one. */
  glide: boolean;
}

const MOST_TITLES = 150;
const TRAIL_STEP_PX = 3;

export function deviceFeatures(fleet: Fleet, sight: Sight): FeatureCollection<Point> {
  const features: Feature<Point>[] = [];
  const titles: string[] = [];
  for (const device of fleet.devices.values()) {
    const { state, motion } = device;
    if (!motion) continue;
    const { longitudeDeg, latitudeDeg, headingDeg } = sight.glide ? (fleet.pose(device, sight.nowMs) ?? motion.to) : motion.to;
    const selected = state.device === sight.selected;
    if (!selected && sight.box && !holds(sight.box, longitudeDeg, latitudeDeg)) continue;
    const condition = fleet.condition(state, sight.nowMs);
    titles.push(titleOf(state));
    features.push({
      type: "Feature",
      properties: {
        device: state.device,
        symbol: symbolName(state.kind, condition, headingDeg !== null),
        heading: state.kind === "aircraft" ? (headingDeg ?? 0) : 0,
        opacity: condition === "stale" ? 0.6 : 1,
        // Aircraft above docks, what needs attention above the rest, the selected one on top.
        rank: selected ? 99 : 10 - ATTENTION[condition] + (state.kind === "aircraft" ? 10 : 0),
        ...(selected ? { selected: true, title: titleOf(state) } : {}),
      },
      geometry: { type: "Point", coordinates: [longitudeDeg, latitudeDeg] },
    });
  }
  if (sight.titles && features.length <= MOST_TITLES) {
    features.forEach((feature, index) => {
      if (feature.properties) feature.properties["title"] = titles[index];
    });
  }
  return { type: "FeatureCollection", features };
}

/** All trails in view; docks, controllers and things leave none. */
export function trailLines(fleet: Fleet, sight: Sight): Line[] {
  const lines: Line[] = [];
  for (const device of fleet.devices.values()) {
    if (device.state.kind !== "aircraft") continue;
    const pose = fleet.pose(device, sight.nowMs);
    if (!pose || (sight.box && !holds(sight.box, pose.longitudeDeg, pose.latitudeDeg))) continue;
    const line = device.trail.line([pose.longitudeDeg, pose.latitudeDeg], sight.nowMs, TRAIL_STEP_PX * sight.degreesPerPixel);
    if (line.length > 1) lines.push(line);
  }
  return lines;
}

function holds({ west, south, east, north }: Box, longitudeDeg: number, latitudeDeg: number): boolean {
  if (latitudeDeg < south || latitudeDeg > north) return false;
  // A box over the antimeridian reaches beyond ±180; the same place may lie one turn further.
  return [longitudeDeg, longitudeDeg + 360, longitudeDeg - 360].some((turn) => turn >= west && turn <= east);
}
