import { describe, expect, it } from "vitest";
import { readView, writeView } from "../src/address";
import { retryDelayMs } from "../src/live/retry";
import { readFrame } from "../src/live/contract";
import { gridLines, gridStepDeg } from "../src/map/grid";
import { durationText, momentText, shortDuration } from "../src/show/times";
import { placeText } from "../src/show/units";

describe("times", () => {
  it.each([
    [-5, "0 s", "0 s"],
    [59_999, "59 s", "59 s"],
    [60_000, "1 min", "1 min"],
    [200_000, "3 min 20 s", "3 min"],
    [7_500_000, "2 h 5 min", "2 h"],
    [273_600_000, "3 d 4 h", "3 d"],
  ])("%d ms", (milliseconds, long, short) => {
    expect(durationText(milliseconds)).toBe(long);
    expect(shortDuration(milliseconds)).toBe(short);
  });

  it("name their zone, and their day when it is another one", () => {
    const noon = Date.UTC(2025, 6, 1, 12, 0, 5);
    expect(momentText(noon, noon, true, "Europe/Zurich")).toBe("12:00:05 UTC");
    expect(momentText(noon, noon, false, "Asia/Tokyo")).toMatch(/^21:00:05 /);
    expect(momentText(noon, noon + 86_400_000, true)).toBe("1 Jul 2025, 12:00:05 UTC");
  });
});

describe("places", () => {
  it("say their half of the world", () => {
    expect(placeText(-8.5, 47.25)).toBe("47.25000° N, 8.50000° W");
    expect(placeText(8.5, -0.5)).toBe("0.50000° S, 8.50000° E");
  });
});

describe("the address", () => {
  it("gives back the view it was made of", () => {
    const view = { place: { longitudeDeg: -8.5, latitudeDeg: 47.25, zoom: 14.5 }, device: "sys:a/b&c", follow: true };
    expect(readView(writeView(view))).toEqual(view);
  });

  it.each(["", "#", "#at=", "#at=91,0,3", "#at=1,2", "#at=x,y,z", "#follow=1"])("leaves out what it cannot read: %s", (hash) => {
    expect(readView(hash)).toEqual({ place: null, device: null, follow: false });
  });
});

describe("retries", () => {
  it("are spread over half of their delay and never longer than fifteen seconds", () => {
    expect(retryDelayMs(1, 0)).toBe(250);
    expect(retryDelayMs(1, 0.999)).toBe(500);
    expect(retryDelayMs(1000, 0.999)).toBe(14_993);
  });
});

describe("frames", () => {
  it.each([
    "",
    "[]",
    "null",
    '{"type":"heartbeat"}',
    '{"type":"changes","sequence":1,"server_time_ms":2}',
    '{"type":"other","sequence":1,"server_time_ms":2}',
  ])("are nothing else than the contract's: %s", (text) => {
    expect(readFrame(text)).toBeNull();
  });
});

describe("the grid", () => {
  it.each([360, 40, 3, 0.2, 0.01])("has a handful of lines over %d degrees", (span) => {
    const lines = span / gridStepDeg(span);
    expect(lines).toBeGreaterThanOrEqual(4);
    expect(lines).toBeLessThanOrEqual(20);
  });

  it("has lines at whole steps inside the box only", () => {
    const lines = gridLines({ west: 7.95, south: 46.95, east: 8.65, north: 47.2 });
    const meridians = lines.filter(([a, b]) => a?.[0] === b?.[0]).map(([a]) => a?.[0] ?? NaN);
    expect(meridians[0]).toBeCloseTo(8, 9);
    expect(meridians.every((longitude) => longitude >= 7.95 && longitude <= 8.65)).toBe(true);
  });
});
