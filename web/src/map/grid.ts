/** A grid of meridians and parallels for the part of the map in view: where no street is drawn it shows place, scale and movement. */

import type { Line } from "./segments";

export interface Box {
  west: number;
  south: number;
  east: number;
  north: number;
}

/** Steps in degrees, and in minutes and seconds of arc as charts have them. */
const STEPS_DEG = [
  30, 15, 10, 5, 2, 1,
  30 / 60, 15 / 60, 10 / 60, 5 / 60, 2 / 60, 1 / 60,
  30 / 3600, 15 / 3600, 10 / 3600, 5 / 3600, 2 / 3600, 1 / 3600,
]; // prettier-ignore
const WANTED_LINES = 7;

/** The step that gives about seven lines over `span` degrees. */
export function gridStepDeg(span: number): number {
  const wanted = span / WANTED_LINES;
  return STEPS_DEG.find((step) => step <= wanted * 1.4) ?? (STEPS_DEG.at(-1) as number);
}

/** The lines inside `box`. */
export function gridLines({ west, south, east, north }: Box): Line[] {
  const step = gridStepDeg(Math.max(east - west, north - south));
  const [low, high] = [Math.max(-85, south), Math.min(85, north)];
  const lines: Line[] = [];
  for (let number = Math.ceil(west / step); number * step <= east; number += 1) {
    lines.push([[number * step, low], [number * step, high]]);
  }
  for (let number = Math.ceil(low / step); number * step <= high; number += 1) {
    lines.push([[west, number * step], [east, number * step]]);
  }
  return lines;
}
