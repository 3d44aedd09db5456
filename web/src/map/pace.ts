/**
 * How sharply the map is drawn, so that it keeps moving: fewer pixels where frames take too long, all of them where there is time.
 *
 * A browser without a graphics card spends its time per pixel (measured: half the width, half the time); so does a weak
 * graphics card on a large screen. The list and the card are not part of the map and stay sharp.
 */

/** Parts of the screen's own sharpness, best first. */
const STEPS = [1, 0.75, 0.5] as const;
const SLOW_MS = 1000 / 14;
/** At this pace a step up, which costs up to twice the time, still moves well. */
const FAST_MS = 1000 / 45;
const SLOW_FRAMES = 12;
const FAST_FRAMES = 120;

export class Pace {
  private step = 0;
  private slow = 0;
  private fast = 0;

  get sharpness(): number {
    return STEPS[this.step] as number;
  }

  /** Takes the time a drawn frame needed; true when `sharpness` has changed. Slow frames must outnumber others clearly. */
  took(milliseconds: number): boolean {
    this.slow = Math.max(0, this.slow + (milliseconds > SLOW_MS ? 1 : -1));
    this.fast = milliseconds < FAST_MS ? this.fast + 1 : 0;
    if (this.slow >= SLOW_FRAMES && this.step < STEPS.length - 1) return this.move(1);
    if (this.fast >= FAST_FRAMES && this.step > 0) return this.move(-1);
    return false;
  }

  private move(by: 1 | -1): true {
    this.step += by;
    this.slow = this.fast = 0;
    return true;
  }
}
