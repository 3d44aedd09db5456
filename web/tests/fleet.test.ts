import { describe, expect, it } from "vitest";
import type { DeviceState } from "../src/live/contract";
import { Fleet } from "../src/live/fleet";
import { poseAt, standing, towards, type Pose } from "../src/live/motion";
import { Trail } from "../src/live/trail";

const at = (longitudeDeg: number, latitudeDeg: number, headingDeg: number | null = null): Pose => ({
  longitudeDeg,
  latitudeDeg,
  headingDeg,
});

describe("the motion of a symbol", () => {
  it("arrives at the report after the time between the last two", () => {
    const motion = towards(standing(at(8, 47)), at(8.001, 47.002), 1000, 5000);
    expect(poseAt(motion, 5000)).toEqual(at(8, 47));
    expect(poseAt(motion, 5500).longitudeDeg).toBeCloseTo(8.0005, 9);
    expect(poseAt(motion, 5500).latitudeDeg).toBeCloseTo(47.001, 9);
    expect(poseAt(motion, 6000)).toEqual(at(8.001, 47.002));
  });

  it("never runs ahead of what was reported", () => {
    const motion = towards(standing(at(8, 47)), at(8.001, 47), 1000, 0);
    expect(poseAt(motion, 60_000)).toEqual(at(8.001, 47));
  });

  it("sets out from where it is drawn, without a jump, when a report comes early", () => {
    const first = towards(standing(at(8, 47)), at(8.001, 47), 1000, 0);
    const second = towards(first, at(8.002, 47), 500, 500);
    expect(poseAt(second, 500).longitudeDeg).toBeCloseTo(8.0005, 9);
  });

  it.each([
    ["across north", 350, 10, 0],
    ["the other way across north", 10, 350, 0],
    ["by the shorter side", 90, 180, 135],
  ])("turns %s", (_, from, to, half) => {
    const motion = towards(standing(at(8, 47, from)), at(8.0001, 47, to), 1000, 0);
    expect(poseAt(motion, 500).headingDeg).toBeCloseTo(half, 6);
  });

  it("crosses the antimeridian by the short way", () => {
    const motion = towards(standing(at(179.999, 0)), at(-179.999, 0), 1000, 0);
    expect(poseAt(motion, 250).longitudeDeg).toBeCloseTo(179.9995, 6);
    expect(poseAt(motion, 750).longitudeDeg).toBeCloseTo(-179.9995, 6);
  });

  it.each([
    ["a jump over kilometres", at(8.1, 47), 1000],
    ["a report after a long silence", at(8.001, 47), 60_000],
  ])("does not glide after %s", (_, to, intervalMs) => {
    expect(poseAt(towards(standing(at(8, 47)), to, intervalMs, 0), 1)).toEqual(to);
  });
});

describe("a trail", () => {
  it("ends where the symbol is, not at the report it has not reached yet", () => {
    const trail = new Trail();
    trail.add([8, 47], 0);
    trail.add([8.001, 47], 1000);
    trail.add([8.002, 47], 2000);
    expect(trail.line([8.0015, 47], 2500)).toEqual([[8, 47], [8.001, 47], [8.0015, 47]]);
  });

  it("leaves out points that nobody could tell apart", () => {
    const trail = new Trail();
    for (let second = 0; second < 10; second += 1) trail.add([8 + second / 10_000, 47], second * 1000);
    expect(trail.line([9, 47], 10_000, 0.00035).map(([longitude]) => longitude)).toEqual([8, 8.0004, 8.0008, 9]);
  });

  it("forgets what is older than two minutes", () => {
    const trail = new Trail();
    for (let second = 0; second <= 200; second += 10) trail.add([8 + second / 1000, 47], second * 1000);
    expect(trail.line([9, 47], 200_000)[0]).toEqual([8.08, 47]);
  });

  it("starts anew after a silence and across the antimeridian", () => {
    const trail = new Trail();
    trail.add([179.99, 0], 0);
    trail.add([-179.99, 0], 1000);
    expect(trail.line([-179.99, 0], 1000)).toEqual([]);
    trail.add([-179.98, 0], 60_000);
    expect(trail.line([-179.98, 0], 60_000)).toEqual([]);
  });

  it("stays short while a device hovers", () => {
    const trail = new Trail();
    for (let second = 0; second < 100; second += 1) trail.add([8 + (second % 2) * 1e-6, 47], second * 1000);
    expect(trail.line([8, 47], 100_000)).toEqual([]);
  });
});

