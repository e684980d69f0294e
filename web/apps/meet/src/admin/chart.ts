/** The lines of the small charts of a session. Pure: numbers in, coordinates out. */
import type { Sample } from "../api/calls";
import { bitsLabel, lossReceived, lossSent, millisecondsLabel, percentLabel, rateOf } from "./quality";

/** Size of a strip in its own units; it is stretched to the width of the page. */
export const WIDTH = 600;
export const HEIGHT = 48;

/** One strip: what it shows, its scale, and its lines as SVG paths. */
export interface Strip {
  name: "rate" | "loss" | "roundTrip";
  title: string;
  /** What the upper edge stands for. */
  top: string;
  /** From the server to the participant. */
  to: string;
  /** From the participant to the server; empty where there is only one line. */
  from: string;
}

/** The strips of a session, and the stretches in which a wanted video was withheld, as parts of the width. */
export interface Chart {
  strips: Strip[];
  withheld: { x: number; width: number }[];
  lengthMs: number;
}

/** The least that the upper edge stands for, so that nothing is made to look dramatic. */
const LEAST = { rate: 100_000, loss: 0.05, roundTrip: 100 };

export function chartOf(samples: Sample[]): Chart {
  const lengthMs = samples.at(-1)?.atMs ?? 0;
  const line = (value: (sample: Sample) => number | undefined, top: number) => stepsOf(samples, lengthMs, value, top);
  const rates = (sample: Sample) => [rateOf(sample.sent, sample.spanMs), rateOf(sample.received, sample.spanMs)];
  const losses = (sample: Sample) => [lossSent(sample.sent), lossReceived(sample.received)];
  const top = (of: (sample: Sample) => number[], least: number) => Math.max(least, ...samples.flatMap(of));
  const rate = top(rates, LEAST.rate);
  const loss = top(losses, LEAST.loss);
  const roundTrip = top((sample) => [sample.roundTripMs ?? 0], LEAST.roundTrip);
  return {
    lengthMs,
    strips: [
      { name: "rate", title: "Bit rate", top: bitsLabel(rate), to: line((sample) => rates(sample)[0], rate), from: line((sample) => rates(sample)[1], rate) },
      { name: "loss", title: "Loss", top: percentLabel(loss), to: line((sample) => losses(sample)[0], loss), from: line((sample) => losses(sample)[1], loss) },
      { name: "roundTrip", title: "Round trip", top: millisecondsLabel(roundTrip), to: line((sample) => sample.roundTripMs, roundTrip), from: "" },
    ],
    withheld: joined(samples.filter((sample) => sample.withheldMs > 0).map((sample) => place(sample, lengthMs))),
  };
}

function place(sample: Sample, lengthMs: number): { x: number; width: number } {
  const begin = Math.max(0, sample.atMs - sample.spanMs);
  const x = lengthMs > 0 ? (begin / lengthMs) * WIDTH : 0;
  const end = lengthMs > 0 ? (sample.atMs / lengthMs) * WIDTH : WIDTH;
  return { x, width: end - x };
}

/** Stretches that touch are one: seams between them would show. */
function joined(stretches: { x: number; width: number }[]): { x: number; width: number }[] {
  const whole: { x: number; width: number }[] = [];
  for (const { x, width } of stretches) {
    const last = whole.at(-1);
    if (last !== undefined && x - (last.x + last.width) < 1) {
      last.width = x + width - last.x;
    } else {
      whole.push({ x, width });
    }
  }
  return whole;
}

/** A level for each sample, joined by steps; a gap where nothing is known or nothing was read. */
function stepsOf(samples: Sample[], lengthMs: number, value: (sample: Sample) => number | undefined, top: number): string {
  let path = "";
  let end: number | undefined;
  for (const sample of samples) {
    const level = value(sample);
    if (level === undefined) {
      end = undefined;
      continue;
    }
    const { x, width } = place(sample, lengthMs);
    const y = HEIGHT - 1 - (Math.min(level, top) / top) * (HEIGHT - 2);
    const joined = end !== undefined && Math.abs(end - x) < 1;
    path += `${joined ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}H${(x + width).toFixed(1)}`;
    end = x + width;
  }
  return path;
}
