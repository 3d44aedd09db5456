/** Every device of the account as the page knows it: newest state, motion between reports, trail. Frames and times in, nothing drawn. */

import { moves, poseAt, standing, towards, type Motion, type Pose } from "./motion";
import { Trail } from "./trail";
import { conditionOf, type Condition } from "./condition";
import type { DeviceState, Flow, Frame } from "./contract";

/** Above it the pipeline counts as late; normal lag is well below one second. */
export const LATE_SECONDS = 5;

export interface FleetDevice {
  state: DeviceState;
  motion: Motion | null;
  trail: Trail;
}

export class Fleet {
  readonly devices = new Map<string, FleetDevice>();
  /** Arrival of the newest report of any device, by the server's clock. */
  newestReceivedAtMs: number | null = null;
  lagSeconds: number | null = null;
  pipeline: Flow = "flowing";
  /** Whether the link to the server is open. */
  linked = false;
  /** Server clock minus this computer's clock. The smallest delay seen is nearest to the truth, so the largest difference. */
  private clockOffsetMs: number | null = null;

  /** Takes a frame at `nowMs` (this computer's clock). A snapshot replaces everything except trails of devices that stay. */
  take(frame: Frame, nowMs: number): void {
    const offset = frame.server_time_ms - nowMs;
    const snapshot = frame.type === "snapshot";
    this.clockOffsetMs = snapshot || this.clockOffsetMs === null ? offset : Math.max(this.clockOffsetMs, offset);
    this.lagSeconds = frame.lag_seconds ?? null;
    this.pipeline = frame.pipeline ?? "flowing";
    if (frame.type === "heartbeat") return;
    if (frame.type === "snapshot") this.forgetOthers(frame.devices);
    for (const state of frame.devices) this.report(state, nowMs);
  }

  /** The server's time at `nowMs` of this computer. */
  serverTime(nowMs: number): number {
    return nowMs + (this.clockOffsetMs ?? 0);
  }

  /** Seconds since the device was last heard; null where it never was. */
  ageSeconds(state: DeviceState, nowMs: number): number | null {
    const heardAt = state.received_at_ms ?? state.observed_at_ms;
    return typeof heardAt === "number" ? Math.max(0, (this.serverTime(nowMs) - heardAt) / 1000) : null;
  }

  /**
   * What can be said of a device at `nowMs`. While the page itself hears nothing or late, an aircraft is not called silent
   * in flight: nobody knows whether it is.
   */
  condition(state: DeviceState, nowMs: number): Condition {
    const condition = conditionOf(state, this.ageSeconds(state, nowMs));
    const deaf = !this.linked || (this.lagSeconds ?? 0) > LATE_SECONDS;
    return deaf && condition === "lost-in-flight" ? "stale" : condition;
  }

  /** Where the device is drawn at `nowMs`; null without a position. */
  pose(device: FleetDevice, nowMs: number): Pose | null {
    return device.motion && poseAt(device.motion, nowMs);
  }

  /** Whether any symbol moves at `nowMs`. */
  anyMoves(nowMs: number): boolean {
    for (const { motion } of this.devices.values()) if (motion && moves(motion, nowMs)) return true;
    return false;
  }

  private forgetOthers(states: DeviceState[]): void {
    const kept = new Set(states.map((state) => state.device));
    for (const device of this.devices.keys()) if (!kept.has(device)) this.devices.delete(device);
  }

  private report(state: DeviceState, nowMs: number): void {
    const known = this.devices.get(state.device);
    const pose = poseOf(state);
    const atMs = state.observed_at_ms ?? state.received_at_ms ?? nowMs;
    const trail = known?.trail ?? new Trail();
    let motion = known?.motion ?? null;
    if (pose) {
      const before = known?.state.observed_at_ms ?? known?.state.received_at_ms ?? atMs;
      motion = motion ? towards(motion, pose, atMs - before, nowMs) : standing(pose);
      trail.add([pose.longitudeDeg, pose.latitudeDeg], nowMs);
    }
    this.devices.set(state.device, { state, motion, trail });
    const received = state.received_at_ms;
    if (typeof received === "number") this.newestReceivedAtMs = Math.max(this.newestReceivedAtMs ?? received, received);
  }
}

function poseOf({ longitude_deg, latitude_deg, heading_deg }: DeviceState): Pose | null {
  if (typeof longitude_deg !== "number" || typeof latitude_deg !== "number") return null;
  return { longitudeDeg: longitude_deg, latitudeDeg: latitude_deg, headingDeg: heading_deg ?? null };
}
