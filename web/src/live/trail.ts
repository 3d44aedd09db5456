/** Where a device was in the last two minutes, thinned so that a thousand trails stay cheap to draw. */

export type LonLat = [longitudeDeg: number, latitudeDeg: number];

const KEPT_MS = 120_000;
/** Points nearer to the one before than this are left out: about two metres. */
const STEP_DEG = 2e-5;
/** A pause longer than this ends a trail: what lay between is not known. */
const GAP_MS = 15_000;

export class Trail {
  private readonly times: number[] = [];
  private readonly places: LonLat[] = [];
  private lastAtMs = -Infinity;

  /** Takes the place reported at `atMs`. A jump in time or over the antimeridian starts anew. */
  add(place: LonLat, atMs: number): void {
    const last = this.places.at(-1);
    if (last && (atMs - this.lastAtMs > GAP_MS || Math.abs(place[0] - last[0]) > 180)) this.clear();
    this.lastAtMs = atMs;
    const before = this.places.at(-1);
    if (before && distance(place, before) < STEP_DEG) return;
    this.times.push(atMs);
    this.places.push(place);
  }

  /**
   * The line at `nowMs`, oldest first, ending at `head` (where the symbol is drawn); empty where there is none.
   * Its newest stored point is left out: the symbol has not reached it yet; so are points nearer than `stepDeg` to the one
   * before, which nobody could tell apart.
   */
  line(head: LonLat, nowMs: number, stepDeg = 0): LonLat[] {
    let old = 0;
    while (old < this.times.length && (this.times[old] as number) < nowMs - KEPT_MS) old += 1;
    if (old > 0) {
      this.times.splice(0, old);
      this.places.splice(0, old);
    }
    const line: LonLat[] = [];
    for (let index = 0; index < this.places.length - 1; index += 1) {
      const place = this.places[index] as LonLat;
      const before = line.at(-1);
      if (!before || distance(place, before) >= stepDeg) line.push(place);
    }
    if (line.length === 0) return [];
    line.push(head);
    return line;
  }

  private clear(): void {
    this.times.length = 0;
    this.places.length = 0;
  }
}

/** Good enough to thin out points: along the meridian plus along the parallel. */
function distance(a: LonLat, b: LonLat): number {
  return Math.abs(a[0] - b[0]) + Math.abs(a[1] - b[1]);
}
