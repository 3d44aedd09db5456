/** The address bar holds the view: `#at=47.376890,8.541690,14.20&device=ID&follow=1`. A link shows a colleague the same thing. */

export interface View {
  /** Centre and zoom of the map; null lets the page fit what there is. */
  place: { longitudeDeg: number; latitudeDeg: number; zoom: number } | null;
  device: string | null;
  follow: boolean;
}

/** The view that a location's hash describes. What cannot be read is left out. */
export function readView(hash: string): View {
  const parts = new URLSearchParams(hash.replace(/^#/, ""));
  const [latitudeDeg = NaN, longitudeDeg = NaN, zoom = NaN] = (parts.get("at") ?? "").split(",").map(Number);
  const valid = Math.abs(latitudeDeg) <= 90 && Math.abs(longitudeDeg) <= 180 && zoom >= 0 && zoom <= 24;
  const device = parts.get("device") || null;
  return {
    place: valid ? { longitudeDeg, latitudeDeg, zoom } : null,
    device,
    follow: device !== null && parts.get("follow") === "1",
  };
}

/** The hash of a view, starting with `#`. */
export function writeView({ place, device, follow }: View): string {
  const parts: string[] = [];
  if (place) {
    parts.push(`at=${place.latitudeDeg.toFixed(6)},${place.longitudeDeg.toFixed(6)},${place.zoom.toFixed(2)}`);
  }
  if (device !== null) parts.push(`device=${encodeURIComponent(device)}`);
  if (device !== null && follow) parts.push("follow=1");
  return `#${parts.join("&")}`;
}
