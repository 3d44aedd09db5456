/** Which devices the list shows and in which order: what needs attention first, and still enough to be read and clicked. */

import { ATTENTION, type Condition } from "../live/condition";
import type { DeviceState } from "../live/contract";

export interface Row {
  state: DeviceState;
  ageSeconds: number | null;
  condition: Condition;
}

/**
 * The rows that match `filter`, sorted. Within a condition low batteries come by charge and everything else by name, so that
 * rows change places only when something happens.
 */
export function listed(rows: Row[], filter: string): Row[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter(({ state, condition }) => matches(state, condition, words)).sort(compare);
}

function compare(a: Row, b: Row): number {
  if (a.condition !== b.condition) return ATTENTION[a.condition] - ATTENTION[b.condition];
  if (a.condition === "low-battery" || a.condition === "serious-battery") {
    const difference = Math.floor(a.state.battery_percent ?? 0) - Math.floor(b.state.battery_percent ?? 0);
    if (difference !== 0) return difference;
  }
  const [nameA, nameB] = [titleOf(a.state), titleOf(b.state)];
  return nameA < nameB ? -1 : nameA > nameB ? 1 : a.state.device < b.state.device ? -1 : 1;
}

function matches(state: DeviceState, condition: Condition, words: string[]): boolean {
  if (words.length === 0) return true;
  const text = [state.device, state.name, state.model, state.kind, state.family, state.gateway, condition]
    .filter(Boolean)
    .join(" ")
    .toLowerCase();
  return words.every((word) => text.includes(word));
}

/** What a device is called: its name, else its serial number or id. */
export function titleOf(state: DeviceState): string {
  return state.name || state.device;
}
