/** What /v1/live sends, and the checks a frame passes before the page believes it. Units are in the names; absent means unknown. */

export type Kind = "aircraft" | "dock" | "remote-controller" | "thing" | "unknown";

/** The newest state of one device. */
export interface DeviceState {
  device: string;
  kind: Kind;
  family?: string | null;
  name?: string | null;
  model?: string | null;
  observed_at_ms?: number | null;
  received_at_ms?: number | null;
  longitude_deg?: number | null;
  latitude_deg?: number | null;
  height_ellipsoid_m?: number | null;
  height_takeoff_m?: number | null;
  ground_speed_mps?: number | null;
  heading_deg?: number | null;
  battery_percent?: number | null;
  mode_code?: number | null;
  gateway?: string | null;
  fields?: Record<string, unknown> | null;
}

/** How the pipeline is: `late`, messages come in and nothing comes out; `away`, its log does not answer. */
export type Flow = "flowing" | "silent" | "late" | "away";

interface Numbered {
  sequence: number;
  server_time_ms: number;
  /** Seconds the newest record needed from arrival, or since when nothing comes out; null or absent when devices are silent. */
  lag_seconds?: number | null;
  pipeline?: Flow;
}

export type Frame =
  | (Numbered & { type: "snapshot"; devices: DeviceState[] })
  | (Numbered & { type: "changes"; devices: DeviceState[] })
  | (Numbered & { type: "heartbeat" });

/** The frame in `text`, or null where it is none: the caller then starts over with a new snapshot. */
export function readFrame(text: string): Frame | null {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof frame !== "object" || frame === null) return null;
  const { type, sequence, server_time_ms, devices } = frame as Record<string, unknown>;
  if (typeof sequence !== "number" || typeof server_time_ms !== "number") return null;
  if (type === "heartbeat") return frame as Frame;
  if ((type === "snapshot" || type === "changes") && Array.isArray(devices)) return frame as Frame;
  return null;
}
