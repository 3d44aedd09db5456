/** Lines of [longitude, latitude] as the numbers that a graphics program draws. Pure. */

/** Longitude and latitude in degrees; what follows (a height) is not drawn. */
export type Line = readonly (readonly number[])[];

const STEEPEST_DEG = 85.051129;

/** Web Mercator's unit square: x and y in [0, 1] for one world, y from the north down. */
export function mercatorOf([longitude = 0, latitude = 0]: readonly number[]): [x: number, y: number] {
  const bounded = Math.min(STEEPEST_DEG, Math.max(-STEEPEST_DEG, latitude));
  const north = Math.log(Math.tan(Math.PI / 4 + (bounded * Math.PI) / 360));
  return [(longitude + 180) / 360, 0.5 - north / (2 * Math.PI)];
}

export const VERTICES_PER_SEGMENT = 4;
export const NUMBERS_PER_VERTEX = 6;
/** The two triangles of a segment, by the numbers of its vertices. */
export const CORNERS_OF_TRIANGLES = [0, 1, 2, 2, 1, 3] as const;
/** A vertex stands at the beginning (0) or end (1) of its segment and on one side (-1) or the other (1). */
const CORNERS = [[0, -1], [1, -1], [0, 1], [1, 1]] as const;

/** For each segment four vertices of six numbers: x and y of both ends, counted from `anchor`, and the vertex's corner. */
export function trianglesOf(lines: readonly Line[], [anchorX, anchorY]: readonly [number, number]): Float32Array<ArrayBuffer> {
  const count = lines.reduce((sum, line) => sum + Math.max(0, line.length - 1), 0);
  const numbers = new Float32Array(count * VERTICES_PER_SEGMENT * NUMBERS_PER_VERTEX);
  let at = 0;
  for (const line of lines) {
    let [x, y] = mercatorOf(line[0] ?? []);
    for (let index = 1; index < line.length; index += 1) {
      const [toX, toY] = mercatorOf(line[index] ?? []);
      for (const [end, side] of CORNERS) {
        numbers[at] = x - anchorX;
        numbers[at + 1] = y - anchorY;
        numbers[at + 2] = toX - anchorX;
        numbers[at + 3] = toY - anchorY;
        numbers[at + 4] = end;
        numbers[at + 5] = side;
        at += NUMBERS_PER_VERTEX;
      }
      [x, y] = [toX, toY];
    }
  }
  return numbers;
}

/** A 4x4 matrix (columns first) that takes what counts from `anchor`: the sum is made in double precision. */
export function multiplied(matrix: ArrayLike<number>, [x, y]: readonly [number, number]): Float32Array<ArrayBuffer> {
  const moved = new Float32Array(16);
  const entry = (index: number) => matrix[index] ?? 0;
  for (let index = 0; index < 12; index += 1) moved[index] = entry(index);
  for (let row = 0; row < 4; row += 1) moved[12 + row] = entry(row) * x + entry(4 + row) * y + entry(12 + row);
  return moved;
}
