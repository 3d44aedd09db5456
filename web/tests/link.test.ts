import { describe, expect, it } from "vitest";
import type { Frame } from "../src/live/contract";
import { LiveLink, SILENCE_MS, type LinkStatus, type Socket, type Surroundings } from "../src/live/link";

/** Sockets and timers that a test turns by hand. */
class Bench implements Surroundings {
  readonly sockets: (Socket & { sent: string[]; closed: boolean })[] = [];
  private timers: { atMs: number; act: () => void }[] = [];
  private clockMs = 0;

  open(): Socket {
    const sent: string[] = [];
    const socket = {
      onopen: null,
      onmessage: null,
      onclose: null,
      sent,
      closed: false,
      send: (text: string) => void sent.push(text),
      close: () => void (socket.closed = true),
    } as Socket & { sent: string[]; closed: boolean };
    this.sockets.push(socket);
    return socket;
  }

  now(): number {
    return this.clockMs;
  }

  after(milliseconds: number, act: () => void): () => void {
    const timer = { atMs: this.clockMs + milliseconds, act };
    this.timers.push(timer);
    return () => (this.timers = this.timers.filter((other) => other !== timer));
  }

  chance(): number {
    return 0;
  }

  pass(milliseconds: number): void {
    this.clockMs += milliseconds;
    const due = this.timers.filter(({ atMs }) => atMs <= this.clockMs);
    this.timers = this.timers.filter(({ atMs }) => atMs > this.clockMs);
    for (const { act } of due) act();
  }

  get socket() {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error("no socket was opened");
    return socket;
  }

  say(frame: object): void {
    this.socket.onmessage?.({ data: JSON.stringify({ server_time_ms: 1, ...frame }) });
  }
}

function started() {
  const bench = new Bench();
  const frames: Frame[] = [];
  const statuses: LinkStatus[] = [];
  const refused: true[] = [];
  const link = new LiveLink("token", bench, {
    onFrame: (frame) => frames.push(frame),
    onStatus: (status) => statuses.push(status),
    onUnauthorized: () => refused.push(true),
  });
  link.connect();
  return { bench, frames, statuses, refused, link };
}

const snapshot = { type: "snapshot", sequence: 1, devices: [] };

describe("the live link", () => {
  it("sends the token in its first message", () => {
    const { bench } = started();
    bench.socket.onopen?.();
    expect(bench.socket.sent).toEqual(['{"type":"auth","token":"token"}']);
  });

  it("is open with the snapshot and hands on what follows in order", () => {
    const { bench, frames, statuses } = started();
    bench.say(snapshot);
    bench.say({ type: "heartbeat", sequence: 2 });
    bench.say({ type: "changes", sequence: 3, devices: [] });
    expect(frames.map(({ type }) => type)).toEqual(["snapshot", "heartbeat", "changes"]);
    expect(statuses.at(-1)).toEqual({ state: "open" });
  });

  it.each([
    ["a gap in the sequence", { type: "changes", sequence: 3, devices: [] }],
    ["a repeated sequence number", { type: "changes", sequence: 1, devices: [] }],
    ["a second snapshot", { type: "snapshot", sequence: 2, devices: [] }],
    ["something unreadable", { type: "surprise" }],
  ])("starts over after %s", (_, frame) => {
    const { bench, frames, statuses } = started();
    bench.say(snapshot);
    const first = bench.socket;
    bench.say(frame);
    expect(first.closed).toBe(true);
    expect(frames).toHaveLength(1);
    expect(statuses.at(-1)?.state).toBe("waiting");
    bench.pass(60_000);
    expect(bench.sockets).toHaveLength(2);
    bench.say(snapshot);
    expect(frames).toHaveLength(2);
  });

  it("does not take changes before a snapshot", () => {
    const { bench, frames } = started();
    bench.say({ type: "changes", sequence: 1, devices: [] });
    expect(frames).toEqual([]);
  });

  it("gives a silent link up", () => {
    const { bench, statuses } = started();
    bench.say(snapshot);
    bench.pass(SILENCE_MS - 1);
    expect(statuses.at(-1)?.state).toBe("open");
    bench.pass(1);
    expect(statuses.at(-1)).toMatchObject({ state: "waiting", reason: "the server fell silent" });
  });

  it("waits longer after every failed attempt and forgets that after a snapshot", () => {
    const { bench, statuses } = started();
    const waits: number[] = [];
    const fail = () => {
      bench.socket.onclose?.({ code: 1006, reason: "" });
      const status = statuses.at(-1);
      if (status?.state !== "waiting") throw new Error("it does not wait");
      waits.push(status.retryAtMs - bench.now());
      bench.pass(waits.at(-1) ?? 0);
    };
    for (let attempt = 0; attempt < 8; attempt += 1) fail();
    expect(waits).toEqual([250, 500, 1000, 2000, 4000, 7500, 7500, 7500]);
    bench.say(snapshot);
    fail();
    expect(waits.at(-1)).toBe(250);
  });

  it("asks for a login when the token is refused, and does not try again", () => {
    const { bench, refused } = started();
    bench.socket.onclose?.({ code: 4401, reason: "" });
    bench.pass(60_000);
    expect(refused).toHaveLength(1);
    expect(bench.sockets).toHaveLength(1);
  });

  it("tries at once when asked to, with one socket at a time", () => {
    const { bench, link } = started();
    bench.socket.onclose?.({ code: 1006, reason: "" });
    link.connect();
    expect(bench.sockets).toHaveLength(2);
    bench.pass(1000);
    expect(bench.sockets).toHaveLength(2);
  });
});
