import { describe, expect, it } from "vitest";
import { fieldRows, fieldText } from "../src/card/fields";
import { listed } from "../src/list/order";
import { conditionOf, inFlight, type Condition } from "../src/live/condition";
import type { DeviceState } from "../src/live/contract";

const aircraft = (device: string, more: Partial<DeviceState> = {}): DeviceState => ({
  device,
  kind: "aircraft",
  mode_code: 5,
  battery_percent: 80,
  ...more,
});

describe("the condition of a device", () => {
  it.each<[string, DeviceState, number | null, Condition]>([
    ["flying", aircraft("a"), 1, "flying"],
    ["on the ground", aircraft("a", { mode_code: 0, battery_percent: 5 }), 1, "idle"],
    ["flying on a low battery", aircraft("a", { battery_percent: 30 }), 1, "low-battery"],
    ["flying on a critical battery", aircraft("a", { battery_percent: 15 }), 1, "serious-battery"],
    ["silent in flight", aircraft("a"), 10.5, "lost-in-flight"],
    ["silent for longer than any battery lasts", aircraft("a"), 3600, "stale"],
    ["silent on the ground", aircraft("a", { mode_code: 0 }), 11, "stale"],
    ["a dock a little late", { device: "d", kind: "dock" }, 29, "idle"],
    ["a dock late", { device: "d", kind: "dock" }, 31, "stale"],
    ["never heard", aircraft("a"), null, "stale"],
  ])("%s", (_, state, age, expected) => {
    expect(conditionOf(state, age)).toBe(expected);
  });

  it("takes an unknown mode for airborne and an open one by its movement", () => {
    expect(inFlight(aircraft("a", { mode_code: 99 }))).toBe(true);
    expect(inFlight(aircraft("a", { mode_code: 16 }))).toBe(false);
    expect(inFlight(aircraft("a", { mode_code: 16, height_takeoff_m: 40 }))).toBe(true);
  });
});

describe("the list", () => {
  const ages: Record<string, number> = { lost: 20, gone: 9999 };
  const order = (states: DeviceState[], filter = "") =>
    listed(
      states.map((state) => {
        const ageSeconds = ages[state.device] ?? 1;
        return { state, ageSeconds, condition: conditionOf(state, ageSeconds) };
      }),
      filter,
    ).map(({ state }) => state.device);

  it("begins with what needs attention, low batteries by charge, the rest by name", () => {
    const states = [
      aircraft("gone"),
      { device: "dock", kind: "dock" } as DeviceState,
      aircraft("zulu", { name: "Alpha" }),
      aircraft("bravo", { name: "Bravo" }),
      aircraft("low-25", { battery_percent: 25 }),
      aircraft("low-20", { battery_percent: 20 }),
      aircraft("serious", { battery_percent: 9 }),
      aircraft("lost"),
    ];
    expect(order(states)).toEqual(["lost", "serious", "low-20", "low-25", "zulu", "bravo", "dock", "gone"]);
  });

  it("is filtered by every word, anywhere", () => {
    const states = [aircraft("x1", { name: "Survey North" }), aircraft("x2", { name: "Survey South", model: "M30T" })];
    expect(order(states, "survey")).toHaveLength(2);
    expect(order(states, "m30 SURVEY")).toEqual(["x2"]);
    expect(order(states, "east")).toEqual([]);
  });
});

describe("the fields of a card", () => {
  it.each([
    ["height_takeoff_m", 84.4, "84 m", "277 ft"],
    ["ground_speed_mps", 12.34, "12.3 m/s", "24 kt"],
    ["climb_mps", 1.5, "+1.5 m/s", "+295 ft/min"],
    ["climb_mps", -0.01, "0.0 m/s", "-2 ft/min"],
    ["heading_deg", 359.6, "000°", "000°"],
    ["heading_deg", 7, "007°", "007°"],
    ["gimbal_pitch_deg", -90, "-90.0°", "-90.0°"],
    ["battery_percent", 71, "71 %", "71 %"],
    ["flight_time_left_seconds", 1120, "18 min 40 s", "18 min 40 s"],
    ["recording", true, "yes", "yes"],
    ["environment_temperature", 18.40000001, "18.4", "18.4"],
    ["1", { value: 21.5, unit: "°C" }, "21.5 °C", "21.5 °C"],
  ])("%s", (name, value, metric, aviation) => {
    expect(fieldText(name, value, "metric")).toBe(metric);
    expect(fieldText(name, value, "aviation")).toBe(aviation);
  });

  it("come from the live state before the stored one, known ones first, with their own age", () => {
    const rows = fieldRows(
      aircraft("a", { observed_at_ms: 5000 }),
      {
        fields: {
          satellites: { value: 20, observed_at: "1970-01-01T00:00:02Z" },
          battery_percent: { value: 99, observed_at: "1970-01-01T00:00:01Z" },
          flags: { value: "clock", observed_at: null },
        },
      },
      "metric",
    );
    expect(rows.map(({ label, text, observedAtMs }) => [label, text, observedAtMs])).toEqual([
      ["Mode", "wayline flight", 5000],
      ["Battery", "80 %", 5000],
      ["Satellites", "20", 2000],
    ]);
  });
});
