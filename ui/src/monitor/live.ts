/** The machine as it is watched: asked while the page is seen, and not otherwise. */
import { useEffect, useRef, useState } from "react";
import { asError, jamey } from "../api";
import type { ApiError, MonitorView, Point, ProvidersPast, Sample, Status } from "../generated/bindings";

const LOOK_MS = 2000;
/** After so long without a look the line has a gap, which the history fills. */
const GAP_MS = 5 * LOOK_MS;
const DAY_MS = 60_000;
const POINTS = 144;
const HOUR_POINTS = 240;
/** Quarters of an hour in a day. */
const SPANS = 96;
export const LIVE_MS = 15 * 60_000;

export type Watched = {
  now?: Sample;
  live: readonly Point[];
  day: readonly Point[];
  status?: Status;
  /** How the calls of the day went; absent where the runtime does not tell. */
  past?: ProvidersPast;
  notices: readonly string[];
  /** Why the last look had no answer. */
  error?: ApiError;
};

const share = (used: number, total: number) => (total > 0 ? (used / total) * 100 : 0);

/** A look, in the shape of the history. */
export function pointOf(sample: Sample): Point {
  const disk = sample.disks[0]?.room;
  return {
    at: sample.at,
    cpuPercent: sample.cpuPercent ?? null,
    memoryPercent: share(sample.memory.usedBytes, sample.memory.totalBytes),
    diskPercent: disk ? share(disk.usedBytes, disk.totalBytes) : null,
    receivedPerSecond: sample.network?.receivedPerSecond ?? null,
    sentPerSecond: sample.network?.sentPerSecond ?? null,
    gpuPercent: sample.gpus?.[0]?.busyPercent ?? null,
    batteryPercent: sample.battery?.percent ?? null,
    temperatureCelsius: sample.temperatureCelsius ?? null,
    ownCpuPercent: sample.own.cpuPercent ?? null,
    ownMemoryBytes: sample.own.memoryBytes,
    childrenCpuPercent: sample.children.cpuPercent ?? null,
    childrenMemoryBytes: sample.children.memoryBytes,
  };
}

/** The live line with what came since its newest point: of a time without looks the history knows some. */
export function lineOf(before: readonly Point[], past: readonly Point[], now: Sample): Point[] {
  const known = before.at(-1)?.at ?? 0;
  const since = now.at - LIVE_MS;
  const all = [...before, ...past.filter((point) => point.at > known)];
  return [...all.filter((point) => point.at >= since && point.at < now.at), pointOf(now)];
}

export function useMonitor(): Watched {
  const [watched, setWatched] = useState<Watched>({ live: [], day: [], notices: [] });
  const dayAt = useRef(0);
  const lookedAt = useRef(0);
  useEffect(() => {
    let isHere = true;
    let round = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const fail = (thrown: unknown) => setWatched((before) => ({ ...before, error: asError(thrown) }));
    const take = (view: MonitorView, past: readonly Point[], isDay: boolean, status: Status) =>
      setWatched(({ error: _, ...before }) => ({
        ...before,
        now: view.now,
        live: lineOf(before.live, past, view.now),
        day: isDay ? view.history : before.day,
        status,
        notices: view.notices ?? [],
      }));
    const look = async () => {
      const mine = ++round;
      // A later look takes the word from an earlier one.
      const isLast = () => isHere && mine === round;
      clearTimeout(timer);
      if (document.visibilityState !== "visible") return;
      const isDay = Date.now() - dayAt.current > DAY_MS;
      // The first look, and one after a pause, also ask for what was before.
      const isLate = Date.now() - lookedAt.current > GAP_MS;
      try {
        const [view, status, hour] = await Promise.all([
          jamey().monitor(isDay ? 24 : 1, isDay ? POINTS : 1),
          jamey().status(),
          isLate ? jamey().monitor(1, HOUR_POINTS) : undefined,
        ]);
        if (!isLast()) return;
        lookedAt.current = Date.now();
        take(view, hour?.history ?? [], isDay, status);
        if (isDay) {
          dayAt.current = Date.now();
          void jamey()
            .providersPast(24, SPANS)
            .then((past) => isHere && setWatched((before) => ({ ...before, past })))
            // An older runtime has no answer; the rest of the page does without.
            .catch(() => {});
        }
      } catch (thrown) {
        if (isLast()) fail(thrown);
      }
      if (isLast()) timer = setTimeout(look, LOOK_MS);
    };
    const seen = () => void look();
    document.addEventListener("visibilitychange", seen);
    void look();
    return () => {
      isHere = false;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", seen);
    };
  }, []);
  return watched;
}
