import { describe, expect, it } from "vitest";
import type { Sample } from "../api/calls";
import { chartOf, HEIGHT, WIDTH } from "./chart";

const sample = (atMs: number, change: Partial<Sample> = {}): Sample => ({
  atMs,
  spanMs: 10_000,
  received: { packets: 500, bytes: 62_500, lost: 0 },
  sent: { packets: 500, bytes: 1_250_000, lost: 0 },
  roundTripMs: 40,
  estimate: 2_000_000,
  withheldMs: 0,
  videoHeight: 360,
  carrier: "udp",
  ...change,
});

const strip = (samples: Sample[], name: string) => chartOf(samples).strips.find((one) => one.name === name);

describe("the chart of a session", () => {
  it("spans the session and scales each strip to its largest value", () => {
    const chart = chartOf([sample(10_000), sample(20_000)]);
    expect(chart.lengthMs).toBe(20_000);
    expect(chart.strips.map(({ title, top }) => `${title} ${top}`)).toEqual(["Bit rate 1.0 Mbit/s", "Loss 5.0 %", "Round trip 100 ms"]);
    // The largest value lies at the upper edge, nothing below the lower one.
    expect(chart.strips[0]?.to).toBe(`M0.0 1.0H${(WIDTH / 2).toFixed(1)}L${(WIDTH / 2).toFixed(1)} 1.0H${WIDTH.toFixed(1)}`);
    expect(chart.strips[1]?.to.startsWith(`M0.0 ${(HEIGHT - 1).toFixed(1)}`)).toBe(true);
  });

  it("leaves a gap where nothing is known", () => {
    const path = strip([sample(10_000), sample(20_000, { roundTripMs: undefined }), sample(30_000)], "roundTrip")?.to ?? "";
    expect(path.match(/M/g)).toHaveLength(2);
    expect(strip([sample(10_000), sample(60_000)], "rate")?.to.match(/M/g), "no reading for a while").toHaveLength(2);
  });

  it("marks where a wanted video was withheld", () => {
    const { withheld } = chartOf([sample(10_000), sample(20_000, { withheldMs: 4_000 })]);
    expect(withheld).toEqual([{ x: WIDTH / 2, width: WIDTH / 2 }]);
    const stretches = [true, true, false, true].map((held, at) => sample((at + 1) * 10_000, { withheldMs: held ? 1 : 0 }));
    expect(chartOf(stretches).withheld).toEqual([
      { x: 0, width: WIDTH / 2 },
      { x: (WIDTH * 3) / 4, width: WIDTH / 4 },
    ]);
  });

  it("of nothing is empty and of one moment whole", () => {
    expect(chartOf([])).toMatchObject({ lengthMs: 0, withheld: [] });
    expect(strip([], "rate")?.to).toBe("");
    expect(strip([sample(0, { spanMs: 0 })], "roundTrip")?.to).toContain(`H${WIDTH.toFixed(1)}`);
  });
});