describe("the fleet", () => {
  const state = (device: string, more: Partial<DeviceState> = {}): DeviceState => ({ device, kind: "aircraft", ...more });

  it("is what the last snapshot says, with the changes since", () => {
    const fleet = new Fleet();
    fleet.take({ type: "snapshot", sequence: 1, server_time_ms: 0, devices: [state("a"), state("b")] }, 0);
    fleet.take({ type: "changes", sequence: 2, server_time_ms: 0, devices: [state("c", { battery_percent: 50 })] }, 0);
    expect([...fleet.devices.keys()]).toEqual(["a", "b", "c"]);
    fleet.take({ type: "snapshot", sequence: 1, server_time_ms: 0, devices: [state("c")] }, 0);
    expect([...fleet.devices.keys()]).toEqual(["c"]);
    expect(fleet.devices.get("c")?.state.battery_percent).toBeUndefined();
  });

  it("tells ages by the server's clock, whatever this computer's says", () => {
    const fleet = new Fleet();
    const heard = state("a", { received_at_ms: 1_000_000 });
    fleet.take({ type: "snapshot", sequence: 1, server_time_ms: 1_003_000, devices: [heard] }, 500);
    expect(fleet.ageSeconds(heard, 500)).toBe(3);
    expect(fleet.ageSeconds(heard, 4500)).toBe(7);
    expect(fleet.ageSeconds(state("b"), 500)).toBeNull();
  });

  it("does not take a slow frame for a slow clock", () => {
    const fleet = new Fleet();
    fleet.take({ type: "snapshot", sequence: 1, server_time_ms: 10_000, devices: [] }, 0);
    fleet.take({ type: "heartbeat", sequence: 2, server_time_ms: 12_000, lag_seconds: 0.5 }, 5_000);
    expect(fleet.serverTime(5_000)).toBe(15_000);
    expect(fleet.lagSeconds).toBe(0.5);
  });

  it("keeps a device where it was when a report has no position", () => {
    const fleet = new Fleet();
    const placed = state("a", { longitude_deg: 8, latitude_deg: 47, received_at_ms: 1 });
    fleet.take({ type: "snapshot", sequence: 1, server_time_ms: 0, devices: [placed] }, 0);
    fleet.take({ type: "changes", sequence: 2, server_time_ms: 0, devices: [state("a")] }, 0);
    const device = fleet.devices.get("a");
    expect(device && fleet.pose(device, 0)).toEqual(at(8, 47));
  });

  it("calls an aircraft silent in flight only while the page itself hears", () => {
    const fleet = new Fleet();
    const flying = state("a", { mode_code: 5, received_at_ms: 0 });
    const snapshot = { type: "snapshot", sequence: 1, server_time_ms: 20_000, devices: [flying] } as const;
    fleet.linked = true;
    fleet.take({ ...snapshot, devices: [flying] }, 0);
    expect(fleet.condition(flying, 0)).toBe("lost-in-flight");
    fleet.take({ ...snapshot, devices: [flying], lag_seconds: 20, pipeline: "late" }, 0);
    expect(fleet.condition(flying, 0)).toBe("stale");
    fleet.take({ ...snapshot, devices: [flying], lag_seconds: 0.1 }, 0);
    fleet.linked = false;
    expect(fleet.condition(flying, 0)).toBe("stale");
  });
});
