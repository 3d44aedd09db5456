/** The map on the page: draws the fleet as it moves, follows a device, tells what was picked. MapLibre is known here and to the ground only. */

import { AttributionControl, Map as Canvas, NavigationControl, ScaleControl, setWorkerUrl, type GeoJSONSource } from "maplibre-gl";
import "maplibre-gl/dist/maplibre-gl.css";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import type { Feature, GeoJSON, LineString, MultiLineString, Position } from "geojson";
import type { View } from "../address";
import type { Fleet } from "../live/fleet";
import type { UnitSystem } from "../show/units";
import { deviceFeatures, trailLines, type Sight } from "./features";
import { gridLines } from "./grid";
import { boxOf, Ground } from "./ground";
import { LinesLayer } from "./lines";
import { Pace } from "./pace";
import { PALETTES, rgba, type Theme } from "./palette";
import { ABOVE_LINES, DEVICE_LAYER, mapStyle, SOURCE } from "./style";
import { drawSymbols, PIXEL_RATIO } from "./symbols";

setWorkerUrl(workerUrl);

export type Track = Feature<LineString | MultiLineString>;

export interface MapEvents {
  onPick(device: string | null): void;
  onMoved(place: NonNullable<View["place"]>): void;
  /** A person dragged the map: following ends. */
  onDragged(): void;
  onProblem(message: string): void;
}

const TITLES_FROM_ZOOM = 12;
const CLOSE_ZOOM = 15;
/** More devices than this are drawn for the whole picture, not each for itself. */
const CROWD = 200;
/** A tab in the background stands still for longer than any frame takes. */
const HIDDEN_MS = 1000;
/** No movement below a third of a pixel is drawn; this is the fastest that is reckoned with. */
const FASTEST_MPS = 25;
/** Up to this width the list is a sheet at the bottom (Live.svelte). */
const SHEET_WIDTH = 700;
const EARTH_METRES_PER_PIXEL = 78_271.5; // at zoom 0 on the equator, tiles of 512 px

export class LiveMap {
  /** Position updates that have been drawn so far; for measuring. */
  framesDrawn = 0;
  private readonly canvas: Canvas;
  private readonly scale: ScaleControl;
  private readonly reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");
  private readonly ground: Ground | null;
  private styleReady = false;
  private sending = false;
  private sentAtMs = 0;
  private linesAtMs = 0;
  private selected: string | null = null;
  private following = false;
  private track: Position[][] = [];
  private trackTail: Position[] = [];
  private frame = 0;
  private readonly grid = new LinesLayer("grid");
  private readonly trackLine = new LinesLayer("track");
  private readonly trails = new LinesLayer("trails");
  private readonly pace = new Pace();
  private tickedAtMs = 0;
  /** Whether the map has been drawn since the last tick: only then does the time between ticks say what drawing costs. */
  private drawn = false;

  constructor(
    container: HTMLElement,
    private readonly fleet: Fleet,
    private readonly tileUrl: string,
    private theme: Theme,
    place: View["place"],
    private readonly events: MapEvents,
  ) {
    this.canvas = new Canvas({
      container,
      style: mapStyle(theme, tileUrl),
      center: place ? [place.longitudeDeg, place.latitudeDeg] : [8, 30],
      zoom: place?.zoom ?? 1.6,
      maxZoom: 20,
      fadeDuration: 0,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      attributionControl: false,
      renderWorldCopies: true,
    });
    this.canvas.touchZoomRotate.disableRotation();
    this.canvas.keyboard.disableRotation();
    this.scale = new ScaleControl({ maxWidth: 110 });
    this.canvas.addControl(new NavigationControl({ showCompass: false }), "bottom-right");
    this.canvas.addControl(this.scale, "bottom-right");
    this.canvas.addControl(new AttributionControl({ compact: true }), "bottom-right");
    this.listen();
    this.ground = tileUrl ? null : new Ground(this.canvas, (message) => events.onProblem(message));
    this.ground?.setTheme(theme);
    void this.ground?.load();
    this.frame = requestAnimationFrame(this.tick);
  }

  setTheme(theme: Theme): void {
    if (theme === this.theme) return;
    this.theme = theme;
    this.styleReady = false;
    this.ground?.setTheme(theme);
    this.canvas.setStyle(mapStyle(theme, this.tileUrl), { diff: false });
  }

  setUnits(units: UnitSystem): void {
    this.scale.setUnit(units === "metric" ? "metric" : "nautical");
  }

  /** Marks a device; its track is given later. `follow` keeps it in the middle. */
  select(device: string | null, follow: boolean): void {
    if (device !== this.selected) {
      this.track = [];
      this.trackTail = [];
      this.linesAtMs = 0;
    }
    this.selected = device;
    this.following = follow;
    this.sentAtMs = 0;
  }

