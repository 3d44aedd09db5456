/**
 * Whether a part of the map is nothing but land, or nothing but water.
 *
 * Then no ground needs to be drawn, only a background colour: over an ordinary flying site that saves a software-rendered
 * browser a third of its work on every frame.
 */

import type { FeatureCollection, Position } from "geojson";
import type { Box } from "./grid";

interface Path extends Box {
  points: Position[];
}

export class Coasts {
  private readonly coasts: Path[] = [];
  private readonly borders: Path[] = [];

  /** `world` as `worldOf` gives it: land as MultiPolygon, borders as MultiLineString. */
  constructor(world: FeatureCollection) {
    for (const { geometry } of world.features) {
      if (geometry.type === "MultiPolygon") this.coasts.push(...geometry.coordinates.flat().map(pathOf));
      if (geometry.type === "MultiLineString") this.borders.push(...geometry.coordinates.map(pathOf));
    }
  }

  /** What fills `box`; null where a coast or border may run through it. */
  ground(box: Box): "land" | "water" | null {
    const turns = [-360, 0, 360].map((turn) => ({ ...box, west: box.west + turn, east: box.east + turn }));
    const crossed = (path: Path) => turns.some((turned) => touches(path, turned));
    if (this.coasts.some(crossed) || this.borders.some(crossed)) return null;
    const latitude = (box.south + box.north) / 2;
    const inside = turns.some((turned) => this.isLand((turned.west + turned.east) / 2, latitude));
    return inside ? "land" : "water";
  }

  /** Even-odd rule: a ray to the east crosses coasts an odd number of times from land. */
  private isLand(longitude: number, latitude: number): boolean {
    let inside = false;
    for (const ring of this.coasts) {
      if (latitude < ring.south || latitude > ring.north || longitude > ring.east) continue;
      for (let index = 1; index < ring.points.length; index += 1) {
        const [ax = 0, ay = 0] = ring.points[index - 1] as Position;
        const [bx = 0, by = 0] = ring.points[index] as Position;
        if (ay > latitude !== by > latitude && longitude < ax + ((latitude - ay) / (by - ay)) * (bx - ax)) inside = !inside;
      }
    }
    return inside;
  }
}

function pathOf(points: Position[]): Path {
  const path = { points, west: Infinity, south: Infinity, east: -Infinity, north: -Infinity };
  for (const [longitude = 0, latitude = 0] of points) {
    path.west = Math.min(path.west, longitude);
    path.east = Math.max(path.east, longitude);
    path.south = Math.min(path.south, latitude);
    path.north = Math.max(path.north, latitude);
  }
  return path;
}

/** Whether an edge's own box overlaps `box`: says yes a little too often, never no too often. */
function touches(path: Path, box: Box): boolean {
  if (!overlaps(path, box)) return false;
  for (let index = 1; index < path.points.length; index += 1) {
    const [ax = 0, ay = 0] = path.points[index - 1] as Position;
    const [bx = 0, by = 0] = path.points[index] as Position;
    const edge = { west: Math.min(ax, bx), east: Math.max(ax, bx), south: Math.min(ay, by), north: Math.max(ay, by) };
    if (overlaps(edge, box)) return true;
  }
  return false;
}

function overlaps(a: Box, b: Box): boolean {
  return a.west <= b.east && a.east >= b.west && a.south <= b.north && a.north >= b.south;
}
