import { expect, it } from "vitest";
import type { Point, Sample } from "../generated/bindings";
import { LIVE_MS, lineOf } from "./live";

const NOW = 10 * LIVE_MS;
const room = { totalBytes: 2, usedBytes: 1 };
const own = { processes: 1, memoryBytes: 1 };
const sample = { at: NOW, cores: 1, memory: room, swap: room, disks: [], own, children: own } as unknown as Sample;
const point = (ago: number) => ({ at: NOW - ago }) as Point;
const agos = (line: readonly Point[]) => line.map(({ at }) => NOW - at);

it("the live line of a page that was hidden is filled from the history, and from nowhere else", () => {
  const past = [point(LIVE_MS + 1), point(90_000), point(60_000), point(30_000)];
  expect(agos(lineOf([], past, sample))).toEqual([90_000, 60_000, 30_000, 0]);
  expect(agos(lineOf([point(LIVE_MS + 1), point(70_000)], past, sample))).toEqual([70_000, 60_000, 30_000, 0]);
  expect(agos(lineOf([point(4000), point(2000)], [], sample))).toEqual([4000, 2000, 0]);
});
