/** What the card and the map show of one device beyond the live state: its last hour once, all its fields again and again. */

import { ApiError, call } from "../session/api";
import type { Track } from "../map/live_map";
import type { Latest } from "./fields";

const LATEST_EVERY_MS = 5_000;

export interface Watcher {
  /** A track of at least two positions, to be drawn. */
  onTrack(track: Track): void;
  /** What there is to say of the last hour. */
  onTrackNote(note: string): void;
  /** All stored fields, or the sentence that says why there are none. */
  onLatest(latest: Latest | null, problem: string): void;
  onUnauthorized(): void;
}

/** Starts watching; the function given back ends it. */
export function watchDevice(device: string, token: string, watcher: Watcher): () => void {
  const stop = new AbortController();
  const path = `/v1/devices/${encodeURIComponent(device)}`;
  const options = { token, signal: stop.signal };

  async function attempt(act: () => Promise<void>, failed: (message: string) => void): Promise<void> {
    try {
      await act();
    } catch (error) {
      if (stop.signal.aborted) return;
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 401) watcher.onUnauthorized();
      else failed(error.status === 404 ? "Nothing is stored of this device yet." : error.message);
    }
  }

  async function readTrack(): Promise<void> {
    const track = await call<Track | { geometry: null }>(`${path}/track`, options);
    const count = positionCount(track);
    if (track.geometry !== null && count > 1) watcher.onTrack(track as Track);
    watcher.onTrackNote(count > 1 ? `Last hour: ${count.toLocaleString("en")} positions, drawn on the map` : "Last hour: no positions");
  }

  async function readLatest(): Promise<void> {
    watcher.onLatest(await call<Latest>(`${path}/latest`, options), "");
  }

  const refresh = () => void attempt(readLatest, (problem) => watcher.onLatest(null, problem));
  watcher.onLatest(null, "");
  watcher.onTrackNote("Last hour: loading…");
  void attempt(readTrack, (problem) => watcher.onTrackNote(`Last hour: ${problem}`));
  refresh();
  const timer = setInterval(refresh, LATEST_EVERY_MS);
  return () => {
    stop.abort();
    clearInterval(timer);
  };
}

/** Positions of a track, in one line or several. */
export function positionCount({ geometry }: Track | { geometry: null }): number {
  if (geometry === null) return 0;
  if (geometry.type === "LineString") return geometry.coordinates.length;
  return geometry.coordinates.reduce((sum, line) => sum + line.length, 0);
}
