/** What is watched of this computer and of Jamey's share of it. */
import type { Point, Sample } from "../generated/bindings";
import type { Text } from "../text/en";
import { bytes, memory, number, percent, roundUp } from "../text/units";
import type { Reading } from "./Chart";

export type Kind = {
  id: string;
  name: string;
  of: (point: Point) => number | null | undefined;
  show: (value: number) => string;
  /** The top of the scale above the highest reading. */
  top: (high: number) => number;
  about?: (now: Sample) => string;
};

const hundred = () => 100;
/** Round in the unit that it is shown in. */
const memoryTop = (high: number): number => {
  const unit = high < 2 ** 30 ? 2 ** 20 : 2 ** 30;
  return roundUp(high / unit) * unit;
};

export function kindsOf(t: Text): Kind[] {
  const m = t.monitor;
  const whole = (value: number) => percent(value);
  const rate = (value: number) => t.units.perSecond(bytes(value));
  return [
    { id: "cpu", name: m.cpu, of: (p) => p.cpuPercent, show: whole, top: hundred, about: (now) => m.cores(now.cores) },
    {
      id: "memory",
      name: m.memory,
      of: (p) => p.memoryPercent,
      show: whole,
      top: hundred,
      about: (now) => m.of(memory(now.memory.usedBytes), memory(now.memory.totalBytes)),
    },
    {
      id: "disk",
      name: m.disk,
      of: (p) => p.diskPercent,
      show: whole,
      top: hundred,
      about: (now) => {
        const room = now.disks[0]?.room;
        return room ? m.free(bytes(room.totalBytes - room.usedBytes)) : "";
      },
    },
    { id: "received", name: m.received, of: (p) => p.receivedPerSecond, show: rate, top: roundUp },
    { id: "sent", name: m.sent, of: (p) => p.sentPerSecond, show: rate, top: roundUp },
    {
      id: "temperature",
      name: m.temperature,
      of: (p) => p.temperatureCelsius,
      show: (value) => `${number(value)} °C`,
      top: hundred,
    },
    {
      id: "gpu",
      name: m.gpu,
      of: (p) => p.gpuPercent,
      show: whole,
      top: hundred,
      about: (now) => now.gpus?.[0]?.name ?? "",
    },
    { id: "battery", name: m.battery, of: (p) => p.batteryPercent, show: whole, top: hundred },
    {
      id: "own-cpu",
      name: m.ownCpu,
      of: (p) => (p.ownCpuPercent == null ? null : p.ownCpuPercent + (p.childrenCpuPercent ?? 0)),
      show: (value) => percent(value, value < 10 ? 1 : 0),
      top: roundUp,
    },
    {
      id: "own-memory",
      name: m.ownMemory,
      of: (p) => (p.ownMemoryBytes == null ? null : p.ownMemoryBytes + (p.childrenMemoryBytes ?? 0)),
      show: memory,
      top: memoryTop,
    },
  ];
}

export function readingsOf(points: readonly Point[], kind: Kind): Reading[] {
  return points.flatMap((point) => {
    const value = kind.of(point);
    return value == null ? [] : [{ at: point.at, value }];
  });
}