  /** Goes to a device, closer if the map is far away. */
  show(device: string): void {
    const known = this.fleet.devices.get(device);
    const pose = known && this.fleet.pose(known, Date.now());
    if (!pose) return;
    this.goTo([pose.longitudeDeg, pose.latitudeDeg], Math.max(this.canvas.getZoom(), CLOSE_ZOOM));
  }

  /** Brings a device into the part of the map that nothing covers, if it is not there; the zoom stays. */
  reveal(device: string): void {
    const known = this.fleet.devices.get(device);
    const pose = known && this.fleet.pose(known, Date.now());
    if (!pose) return;
    const { x, y } = this.canvas.project([pose.longitudeDeg, pose.latitudeDeg]);
    const { clientWidth, clientHeight } = this.canvas.getContainer();
    const { left, right, top, bottom } = this.covered();
    const seen = x > left && x < clientWidth - right && y > top && y < clientHeight - bottom;
    if (!seen) this.goTo([pose.longitudeDeg, pose.latitudeDeg], this.canvas.getZoom());
  }

  /** Shows every device that has a position, at once. False where there is none. */
  fit(): boolean {
    const poses = [...this.fleet.devices.values()].map((device) => device.motion?.to).filter((pose) => pose !== undefined);
    if (poses.length === 0) return false;
    const longitudes = poses.map((pose) => pose.longitudeDeg);
    const latitudes = poses.map((pose) => pose.latitudeDeg);
    const bounds: [number, number, number, number] = [
      Math.min(...longitudes), Math.min(...latitudes), Math.max(...longitudes), Math.max(...latitudes),
    ]; // prettier-ignore
    const { left, right, top, bottom } = this.covered();
    const padding = { left: left + 40, right: right + 40, top: top + 60, bottom: bottom + 50 };
    this.canvas.fitBounds(bounds, { padding, maxZoom: CLOSE_ZOOM, duration: 0 });
    return true;
  }

  /** Moves to a place without a flight: the address bar changed. */
  jump(place: NonNullable<View["place"]>): void {
    this.canvas.jumpTo({ center: [place.longitudeDeg, place.latitudeDeg], zoom: place.zoom });
  }

  /** Draws the selected device's track; reports that come later continue it. */
  setTrack({ geometry }: Track): void {
    this.track = geometry.type === "LineString" ? [geometry.coordinates] : geometry.coordinates;
    const last = this.track.at(-1)?.at(-1);
    this.trackTail = last ? [last] : [];
    this.linesAtMs = 0;
  }

  extendTrack(place: Position): void {
    this.trackTail.push(place);
  }

  remove(): void {
    cancelAnimationFrame(this.frame);
    this.ground?.stop();
    this.canvas.remove();
  }

  private listen(): void {
    const { canvas } = this;
    canvas.on("style.load", () => this.dress());
    canvas.on("click", ({ point }) => {
      const reach = 12; // a fingertip
      const area: [[number, number], [number, number]] = [
        [point.x - reach, point.y - reach],
        [point.x + reach, point.y + reach],
      ];
      const hits = canvas.queryRenderedFeatures(area, { layers: [DEVICE_LAYER] });
      this.events.onPick((hits[0]?.properties["device"] as string | undefined) ?? null);
    });
    canvas.on("mousemove", DEVICE_LAYER, () => (canvas.getCanvas().style.cursor = "pointer"));
    canvas.on("mouseleave", DEVICE_LAYER, () => (canvas.getCanvas().style.cursor = ""));
    canvas.on("render", () => (this.drawn = true));
    canvas.on("move", () => this.ground?.leaveOutWherePlain());
    canvas.on("dragstart", () => this.events.onDragged());
    canvas.on("moveend", () => {
      const { lng, lat } = canvas.getCenter().wrap();
      this.events.onMoved({ longitudeDeg: lng, latitudeDeg: lat, zoom: canvas.getZoom() });
      this.linesAtMs = 0;
      void this.ground?.sharpen();
    });
    canvas.on("error", ({ error }) => this.events.onProblem(`The map: ${error.message}`));
  }

  private readonly tick = (): void => {
    this.frame = requestAnimationFrame(this.tick);
    if (!this.styleReady) return;
    this.keepPace();
    const nowMs = Date.now();
    this.keepInMiddle(nowMs);
    if (!this.sending && nowMs - this.sentAtMs >= this.pauseMs(nowMs)) void this.drawDevices(nowMs);
    if (nowMs - this.linesAtMs >= (this.crowded() ? 2000 : 500)) this.drawLines(nowMs);
  };

  private crowded(): boolean {
    return this.fleet.devices.size > CROWD;
  }

  private keepPace(): void {
    const nowMs = performance.now();
    const tookMs = nowMs - this.tickedAtMs;
    const measured = this.drawn && tookMs < HIDDEN_MS;
    this.tickedAtMs = nowMs;
    this.drawn = false;
    // With few devices their names matter more than smooth movement.
    if (measured && this.crowded() && this.pace.took(tookMs)) this.canvas.setPixelRatio(devicePixelRatio * this.pace.sharpness);
  }

