/** The devices' symbols, drawn on a canvas: one image per kind and condition. North is up; the map turns them to the heading. */

import type { Condition } from "../live/condition";
import type { Kind } from "../live/contract";
import { PALETTES, type Theme } from "./palette";

/** Drawn at twice the size they have on the page, for sharp edges on dense screens. */
export const PIXEL_RATIO = 2;
const SIZE = 36;

type Shape = "aircraft" | "aircraft-hovering" | "dock" | "remote-controller" | "thing";

export const CONDITIONS: Condition[] = ["lost-in-flight", "serious-battery", "low-battery", "flying", "idle", "stale"];
const SHAPES: Shape[] = ["aircraft", "aircraft-hovering", "dock", "remote-controller", "thing"];

/** The image of a device: an arrow where the heading is known, four rotors where it is not. */
export function symbolName(kind: Kind, condition: Condition, hasHeading: boolean): string {
  const shape = kind === "aircraft" ? (hasHeading ? "aircraft" : "aircraft-hovering") : kind === "unknown" ? "thing" : kind;
  return `${shape}:${condition}`;
}

/** All images of a theme by name. */
export function drawSymbols(theme: Theme): Map<string, ImageData> {
  const symbols = new Map<string, ImageData>();
  for (const shape of SHAPES) {
    for (const condition of CONDITIONS) symbols.set(`${shape}:${condition}`, draw(shape, condition, theme));
  }
  return symbols;
}

function draw(shape: Shape, condition: Condition, theme: Theme): ImageData {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIZE * PIXEL_RATIO;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("This browser draws no canvas: use a current one.");
  context.scale(PIXEL_RATIO, PIXEL_RATIO);
  context.translate(SIZE / 2, SIZE / 2);
  context.lineJoin = "round";
  context.lineCap = "round";
  const { device, outline } = PALETTES[theme];
  DRAWINGS[shape](context, device[condition], outline);
  if (condition === "lost-in-flight" || condition === "serious-battery") alarmRing(context, device[condition]);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

type Drawing = (context: CanvasRenderingContext2D, colour: string, outline: string) => void;

const DRAWINGS: Record<Shape, Drawing> = {
  aircraft(context, colour, outline) {
    const arrow = new Path2D("M0 -13.5 L9 10.5 L0 5.5 L-9 10.5 Z");
    filled(context, arrow, colour, outline);
  },
  "aircraft-hovering"(context, colour, outline) {
    rotors(context, colour, outline);
    const body = new Path2D();
    body.arc(0, 0, 5, 0, 2 * Math.PI);
    filled(context, body, colour, outline);
  },
  dock(context, colour, outline) {
    const box = new Path2D();
    box.roundRect(-9, -9, 18, 18, 3);
    filled(context, box, colour, outline);
    context.strokeStyle = outline;
    context.lineWidth = 2;
    context.stroke(new Path2D("M-3.5 -4.5 V4.5 M3.5 -4.5 V4.5 M-3.5 0 H3.5"));
  },
  "remote-controller"(context, colour, outline) {
    const body = new Path2D();
    body.roundRect(-10, -4, 20, 12, 4);
    const antennas = new Path2D("M-5 -4 L-8 -11 M5 -4 L8 -11");
    context.strokeStyle = outline;
    context.lineWidth = 5;
    context.stroke(antennas);
    context.strokeStyle = colour;
    context.lineWidth = 2.4;
    context.stroke(antennas);
    filled(context, body, colour, outline);
    context.fillStyle = outline;
    const sticks = new Path2D();
    sticks.arc(-5, 2, 2, 0, 2 * Math.PI);
    sticks.moveTo(7, 2);
    sticks.arc(5, 2, 2, 0, 2 * Math.PI);
    context.fill(sticks);
  },
  thing(context, colour, outline) {
    const disc = new Path2D();
    disc.arc(0, 0, 7.5, 0, 2 * Math.PI);
    filled(context, disc, colour, outline);
    const eye = new Path2D();
    eye.arc(0, 0, 2.6, 0, 2 * Math.PI);
    context.fillStyle = outline;
    context.fill(eye);
  },
};

function filled(context: CanvasRenderingContext2D, path: Path2D, colour: string, outline: string): void {
  context.strokeStyle = outline;
  context.lineWidth = 3;
  context.stroke(path);
  context.fillStyle = colour;
  context.fill(path);
}

function rotors(context: CanvasRenderingContext2D, colour: string, outline: string): void {
  const arms = new Path2D("M-8 -8 L8 8 M8 -8 L-8 8");
  const rings = new Path2D();
  for (const [x, y] of [[-8, -8], [8, -8], [-8, 8], [8, 8]] as const) {
    rings.moveTo(x + 3.6, y);
    rings.arc(x, y, 3.6, 0, 2 * Math.PI);
  }
  for (const [stroke, width] of [[outline, 4.6], [colour, 1.8]] as const) {
    context.strokeStyle = stroke;
    context.lineWidth = width;
    context.stroke(arms);
    context.stroke(rings);
  }
}

function alarmRing(context: CanvasRenderingContext2D, colour: string): void {
  context.strokeStyle = colour;
  context.lineWidth = 2;
  context.setLineDash([4, 3]);
  context.beginPath();
  context.arc(0, 0, 16.5, 0, 2 * Math.PI);
  context.stroke();
}
