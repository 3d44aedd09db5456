import { describe, expect, it } from "vitest";
import { noticeOf, type Currency } from "../src/live/lateness";

const well: Currency = {
  status: { state: "open" },
  nowMs: 100_000,
  lastFrameAtMs: 99_800,
  lagSeconds: 0.2,
  pipeline: "flowing",
  newestReceivedAtMs: 99_700,
};
const waiting = { state: "waiting", retryAtMs: 103_200, reason: "the server cannot be reached" } as const;

describe("what the page says about how current it is", () => {
  it("says nothing when all is well", () => {
    expect(noticeOf(well)).toBeNull();
  });

  it("says nothing while the first connection is made", () => {
    expect(noticeOf({ ...well, status: { state: "connecting" }, lastFrameAtMs: null })).toBeNull();
  });

  it("overlooks a blink of the link", () => {
    expect(noticeOf({ ...well, status: waiting, lastFrameAtMs: 99_000 })).toBeNull();
  });

  it("says how old the picture is when the link is lost, and when it tries again", () => {
    const notice = noticeOf({ ...well, status: waiting, lastFrameAtMs: 15_000 });
    expect(notice?.level).toBe("lost");
    expect(notice?.headline).toBe("Disconnected: the map shows the past, 1 min 25 s old");
    expect(notice?.detail).toBe("The server cannot be reached. Next attempt in 4 s.");
    expect(notice?.retry).toBe(true);
  });

  it("goes on saying it while it connects anew", () => {
    expect(noticeOf({ ...well, status: { state: "connecting" }, lastFrameAtMs: 40_000 })?.level).toBe("lost");
  });

  it("says when there never was an answer", () => {
    expect(noticeOf({ ...well, status: waiting, lastFrameAtMs: null })?.headline).toBe(
      "No live data: the server does not answer",
    );
  });

  it.each([
    ["flowing", "Late: positions are shown with a delay of 12 s"],
    ["late", "Devices report, but nothing has come through for 12 s"],
    ["away", "The server's log (Kafka) does not answer; nothing new for 12 s"],
  ] as const)("says how late the pipeline is when it is %s", (pipeline, headline) => {
    expect(noticeOf({ ...well, pipeline, lagSeconds: 12.4 })?.headline).toBe(headline);
  });

  it("tells a silent link from silent devices", () => {
    expect(noticeOf({ ...well, lastFrameAtMs: 94_500 })?.headline).toBe("No word from the server for 5 s");
    expect(noticeOf({ ...well, lagSeconds: null, newestReceivedAtMs: 40_000 })?.headline).toBe(
      "No device has reported for 1 min",
    );
  });

  it("does not call an account without devices silent", () => {
    expect(noticeOf({ ...well, lagSeconds: null, newestReceivedAtMs: null })).toBeNull();
  });
});
