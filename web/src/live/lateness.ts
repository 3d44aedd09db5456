/** What the page says about how current it is. Pure: status, times and lag in; one sentence, or nothing when all is well, out. */

import type { Flow } from "./contract";
import { LATE_SECONDS } from "./fleet";
import type { LinkStatus } from "./link";
import { durationText } from "../show/times";

/** A short blink of the link is not worth an alarm: the ages on the map keep ticking meanwhile. */
const GRACE_MS = 1_500;

export interface Currency {
  status: LinkStatus;
  nowMs: number;
  /** When the last frame came, by this computer's clock; null before the first. */
  lastFrameAtMs: number | null;
  lagSeconds: number | null;
  pipeline: Flow;
  /** Newest arrival of any device, by the server's clock turned into ours; null where no device has reported. */
  newestReceivedAtMs: number | null;
}

export interface Notice {
  level: "lost" | "late" | "quiet";
  headline: string;
  detail: string;
  /** Whether a person can ask for an attempt now. */
  retry: boolean;
}

/** The notice to show, or null when the picture is current. */
export function noticeOf({ status, nowMs, lastFrameAtMs, lagSeconds, pipeline, newestReceivedAtMs }: Currency): Notice | null {
  if (status.state !== "open") {
    if (lastFrameAtMs === null) return status.state === "waiting" ? unreachable(status, nowMs) : null;
    const lostForMs = nowMs - lastFrameAtMs;
    if (lostForMs < GRACE_MS) return null;
    return {
      level: "lost",
      headline: `Disconnected: the map shows the past, ${durationText(lostForMs)} old`,
      detail: status.state === "waiting" ? `${sentence(status.reason)} ${nextAttempt(status, nowMs)}` : "Connecting…",
      retry: status.state === "waiting",
    };
  }
  if (lastFrameAtMs !== null && nowMs - lastFrameAtMs > LATE_SECONDS * 1000) {
    return {
      level: "late",
      headline: `No word from the server for ${durationText(nowMs - lastFrameAtMs)}`,
      detail: "The link is open but silent; it is dropped and opened anew when this lasts.",
      retry: false,
    };
  }
  if (lagSeconds !== null && lagSeconds > LATE_SECONDS) {
    return {
      level: "late",
      headline: `${LATE_HEADLINE[pipeline]} ${durationText(lagSeconds * 1000)}`,
      detail: LATE_DETAIL[pipeline],
      retry: false,
    };
  }
  if (newestReceivedAtMs === null) return null;
  const silentMs = nowMs - newestReceivedAtMs;
  if (silentMs > 30_000) {
    return {
      level: "quiet",
      headline: `No device has reported for ${durationText(silentMs)}`,
      detail: "The link is fine. Either nothing is switched on, or the way in is interrupted: see “windhover status”.",
      retry: false,
    };
  }
  return null;
}

const LATE_HEADLINE: Record<Flow, string> = {
  flowing: "Late: positions are shown with a delay of",
  silent: "Late: positions are shown with a delay of",
  late: "Devices report, but nothing has come through for",
  away: "The server's log (Kafka) does not answer; nothing new for",
};
const LATE_DETAIL: Record<Flow, string> = {
  flowing: "The pipeline is behind. “windhover status” shows which role.",
  silent: "The pipeline is behind. “windhover status” shows which role.",
  late: "The pipeline stands. “windhover status” shows which role.",
  away: "What devices send meanwhile is kept and comes later. “windhover doctor” says what to do.",
};

function unreachable(status: { retryAtMs: number; reason: string }, nowMs: number): Notice {
  return {
    level: "lost",
    headline: "No live data: the server does not answer",
    detail: `${sentence(status.reason)} ${nextAttempt(status, nowMs)}`,
    retry: true,
  };
}

function sentence(reason: string): string {
  return `${reason.charAt(0).toUpperCase()}${reason.slice(1)}.`;
}

function nextAttempt({ retryAtMs }: { retryAtMs: number }, nowMs: number): string {
  return `Next attempt in ${Math.max(1, Math.ceil((retryAtMs - nowMs) / 1000))} s.`;
}
