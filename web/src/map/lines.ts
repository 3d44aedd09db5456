/**
 * Grid, track and trails on the map, drawn by a WebGL program of our own.
 *
 * A line layer of MapLibre's would first draw a mask over the whole map on every frame, and cut the lines into tiles
 * whenever they change; without a graphics card that took a third of the time. Here a segment is two triangles, and all
 * segments of a part (grid, track, trails) are drawn with one call. Instances would need less memory, but a software
 * renderer draws them one by one: measured, three times slower than everything else on the map together.
 */

import type { CustomLayerInterface, CustomRenderMethodInput } from "maplibre-gl";
import { CORNERS_OF_TRIANGLES, mercatorOf, multiplied, NUMBERS_PER_VERTEX, trianglesOf, VERTICES_PER_SEGMENT, type Line } from "./segments";

export interface Stroke {
  /** Red, green, blue and opacity in [0, 1]; opacity below 1 would show where segments overlap. */
  colour: readonly [number, number, number, number];
  /** In CSS pixels. */
  width: number;
}

const VERTEX = `#version 300 es
uniform mat4 u_matrix;
uniform vec2 u_viewport;
uniform float u_half_width;
in vec2 a_corner;
in vec4 a_segment;
out float v_across;
void main() {
  vec4 a = u_matrix * vec4(a_segment.xy, 0.0, 1.0);
  vec4 b = u_matrix * vec4(a_segment.zw, 0.0, 1.0);
  vec2 way = (b.xy / b.w - a.xy / a.w) * u_viewport;
  vec2 along = length(way) > 0.0 ? normalize(way) : vec2(1.0, 0.0);
  float reach = u_half_width + 0.5;
  v_across = a_corner.y * reach;
  vec2 shift = a_corner.y * reach * vec2(-along.y, along.x) + (a_corner.x * 2.0 - 1.0) * 0.5 * u_half_width * along;
  vec4 end = a_corner.x < 0.5 ? a : b;
  gl_Position = vec4(end.xy + shift / u_viewport * end.w, 0.0, end.w);
}`;
const FRAGMENT = `#version 300 es
precision highp float;
uniform vec4 u_colour;
uniform float u_half_width;
in float v_across;
out vec4 colour;
void main() {
  float cover = clamp(u_half_width + 0.5 - abs(v_across), 0.0, 1.0) * u_colour.a;
  colour = vec4(u_colour.rgb * cover, cover);
}`;
const NUMBER_BYTES = 4;

interface Drawing {
  program: WebGLProgram;
  vertices: WebGLVertexArrayObject;
  corners: WebGLBuffer;
  order: WebGLBuffer;
}

/** One part's lines. Set its strokes (drawn one over the other) and its lines; MapLibre calls the rest. */
export class LinesLayer implements CustomLayerInterface {
  readonly type = "custom";
  readonly renderingMode = "2d";
  strokes: readonly Stroke[] = [];
  private drawing: Drawing | null = null;
  private corners = new Float32Array();
  private changed = false;
  /** What the segments count from, in Mercator's unit square: single precision alone would shake at street level. */
  private anchor: [x: number, y: number] = [0, 0];

  constructor(readonly id: string) {}

  setLines(lines: readonly Line[]): void {
    const first = lines[0]?.[0];
    this.anchor = first ? mercatorOf(first) : [0, 0];
    this.corners = trianglesOf(lines, this.anchor);
    this.changed = true;
  }

  onAdd(_: unknown, gl: WebGLRenderingContext | WebGL2RenderingContext): void {
    this.drawing = prepared(gl as WebGL2RenderingContext);
    this.changed = true;
  }

  onRemove(_: unknown, context: WebGLRenderingContext | WebGL2RenderingContext): void {
    const gl = context as WebGL2RenderingContext;
    if (this.drawing === null) return;
    gl.deleteProgram(this.drawing.program);
    gl.deleteVertexArray(this.drawing.vertices);
    gl.deleteBuffer(this.drawing.corners);
    gl.deleteBuffer(this.drawing.order);
    this.drawing = null;
  }

  render(context: WebGLRenderingContext | WebGL2RenderingContext, { defaultProjectionData }: CustomRenderMethodInput): void {
    const gl = context as WebGL2RenderingContext;
    if (this.drawing === null || this.corners.length === 0) return;
    const { program, vertices, corners, order } = this.drawing;
    const segments = this.corners.length / (VERTICES_PER_SEGMENT * NUMBERS_PER_VERTEX);
    gl.useProgram(program);
    gl.bindVertexArray(vertices);
    if (this.changed) {
      gl.bindBuffer(gl.ARRAY_BUFFER, corners);
      gl.bufferData(gl.ARRAY_BUFFER, this.corners, gl.DYNAMIC_DRAW);
      gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, order);
      gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, orderOf(segments), gl.DYNAMIC_DRAW);
      this.changed = false;
    }
    const matrix = multiplied(defaultProjectionData.mainMatrix as ArrayLike<number>, this.anchor);
    const ratio = gl.drawingBufferWidth / (gl.canvas as HTMLCanvasElement).clientWidth;
    gl.uniformMatrix4fv(gl.getUniformLocation(program, "u_matrix"), false, matrix);
    // Shifts are in drawn pixels from the middle, so half the viewport is one.
    gl.uniform2f(gl.getUniformLocation(program, "u_viewport"), gl.drawingBufferWidth / 2, gl.drawingBufferHeight / 2);
    for (const { colour, width } of this.strokes) {
      gl.uniform1f(gl.getUniformLocation(program, "u_half_width"), (width * ratio) / 2);
      gl.uniform4f(gl.getUniformLocation(program, "u_colour"), ...colour);
      gl.drawElements(gl.TRIANGLES, segments * CORNERS_OF_TRIANGLES.length, gl.UNSIGNED_INT, 0);
    }
    gl.bindVertexArray(null);
  }
}

function prepared(gl: WebGL2RenderingContext): Drawing {
  const program = gl.createProgram();
  for (const [type, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]] as const) {
    const shader = gl.createShader(type);
    if (shader === null) throw new Error("The graphics context is lost: load the page again.");
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
    throw new Error(`This browser's WebGL cannot draw lines: ${gl.getProgramInfoLog(program)}`);
  }
  const vertices = gl.createVertexArray();
  const corners = gl.createBuffer();
  const order = gl.createBuffer();
  gl.bindVertexArray(vertices);
  gl.bindBuffer(gl.ARRAY_BUFFER, corners);
  gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, order);
  const stride = NUMBERS_PER_VERTEX * NUMBER_BYTES;
  for (const [name, size, from] of [["a_segment", 4, 0], ["a_corner", 2, 4]] as const) {
    const place = gl.getAttribLocation(program, name);
    gl.enableVertexAttribArray(place);
    gl.vertexAttribPointer(place, size, gl.FLOAT, false, stride, from * NUMBER_BYTES);
  }
  gl.bindVertexArray(null);
  return { program, vertices, corners, order };
}

/** Which vertices make the two triangles of each of `segments` segments. */
function orderOf(segments: number): Uint32Array<ArrayBuffer> {
  const order = new Uint32Array(segments * CORNERS_OF_TRIANGLES.length);
  for (let at = 0; at < order.length; at += 1) {
    const segment = Math.floor(at / CORNERS_OF_TRIANGLES.length);
    order[at] = segment * VERTICES_PER_SEGMENT + (CORNERS_OF_TRIANGLES[at % CORNERS_OF_TRIANGLES.length] as number);
  }
  return order;
}
