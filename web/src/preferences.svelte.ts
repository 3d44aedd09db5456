/** What a person prefers, kept in this browser: theme, units, clock. */

import type { Theme } from "./map/palette";
import type { UnitSystem } from "./show/units";

const KEY = "windhover.preferences";

class Preferences {
  /** The chosen theme; null follows the computer's. */
  chosenTheme = $state<Theme | null>(null);
  units = $state<UnitSystem>("metric");
  utc = $state(false);
  private systemIsDark = $state(matchMedia("(prefers-color-scheme: dark)").matches);
  theme = $derived<Theme>(this.chosenTheme ?? (this.systemIsDark ? "dark" : "light"));

  constructor() {
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", ({ matches }) => (this.systemIsDark = matches));
    try {
      const kept = JSON.parse(localStorage.getItem(KEY) ?? "{}") as Record<string, unknown>;
      if (kept["theme"] === "light" || kept["theme"] === "dark") this.chosenTheme = kept["theme"];
      if (kept["units"] === "aviation") this.units = "aviation";
      this.utc = kept["utc"] === true;
    } catch {
      localStorage.removeItem(KEY); // not written by this version: the defaults hold
    }
  }

  /** Light, dark, as the computer: one after the other. */
  nextTheme(): void {
    const order = [null, "light", "dark"] as const;
    this.chosenTheme = order[(order.indexOf(this.chosenTheme) + 1) % order.length] ?? null;
    this.keep();
  }

  nextUnits(): void {
    this.units = this.units === "metric" ? "aviation" : "metric";
    this.keep();
  }

  nextClock(): void {
    this.utc = !this.utc;
    this.keep();
  }

  private keep(): void {
    localStorage.setItem(KEY, JSON.stringify({ theme: this.chosenTheme, units: this.units, utc: this.utc }));
  }
}

export const preferences = new Preferences();
