/**
 * Where a symbol is drawn between two reports.
 *
 * On a report the symbol sets out from where it is drawn now and arrives after the time that lay between the last two
 * reports. It never runs ahead of what was reported: without a further report it stands on the last one.
 */

/** A place on the map with the direction the symbol points; heading is null where the device has none. */
export interface Pose {
  longitudeDeg: number;
  latitudeDeg: number;
  headingDeg: number | null;
}

export interface Motion {
  from: Pose;
  to: Pose;
  startMs: number;
  durationMs: number;
}

const SHORTEST_MS = 200;
const LONGEST_MS = 2_500;
/** A jump further than this is a new place (a first fix, a gap), not a movement. About a kilometre. */
const JUMP_DEG = 0.01;

/** A motion that stands still at `pose`. */
export function standing(pose: Pose): Motion {
  return { from: pose, to: pose, startMs: 0, durationMs: 0 };
}

/** The motion after a report of `to`, `intervalMs` after the one before it, arriving at `nowMs`. */
export function towards(motion: Motion, to: Pose, intervalMs: number, nowMs: number): Motion {
  const from = poseAt(motion, nowMs);
  const far =
    Math.abs(shortestTurn(to.longitudeDeg - from.longitudeDeg)) > JUMP_DEG ||
    Math.abs(to.latitudeDeg - from.latitudeDeg) > JUMP_DEG;
  if (far || intervalMs > 4 * LONGEST_MS) return standing(to);
  return { from, to, startMs: nowMs, durationMs: Math.min(LONGEST_MS, Math.max(SHORTEST_MS, intervalMs)) };
}

/** Whether the symbol still moves at `nowMs`. */
export function moves(motion: Motion, nowMs: number): boolean {
  return nowMs < motion.startMs + motion.durationMs;
}

/** The pose at `nowMs`; longitude in [-180, 180), heading in [0, 360), both by the shorter way round. */
export function poseAt({ from, to, startMs, durationMs }: Motion, nowMs: number): Pose {
  const part = durationMs === 0 ? 1 : Math.min(1, Math.max(0, (nowMs - startMs) / durationMs));
  if (part === 1) return to;
  return {
    longitudeDeg: wrap(from.longitudeDeg + shortestTurn(to.longitudeDeg - from.longitudeDeg) * part),
    latitudeDeg: from.latitudeDeg + (to.latitudeDeg - from.latitudeDeg) * part,
    headingDeg:
      to.headingDeg === null || from.headingDeg === null
        ? to.headingDeg
        : (from.headingDeg + shortestTurn(to.headingDeg - from.headingDeg) * part + 360) % 360,
  };
}

/** `degrees` brought into [-180, 180). */
function shortestTurn(degrees: number): number {
  return ((((degrees + 180) % 360) + 360) % 360) - 180;
}

const wrap = shortestTurn;
