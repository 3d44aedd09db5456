/**
 * `window.windhover`: what the browser tests and a person with a console open ask the page.
 *
 * - `devices()`: every device with its newest report and, as `drawn`, where its symbol stands now ([longitude, latitude]).
 * - `link()`: `connecting`, `open` or `waiting`.
 * - `framesDrawn()`: position updates drawn since the page was loaded; its growth over a second is the frame rate.
 */

import type { DeviceState } from "./live/contract";
import type { Fleet } from "./live/fleet";
import type { LiveMap } from "./map/live_map";

export interface SeenDevice extends DeviceState {
  drawn: [longitudeDeg: number, latitudeDeg: number] | null;
  age_seconds: number | null;
}

declare global {
  interface Window {
    windhover?: { devices(): SeenDevice[]; link(): string; framesDrawn(): number };
  }
}

/** Attaches the hook; the function given back takes it off. */
export function attachTestHook(fleet: Fleet, map: LiveMap, link: () => string): () => void {
  window.windhover = {
    devices: () =>
      [...fleet.devices.values()].map((device) => {
        const now = Date.now();
        const pose = fleet.pose(device, now);
        return {
          ...device.state,
          drawn: pose && [pose.longitudeDeg, pose.latitudeDeg],
          age_seconds: fleet.ageSeconds(device.state, now),
        };
      }),
    link,
    framesDrawn: () => map.framesDrawn,
  };
  return () => delete window.windhover;
}
