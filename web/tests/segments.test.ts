import { describe, expect, it } from "vitest";
import { mercatorOf, multiplied, trianglesOf } from "../src/map/segments";

describe("lines for the graphics program", () => {
  it.each([
    [[-180, 0], [0, 0.5]],
    [[180, 85.051129], [1, 0]],
    [[0, -90], [0.5, 1]],
    // By the other form of the formula: (1 - asinh(tan(latitude)) / pi) / 2.
    [[8.54, 47.37], [188.54 / 360, (1 - Math.asinh(Math.tan((47.37 * Math.PI) / 180)) / Math.PI) / 2]],
  ])("%j lies in Mercator's square at %j", (place, [x, y]) => {
    const [gotX, gotY] = mercatorOf(place);
    expect(gotX).toBeCloseTo(x as number, 7);
    expect(gotY).toBeCloseTo(y as number, 7);
  });

  it("are one segment less than points, and none for a single point", () => {
    const numbers = trianglesOf([[[0, 0], [36, 0], [72, 0]], [[5, 5]], []], [0.5, 0.5]);
    const vertices = Array.from({ length: numbers.length / 6 }, (_, at) => [...numbers.slice(6 * at, 6 * at + 6)]);
    const first = [0, 0, Math.fround(0.1), 0];
    const second = [Math.fround(0.1), 0, Math.fround(0.2), 0];
    const corners = [[0, -1], [1, -1], [0, 1], [1, 1]];
    expect(vertices).toEqual([first, second].flatMap((ends) => corners.map((corner) => [...ends, ...corner])));
  });

  it("keep a centimetre apart at street level, which single precision alone would not", () => {
    const centimetre = 1e-7;
    const anchor = mercatorOf([8.5417, 47.3769]);
    const [ax, , bx] = trianglesOf([[[8.5417, 47.3769], [8.5417 + centimetre, 47.3769]]], anchor);
    expect((bx as number) - (ax as number)).toBeCloseTo(centimetre / 360, 13);
    expect(Math.fround(anchor[0] + centimetre / 360)).toBe(Math.fround(anchor[0]));
  });

  it("are moved back by the anchor inside the matrix", () => {
    const scale = [2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 1, 0, 10, 20, 0, 1];
    expect([...multiplied(scale, [0.5, 0.25])].slice(12)).toEqual([11, 20.75, 0, 1]);
  });
});
