import { describe, expect, it } from "vitest";
import { Pace } from "../src/map/pace";

function run(pace: Pace, frames: number, milliseconds: number): number {
  for (let frame = 0; frame < frames; frame += 1) pace.took(milliseconds);
  return pace.sharpness;
}

describe("the pace of the map", () => {
  it("stays sharp while frames come in time, whatever single ones need", () => {
    const pace = new Pace();
    for (let second = 0; second < 60; second += 1) {
      expect(run(pace, 1, 500)).toBe(1);
      expect(run(pace, 20, 40)).toBe(1);
    }
  });

  it("gives up sharpness step by step while frames take too long, to a bound", () => {
    const pace = new Pace();
    expect(run(pace, 11, 100)).toBe(1);
    expect(run(pace, 1, 100)).toBe(0.75);
    expect(run(pace, 12, 100)).toBe(0.5);
    expect(run(pace, 1000, 100)).toBe(0.5);
  });

  it("is sharp again once there is time for it, and does not swing", () => {
    const pace = new Pace();
    run(pace, 24, 100);
    expect(run(pace, 1000, 50)).toBe(0.5);
    expect(run(pace, 240, 16)).toBe(1);
    expect(run(pace, 1000, 60)).toBe(1);
  });
});
