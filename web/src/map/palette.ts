/**
 * The map's colours in light and dark. Device colours are from Okabe and Ito's palette, which colour-blind people can tell
 * apart, darkened or lightened for contrast with the ground; the symbols' shapes say the same once more.
 */

import type { Condition } from "../live/condition";

export type Theme = "light" | "dark";

export interface Palette {
  land: string;
  border: string;
  coast: string;
  grid: string;
  label: string;
  halo: string;
  track: string;
  trail: string;
  ring: string;
  device: Record<Condition, string>;
  outline: string;
}

export const PALETTES: Record<Theme, Palette> = {
  light: {
    land: "#f3f2ee",
    border: "#b3aca0",
    coast: "#93a9b8",
    grid: "#e4e4e1",
    label: "#5d6470",
    halo: "#f8f7f4",
    track: "#7a3f98",
    trail: "#85b3d1",
    ring: "#16202c",
    outline: "#ffffff",
    device: {
      "lost-in-flight": "#c44601",
      "serious-battery": "#c44601",
      "low-battery": "#d98e00",
      flying: "#0067a5",
      idle: "#2f7d6b",
      stale: "#8b9099",
    },
  },
  dark: {
    land: "#1c252f",
    border: "#46525f",
    coast: "#3a4a59",
    grid: "#263340",
    label: "#9aa7b5",
    halo: "#10171f",
    track: "#d59be8",
    trail: "#36678a",
    ring: "#ffffff",
    outline: "#0b1016",
    device: {
      "lost-in-flight": "#ff7b3d",
      "serious-battery": "#ff7b3d",
      "low-battery": "#f0b429",
      flying: "#56b4e9",
      idle: "#4fc3a1",
      stale: "#7f8a97",
    },
  },
};

/** A colour `#rrggbb` as red, green, blue and opacity in [0, 1]. */
export function rgba(colour: string): [number, number, number, number] {
  const part = (at: number) => parseInt(colour.slice(at, at + 2), 16) / 255;
  return [part(1), part(3), part(5), 1];
}
