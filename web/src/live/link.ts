/**
 * The WebSocket to /v1/live: authenticates, checks every frame's sequence number, notices silence, comes back after a loss.
 *
 * It knows no device: frames go to `onFrame`. A gap in the sequence, a frame that is none, or silence longer than
 * SILENCE_MS (heartbeats come every 2 s) drops the socket; the next one starts with a new snapshot.
 */

import { readFrame, type Frame } from "./contract";
import { retryDelayMs } from "./retry";

export const SILENCE_MS = 6_000;
const UNAUTHORIZED = 4401;

export type LinkStatus =
  | { state: "connecting" }
  | { state: "open" }
  | { state: "waiting"; retryAtMs: number; reason: string };

/** The part of a WebSocket that is used here. */
export interface Socket {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  send(text: string): void;
  close(): void;
}

/** What surrounds a link: the browser in the page, a table of timers in a test. */
export interface Surroundings {
  open(): Socket;
  now(): number;
  after(milliseconds: number, act: () => void): () => void;
  chance(): number;
}

export interface Listener {
  onFrame(frame: Frame): void;
  onStatus(status: LinkStatus): void;
  /** The token is not valid (any more): no retry can help. */
  onUnauthorized(): void;
}

export class LiveLink {
  private socket: Socket | null = null;
  private cancelTimer: () => void = () => undefined;
  private sequence = 0;
  private attempts = 0;

  constructor(
    private readonly token: string,
    private readonly surroundings: Surroundings,
    private readonly listener: Listener,
  ) {}

  /** Connect now: the first time, or instead of waiting for the next attempt. */
  connect(): void {
    this.release();
    this.sequence = 0;
    this.listener.onStatus({ state: "connecting" });
    const socket = this.surroundings.open();
    this.socket = socket;
    socket.onopen = () => socket.send(JSON.stringify({ type: "auth", token: this.token }));
    socket.onmessage = ({ data }) => this.receive(data);
    socket.onclose = ({ code, reason }) => {
      if (code === UNAUTHORIZED) {
        this.close();
        this.listener.onUnauthorized();
      } else {
        this.lose(closeReason(code, reason));
      }
    };
    this.watchForSilence();
  }

  /** For good: no status follows. */
  close(): void {
    this.release();
  }

  private receive(data: unknown): void {
    const frame = typeof data === "string" ? readFrame(data) : null;
    if (frame === null) return this.lose("the server sent something this page cannot read");
    const first = this.sequence === 0;
    if (first !== (frame.type === "snapshot") || (!first && frame.sequence !== this.sequence + 1)) {
      return this.lose("a message went missing");
    }
    this.sequence = frame.sequence;
    this.watchForSilence();
    if (first) {
      this.attempts = 0;
      this.listener.onStatus({ state: "open" });
    }
    this.listener.onFrame(frame);
  }

  private watchForSilence(): void {
    this.cancelTimer();
    this.cancelTimer = this.surroundings.after(SILENCE_MS, () => this.lose("the server fell silent"));
  }

  private lose(reason: string): void {
    this.release();
    this.attempts += 1;
    const delay = retryDelayMs(this.attempts, this.surroundings.chance());
    this.cancelTimer = this.surroundings.after(delay, () => this.connect());
    this.listener.onStatus({ state: "waiting", retryAtMs: this.surroundings.now() + delay, reason });
  }

  private release(): void {
    this.cancelTimer();
    const socket = this.socket;
    this.socket = null;
    if (socket === null) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }
}

function closeReason(code: number, reason: string): string {
  if (code === 1013) return "this browser could not keep up";
  if (code === 1001 || code === 1012) return "the server is restarting";
  return reason || "the server cannot be reached";
}

/** A link's surroundings in a browser. */
export function browserSurroundings(): Surroundings {
  return {
    open() {
      const address = new URL("/v1/live", location.href);
      address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
      return new WebSocket(address) as Socket;
    },
    now: () => Date.now(),
    after(milliseconds, act) {
      const timer = setTimeout(act, milliseconds);
      return () => clearTimeout(timer);
    },
    chance: () => Math.random(),
  };
}
