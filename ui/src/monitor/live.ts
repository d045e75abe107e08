/** The machine as it is watched: asked while the page is seen, and not otherwise. */
import { useEffect, useRef, useState } from "react";
import { asError, jamey } from "../api";
import type { ApiError, MonitorView, Point, ProvidersPast, Sample, Status } from "../generated/bindings";

const LOOK_MS = 2000;
const DAY_MS = 60_000;
const POINTS = 144;
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

export function useMonitor(): Watched {
  const [watched, setWatched] = useState<Watched>({ live: [], day: [], notices: [] });
  const dayAt = useRef(0);
  useEffect(() => {
    let current = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const fail = (thrown: unknown) => setWatched((before) => ({ ...before, error: asError(thrown) }));
    const take = (view: MonitorView, isDay: boolean, status: Status) =>
      setWatched((before) => {
        const { now } = view;
        const since = now.at - LIVE_MS;
        const known = before.live.length > 0 ? before.live : view.history.filter((point) => point.at >= since);
        const live = [...known.filter((point) => point.at >= since && point.at < now.at), pointOf(now)];
        return { ...before, now, live, day: isDay ? view.history : before.day, status, notices: view.notices ?? [] };
      });
    const look = async () => {
      if (document.visibilityState === "visible") {
        const isDay = Date.now() - dayAt.current > DAY_MS;
        try {
          // The first look asks for the last quarter of an hour, so that the live line has a past.
          const [view, status] = await Promise.all([
            jamey().monitor(isDay ? 24 : 1, isDay ? POINTS : 1),
            jamey().status(),
          ]);
          if (!current) return;
          if (isDay && dayAt.current === 0) {
            const hour = await jamey().monitor(1, 240);
            if (current)
              setWatched((before) => ({ ...before, live: hour.history.filter((p) => p.at >= hour.now.at - LIVE_MS) }));
          }
          if (isDay) {
            dayAt.current = Date.now();
            void jamey()
              .providersPast(24, SPANS)
              .then((past) => current && setWatched((before) => ({ ...before, past })))
              // An older runtime has no answer; the rest of the page does without.
              .catch(() => {});
          }
          if (current) take(view, isDay, status);
        } catch (thrown) {
          if (current) fail(thrown);
        }
      }
      if (current) timer = setTimeout(look, LOOK_MS);
    };
    void look();
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, []);
  return watched;
}