  /** Milliseconds between two updates: what the fastest aircraft needs for a third of a pixel; a second when all stands still. */
  private pauseMs(nowMs: number): number {
    if (this.reducedMotion.matches || !this.fleet.anyMoves(nowMs)) return 500;
    const latitude = (this.canvas.getCenter().lat * Math.PI) / 180;
    const metresPerPixel = (EARTH_METRES_PER_PIXEL * Math.cos(latitude)) / 2 ** this.canvas.getZoom();
    return Math.min(500, (metresPerPixel / 3 / FASTEST_MPS) * 1000);
  }

  /** One update goes through the workers at a time: a slow machine draws fewer frames, never a queue of old ones. */
  private async drawDevices(nowMs: number): Promise<void> {
    this.sending = true;
    this.sentAtMs = nowMs;
    try {
      await this.set(SOURCE.devices, deviceFeatures(this.fleet, this.sight(nowMs)));
      this.framesDrawn += 1;
    } finally {
      this.sending = false;
    }
  }

  private keepInMiddle(nowMs: number): void {
    if (!this.following || this.selected === null || this.canvas.isMoving()) return;
    const device = this.fleet.devices.get(this.selected);
    const pose = device && this.fleet.pose(device, nowMs);
    if (!pose) return;
    const [right, down] = this.freeMiddle();
    const { clientWidth, clientHeight } = this.canvas.getContainer();
    const drawn = this.canvas.project([pose.longitudeDeg, pose.latitudeDeg]);
    const middle = { x: drawn.x - right, y: drawn.y - down };
    const off = Math.hypot(middle.x - clientWidth / 2, middle.y - clientHeight / 2);
    if (off > 0.5) this.canvas.jumpTo({ center: this.canvas.unproject([middle.x, middle.y]) });
  }

  private goTo(center: [number, number], zoom: number): void {
    this.canvas.easeTo({ center, zoom, offset: this.freeMiddle(), duration: this.reducedMotion.matches ? 0 : 600 });
  }

  /** What floats over the map's edges, in pixels: the list and the card, or on a small screen the sheet. */
  private covered(): { left: number; right: number; top: number; bottom: number } {
    const { clientWidth, clientHeight } = this.canvas.getContainer();
    if (clientWidth <= SHEET_WIDTH) return { left: 0, right: 0, top: 20, bottom: clientHeight * 0.44 };
    return { left: 360, right: clientWidth > 1000 ? 342 : 0, top: 0, bottom: 0 };
  }

  /** How far the middle of what nothing covers lies from the middle of the map: right and down, in pixels. */
  private freeMiddle(): [right: number, down: number] {
    const { left, right, top, bottom } = this.covered();
    return [(left - right) / 2, (top - bottom) / 2];
  }

  private sight(nowMs: number): Sight {
    const zoom = this.canvas.getZoom();
    return {
      nowMs,
      box: zoom < 4 ? null : boxOf(this.canvas, 0.1),
      selected: this.selected,
      titles: zoom >= TITLES_FROM_ZOOM,
      degreesPerPixel: 360 / (512 * 2 ** zoom),
      glide: !this.reducedMotion.matches,
    };
  }

  /** Grid, trails and track, which change once or twice a second. */
  private drawLines(nowMs: number): void {
    this.linesAtMs = nowMs;
    this.grid.setLines(gridLines(boxOf(this.canvas, 0.5)));
    this.trackLine.setLines([...this.track, this.trackTail]);
    this.trails.setLines(trailLines(this.fleet, this.sight(nowMs)));
    this.canvas.triggerRepaint();
  }

  /** Gives a style that has just been loaded what is not in it: symbols, lines, ground. MapLibre swallows errors in here. */
  private dress(): void {
    try {
      for (const [name, image] of drawSymbols(this.theme)) this.canvas.addImage(name, image, { pixelRatio: PIXEL_RATIO });
      this.addLines();
    } catch (error) {
      this.events.onProblem(error instanceof Error ? error.message : String(error));
    }
    this.styleReady = true;
    this.sentAtMs = this.linesAtMs = 0;
    this.sending = false;
    this.ground?.attach();
  }

  private addLines(): void {
    const { grid, halo, track, trail } = PALETTES[this.theme];
    this.grid.strokes = [{ colour: rgba(grid), width: 1 }];
    this.trackLine.strokes = [{ colour: rgba(halo), width: 5 }, { colour: rgba(track), width: 2.2 }];
    this.trails.strokes = [{ colour: rgba(trail), width: 2.2 }];
    for (const layer of [this.grid, this.trackLine, this.trails]) this.canvas.addLayer(layer, ABOVE_LINES);
  }

  private set(source: string, data: GeoJSON): Promise<void> | undefined {
    return this.styleReady ? this.canvas.getSource<GeoJSONSource>(source)?.setData(data) : undefined;
  }
}
