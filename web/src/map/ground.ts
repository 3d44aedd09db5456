/** The packaged ground on the map: the coarse one at once, the fine one later, none where a background colour does. */

import type { FeatureCollection } from "geojson";
import type { GeoJSONSource, Map as Canvas } from "maplibre-gl";
import type { Box } from "./grid";
import { PALETTES, type Theme } from "./palette";
import { Coasts } from "./plain_ground";
import { GROUND_LAYERS, SOURCE } from "./style";
import { loadWorld, SCALES } from "./world";

/** The coarse ground shows its corners from here on. */
const FINE_FROM_ZOOM = 5;
const FINE_AFTER_MS = 1500;
const RETRY_MS = 10_000;
const NOWHERE: FeatureCollection = { type: "FeatureCollection", features: [] };
/** Country names, which belong to the ground too, are gone from here on. */
const PLAIN_FROM_ZOOM = 9;

export class Ground {
  private world: FeatureCollection | null = null;
  private fineWanted = false;
  private coasts: Coasts | null = null;
  private theme: Theme = "light";
  /** Whether a style has been loaded that takes the ground; a map without one refuses changes. */
  private attached = false;
  /** Whether the map has been removed: what arrives later is not drawn. */
  private stopped = false;
  /** The surroundings of the view for which it was last found out whether any ground needs to be drawn. */
  private plainBox: Box | null = null;

  constructor(
    private readonly canvas: Canvas,
    private readonly onProblem: (message: string) => void,
  ) {}

  /** A style of this theme is about to be loaded. */
  setTheme(theme: Theme): void {
    this.theme = theme;
    this.attached = false;
  }

  stop(): void {
    this.stopped = true;
  }

  /** The style has been loaded. */
  attach(): void {
    this.attached = true;
    this.draw();
  }

  async load(): Promise<void> {
    this.take(await this.fetched(SCALES.coarse));
    await this.sharpen();
  }

  /** The fine ground replaces the coarse one once someone looks closely, after what matters more has been loaded. */
  async sharpen(): Promise<void> {
    if (this.fineWanted || this.stopped || this.world === null || this.canvas.getZoom() < FINE_FROM_ZOOM) return;
    this.fineWanted = true;
    await pause(FINE_AFTER_MS);
    this.take(await this.fetched(SCALES.fine));
  }

  /** Until it is there: while the server is gone, which the page says elsewhere, it is asked again and again. */
  private async fetched(address: string): Promise<FeatureCollection> {
    for (;;) {
      try {
        return await loadWorld(address);
      } catch (error) {
        const noAnswer = error instanceof TypeError;
        if (!noAnswer) this.onProblem(`The ground could not be loaded: ${error instanceof Error ? error.message : String(error)}`);
        await pause(RETRY_MS);
        if (this.stopped) return NOWHERE;
      }
    }
  }

  /** Over nothing but land, or nothing but water, a background colour does. Found out for more than the view: panning is cheap. */
  leaveOutWherePlain(): void {
    if (this.coasts === null || !this.attached) return;
    const close = this.canvas.getZoom() >= PLAIN_FROM_ZOOM;
    if (this.plainBox && close && within(boxOf(this.canvas, 0), this.plainBox)) return;
    this.plainBox = close ? boxOf(this.canvas, 1) : null;
    const plain = this.plainBox && this.coasts.ground(this.plainBox);
    this.canvas.getContainer().style.backgroundColor = plain === "land" ? PALETTES[this.theme].land : "";
    for (const layer of GROUND_LAYERS) this.canvas.setLayoutProperty(layer, "visibility", plain ? "none" : "visible");
  }

  private take(world: FeatureCollection): void {
    this.world = world;
    this.coasts = new Coasts(world);
    this.draw();
  }

  private draw(): void {
    if (this.world === null || !this.attached || this.stopped) return;
    void this.canvas.getSource<GeoJSONSource>(SOURCE.ground)?.setData(this.world);
    this.plainBox = null;
    this.leaveOutWherePlain();
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** What the map shows, made larger on each side by `margin` times its size. */
export function boxOf(canvas: Canvas, margin: number): Box {
  const bounds = canvas.getBounds();
  const [west, south, east, north] = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
  const [x, y] = [(east - west) * margin, (north - south) * margin];
  return { west: west - x, south: south - y, east: east + x, north: north + y };
}

function within(inner: Box, outer: Box): boolean {
  return inner.west >= outer.west && inner.east <= outer.east && inner.south >= outer.south && inner.north <= outer.north;
}
