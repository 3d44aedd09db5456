import type { FeatureCollection, MultiPolygon, Position } from "geojson";
import { describe, expect, it } from "vitest";
import atlas from "world-atlas/countries-110m.json";
import { Coasts } from "../src/map/plain_ground";
import { centroid, unrolled, worldOf } from "../src/map/world";

const world: FeatureCollection = worldOf(atlas as unknown as Parameters<typeof worldOf>[0]);
const around = (longitude: number, latitude: number, half = 0.2) => ({
  west: longitude - half,
  east: longitude + half,
  south: latitude - half,
  north: latitude + half,
});

describe("the packaged ground", () => {
  it("has no edge that jumps across the world", () => {
    const rings = world.features.flatMap(({ geometry }) => (geometry.type === "MultiPolygon" ? (geometry as MultiPolygon).coordinates.flat() : []));
    expect(rings.length).toBeGreaterThan(100);
    const atPoleEdge = (point: Position) => Math.abs(point[1] ?? 0) === 90;
    for (const ring of rings) {
      for (let index = 1; index < ring.length; index += 1) {
        const [a, b] = [ring[index - 1] as Position, ring[index] as Position];
        if (!atPoleEdge(a) && !atPoleEdge(b)) expect(Math.abs((a[0] ?? 0) - (b[0] ?? 0))).toBeLessThan(180);
      }
    }
  });

  it("names countries near where they are, large ones first", () => {
    const names = world.features.filter(({ properties }) => properties?.["part"] === "name");
    const brazil = names.find(({ properties }) => properties?.["name"] === "Brazil");
    const belgium = names.find(({ properties }) => properties?.["name"] === "Belgium");
    if (brazil?.geometry.type !== "Point") throw new Error("no point for Brazil");
    expect(brazil.geometry.coordinates[0]).toBeCloseTo(-53, -1);
    expect(brazil.geometry.coordinates[1]).toBeCloseTo(-10, -1);
    expect(brazil.properties?.["rank"]).toBeLessThan(belgium?.properties?.["rank"] as number);
  });

  it.each([
    ["inland", 20, 50, "land"],
    ["on an ocean", -40, 30, "water"],
    ["in Siberia beyond the antimeridian", -176, 67, "land"],
    ["in Antarctica", 0, -85, "land"],
    ["at a coast", -9.2, 38.7, null],
    ["on a border", 14.9, 51, null],
  ])("is known to be plain %s", (_, longitude, latitude, expected) => {
    const half = expected === null ? 1 : 0.2;
    expect(new Coasts(world).ground(around(longitude, latitude, half))).toBe(expected);
  });

  it("finds the middle and area of a ring, whichever way it goes round", () => {
    const square = [[0, -1], [2, -1], [2, 1], [0, 1], [0, -1]];
    for (const ring of [square, [...square].reverse()]) {
      const { area, centre } = centroid(ring);
      expect([area, ...centre].map((figure) => Math.abs(figure))).toEqual([4, 1, 0]);
    }
  });

  it("goes on beyond the antimeridian", () => {
    expect(unrolled([[179, 0], [-179, 1], [-178, 2], [178, 3]])).toEqual([[179, 0], [181, 1], [182, 2], [178, 3]]);
  });
});
