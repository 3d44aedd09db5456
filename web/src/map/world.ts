/** The packaged ground: Natural Earth's land, borders and country names (public domain), as TopoJSON of the `world-atlas` package. */

import type { Feature, FeatureCollection, MultiPolygon, Polygon, Position } from "geojson";
import { feature, mesh } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";
import coarse from "world-atlas/countries-50m.json?url";
import fine from "world-atlas/countries-10m.json?url";

type Countries = GeometryCollection<{ name: string }>;
type Atlas = Topology<{ countries: Countries; land: GeometryCollection }>;

/** 1:50 million comes with the first load; 1:10 million, four times as large, once someone looks closely. */
export const SCALES = { coarse, fine } as const;

/** Land, borders and names as features whose property `part` says which they are. */
export async function loadWorld(address: string): Promise<FeatureCollection> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address} answers ${response.status}: build the page anew`);
  return worldOf((await response.json()) as Atlas);
}

export function worldOf(atlas: Atlas): FeatureCollection {
  const { countries, land } = atlas.objects;
  const named = feature(atlas, countries).features as Feature<Polygon | MultiPolygon, { name: string }>[];
  const solid = feature(atlas, land).features as Feature<Polygon | MultiPolygon>[];
  const borders = mesh(atlas, countries, (a, b) => a !== b).coordinates.map(unrolled);
  return {
    type: "FeatureCollection",
    features: [
      ...solid.map(({ geometry }) => ({ type: "Feature" as const, properties: { part: "land" }, geometry: flat(geometry) })),
      { type: "Feature", properties: { part: "border" }, geometry: { type: "MultiLineString", coordinates: borders } },
      ...named.map(label).filter((point) => point !== null),
    ],
  };
}

/** A point for a country's name, at the centre of its largest part; `rank` is larger for smaller countries. */
function label({ geometry, properties }: Feature<Polygon | MultiPolygon, { name: string }>): Feature | null {
  let best: { area: number; centre: Position } | null = null;
  for (const part of partsOf(flat(geometry))) {
    const shape = centroid(part[0] ?? []);
    if (best === null || shape.area > best.area) best = shape;
  }
  if (best === null || best.area === 0) return null;
  return {
    type: "Feature",
    properties: { part: "name", name: properties.name, rank: Math.round(100 - 10 * Math.log2(1 + best.area)) },
    geometry: { type: "Point", coordinates: best.centre },
  };
}

function partsOf(geometry: Polygon | MultiPolygon): Position[][][] {
  return geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
}

/** The shape on a flat map: rings that cross the antimeridian go on beyond ±180° instead of jumping across the world. */
function flat(geometry: Polygon | MultiPolygon): MultiPolygon {
  return { type: "MultiPolygon", coordinates: partsOf(geometry).map((part) => part.map(closedRing)) };
}

function closedRing(ring: Position[]): Position[] {
  const line = unrolled(ring);
  const [start, end] = [line[0], line.at(-1)];
  if (!start || !end || Math.abs((end[0] ?? 0) - (start[0] ?? 0)) < 180) return line;
  // A ring around a pole (Antarctica) does not close on a flat map: it goes along the map's edge.
  const edge = (start[1] ?? 0) < 0 ? -90 : 90;
  return [...line, [end[0] ?? 0, edge], [start[0] ?? 0, edge], start];
}

/** A line of [longitude, latitude] without jumps: each point is less than half a turn from the one before. */
export function unrolled(line: Position[]): Position[] {
  let before = line[0]?.[0] ?? 0;
  return line.map(([longitude = 0, latitude = 0]) => {
    before = longitude - 360 * Math.round((longitude - before) / 360);
    return [before, latitude];
  });
}

/** Area (square degrees, narrowed by latitude) and centroid of a ring of [longitude, latitude], by the shoelace formula. */
export function centroid(ring: Position[]): { area: number; centre: Position } {
  let [twice, x, y] = [0, 0, 0];
  for (let index = 0; index + 1 < ring.length; index += 1) {
    const [ax = 0, ay = 0] = ring[index] as Position;
    const [bx = 0, by = 0] = ring[index + 1] as Position;
    const cross = ax * by - bx * ay;
    twice += cross;
    x += (ax + bx) * cross;
    y += (ay + by) * cross;
  }
  if (twice === 0) return { area: 0, centre: ring[0] ?? [0, 0] };
  const centre = [x / (3 * twice), y / (3 * twice)];
  return { area: Math.abs(twice / 2) * Math.cos(((centre[1] ?? 0) * Math.PI) / 180), centre };
}
