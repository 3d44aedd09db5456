/**
 * The style of the map: packaged ground or a tile address, and the devices.
 *
 * No `glyphs` address: MapLibre then draws letters from the fonts of the computer, and nothing is asked of another host.
 */

import type { FeatureCollection } from "geojson";
import type { StyleSpecification, LayerSpecification, SourceSpecification } from "maplibre-gl";
import { PALETTES, type Palette, type Theme } from "./palette";

/** What a feature of the ground is stands in its property `part`. */
export const SOURCE = { ground: "ground", devices: "devices" } as const;
/** The layers of the packaged ground. */
export const GROUND_LAYERS = ["land", "coast", "borders", "names"] as const;
/** The lowest layer of the devices: grid, track and trails (`lines.ts`) go below it. */
export const ABOVE_LINES = "selected";
export const DEVICE_LAYER = "devices";
const FONT = ["Noto Sans", "Segoe UI", "Helvetica Neue", "DejaVu Sans", "sans-serif"];
const NOTHING: FeatureCollection = { type: "FeatureCollection", features: [] };

/** The whole style. `tileUrl` is a raster template with {z}, {x} and {y}, or empty for the packaged ground. */
export function mapStyle(theme: Theme, tileUrl: string): StyleSpecification {
  const palette = PALETTES[theme];
  const ground = tileUrl ? tiles(tileUrl) : packaged(palette);
  return {
    version: 8,
    sources: {
      ...ground.sources,
      // No buffer: a symbol belongs to the tile of its centre and is not cut at the tile's edge.
      [SOURCE.devices]: { type: "geojson", data: NOTHING, tolerance: 0, buffer: 0, maxzoom: 18 },
    },
    layers: [...ground.layers, ...overlays(palette)],
  };
}

interface Ground {
  sources: Record<string, SourceSpecification>;
  layers: LayerSpecification[];
}

function tiles(address: string): Ground {
  return {
    sources: { tiles: { type: "raster", tiles: [address], tileSize: 256 } },
    layers: [{ id: "tiles", type: "raster", source: "tiles" }],
  };
}

function packaged({ land, coast, border, label, halo }: Palette): Ground {
  return {
    sources: {
      [SOURCE.ground]: { type: "geojson", data: NOTHING, maxzoom: 8, buffer: 8, attribution: "Natural Earth" },
    },
    // No layer for the water: the page's own background is the water, and shows where nothing is drawn.
    layers: [
      {
        id: "land",
        type: "fill",
        source: SOURCE.ground,
        filter: part("land"),
        paint: { "fill-color": land, "fill-antialias": false },
      },
      { id: "coast", type: "line", source: SOURCE.ground, filter: part("land"), paint: { "line-color": coast, "line-width": 0.8 } },
      {
        id: "borders",
        type: "line",
        source: SOURCE.ground,
        filter: part("border"),
        paint: { "line-color": border, "line-width": ["interpolate", ["linear"], ["zoom"], 2, 0.5, 8, 1.4], "line-dasharray": [4, 2] },
      },
      {
        id: "names",
        type: "symbol",
        source: SOURCE.ground,
        maxzoom: 9,
        // Small countries are named once they are large enough to be seen.
        filter: ["all", part("name"), ["<=", ["get", "rank"], ["step", ["zoom"], 62, 3, 75, 4, 90, 5, 101]]],
        layout: {
          "text-field": ["get", "name"],
          "text-font": FONT,
          "text-size": ["interpolate", ["linear"], ["zoom"], 1, 10, 6, 15],
          "text-letter-spacing": 0.06,
          "text-max-width": 7,
          "symbol-sort-key": ["get", "rank"],
        },
        paint: { "text-color": label, "text-halo-color": halo, "text-halo-width": 1.2 },
      },
    ],
  };
}

function part(name: "land" | "border" | "name"): ["==", ["get", string], string] {
  return ["==", ["get", "part"], name];
}

function overlays({ device, ring, halo }: Palette): LayerSpecification[] {
  return [
    {
      id: ABOVE_LINES,
      type: "circle",
      source: SOURCE.devices,
      filter: ["==", ["get", "selected"], true],
      paint: {
        "circle-radius": 22,
        "circle-color": device.flying,
        "circle-opacity": 0.16,
        "circle-stroke-color": ring,
        "circle-stroke-width": 2,
      },
    },
    {
      id: DEVICE_LAYER,
      type: "symbol",
      source: SOURCE.devices,
      layout: {
        "icon-image": ["get", "symbol"],
        "icon-rotate": ["get", "heading"],
        "icon-rotation-alignment": "map",
        "icon-allow-overlap": true,
        "icon-ignore-placement": true,
        "icon-size": ["interpolate", ["linear"], ["zoom"], 4, 0.5, 9, 0.65, 14, 0.95],
        "symbol-sort-key": ["get", "rank"],
      },
      paint: { "icon-opacity": ["get", "opacity"] },
    },
    {
      id: "device-names",
      type: "symbol",
      source: SOURCE.devices,
      filter: ["has", "title"],
      layout: {
        "text-field": ["get", "title"],
        "text-font": FONT,
        "text-size": 12,
        "text-anchor": "top",
        "text-offset": [0, 1.4],
        "text-optional": true,
        "symbol-sort-key": ["-", 0, ["get", "rank"]],
      },
      paint: { "text-color": ring, "text-halo-color": halo, "text-halo-width": 1.6 },
    },
  ];
}
