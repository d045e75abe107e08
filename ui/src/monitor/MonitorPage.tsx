/** This computer and Jamey's share of it: small charts, and a table behind each. */

import { ConnectionBar } from "../ConnectionBar";
import type { Point, ProviderHealth, Sample, Status } from "../generated/bindings";
import { Header } from "../Header";
import { Icon } from "../parts/icons";
import { useText } from "../text";
import type { Text } from "../text/en";
import { bytes, duration, number, percent } from "../text/units";
import { Chart, type Reading } from "./Chart";
import { LIVE_MS, useMonitor } from "./live";

const DAY_MS = 24 * 3_600_000;

type Kind = {
  id: string;
  name: string;
  of: (point: Point) => number | null | undefined;
  show: (value: number) => string;
  top?: number;
  about?: (now: Sample) => string;
};

function kindsOf(t: Text): Kind[] {
  const m = t.monitor;
  const whole = (value: number) => percent(value);
  const rate = (value: number) => t.units.perSecond(bytes(value));
  return [
    { id: "cpu", name: m.cpu, of: (p) => p.cpuPercent, show: whole, top: 100, about: (now) => m.cores(now.cores) },
    {
      id: "memory",
      name: m.memory,
      of: (p) => p.memoryPercent,
      show: whole,
      top: 100,
      about: (now) => m.of(bytes(now.memory.usedBytes), bytes(now.memory.totalBytes)),
    },
    {
      id: "disk",
      name: m.disk,
      of: (p) => p.diskPercent,
      show: whole,
      top: 100,
      about: (now) => {
        const room = now.disks[0]?.room;
        return room ? m.free(bytes(room.totalBytes - room.usedBytes)) : "";
      },
    },
    { id: "received", name: `${m.network}, ${m.received}`, of: (p) => p.receivedPerSecond, show: rate },
    { id: "sent", name: `${m.network}, ${m.sent}`, of: (p) => p.sentPerSecond, show: rate },
    {
      id: "temperature",
      name: m.temperature,
      of: (p) => p.temperatureCelsius,
      show: (value) => `${number(value)} °C`,
      top: 100,
    },
    {
      id: "gpu",
      name: m.gpu,
      of: (p) => p.gpuPercent,
      show: whole,
      top: 100,
      about: (now) => now.gpus?.[0]?.name ?? "",
    },
    { id: "battery", name: m.battery, of: (p) => p.batteryPercent, show: whole, top: 100 },
    {
      id: "own-cpu",
      name: m.ownCpu,
      of: (p) => (p.ownCpuPercent == null ? null : p.ownCpuPercent + (p.childrenCpuPercent ?? 0)),
      show: (value) => percent(value, value < 10 ? 1 : 0),
    },
    {
      id: "own-memory",
      name: m.ownMemory,
      of: (p) => (p.ownMemoryBytes == null ? null : p.ownMemoryBytes + (p.childrenMemoryBytes ?? 0)),
      show: bytes,
    },
  ];
}

function readingsOf(points: readonly Point[], kind: Kind): Reading[] {
  return points.flatMap((point) => {
    const value = kind.of(point);
    return value == null ? [] : [{ at: point.at, value }];
  });
}

export default function MonitorPage({ hasSidebar }: { hasSidebar: boolean }) {
  const t = useText();
  const watched = useMonitor();
  const { now, status } = watched;
  const kinds = kindsOf(t);
  const section = (title: string, points: readonly Point[], span: number) =>
    now && (
      <section className="monitor-section" aria-label={title}>
        <h2>{title}</h2>
        <div className="charts">
          {kinds.map((kind) => {
            const readings = readingsOf(points, kind);
            if (readings.length === 0) return null;
            return (
              <Chart
                key={kind.id}
                name={kind.name}
                readings={readings}
                from={now.at - span}
                to={now.at}
                show={kind.show}
                {...(kind.top ? { top: kind.top } : {})}
                {...(kind.about && span === LIVE_MS ? { about: kind.about(now) } : {})}
              />
            );
          })}
        </div>
      </section>
    );
  return (
    <>
      <Header
        title={t.monitor.title}
        about={status ? `Jamey ${status.version} · ${t.monitor.uptime(duration(status.uptimeSeconds * 1000))}` : ""}
        hasSidebar={hasSidebar}
      />
      <ConnectionBar />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and must scroll by keyboard */}
      <div className="monitor" role="region" aria-label={t.monitor.title} tabIndex={0}>
        <div className="monitor-inside">
          {watched.error && !now && (
            <p className="setting-note" role="alert">
              {`${t.monitor.failed}: ${watched.error.message}`}
            </p>
          )}
          <Notices status={status} notices={watched.notices} />
          {section(t.monitor.live, watched.live, LIVE_MS)}
          {status && now && <Processes status={status} now={now} />}
          {status?.providers && status.providers.length > 0 && <Providers list={status.providers} />}
          {section(t.monitor.day, watched.day, DAY_MS)}
        </div>
      </div>
    </>
  );
}

/** What is not as it should be now, with what to do about it. */
function Notices({ status, notices }: { status: Status | undefined; notices: readonly string[] }) {
  const t = useText();
  const problems = status?.problems ?? [];
  const told = [...new Set([...notices, ...(status?.notices ?? [])])];
  if (told.length === 0 && problems.length === 0) return null;
  return (
    <section className="monitor-section" aria-label={t.monitor.notices}>
      <h2>{t.monitor.notices}</h2>
      {problems.map((check) => (
        <p key={check.name} className={`notice ${check.state === "broken" ? "bad" : "warn"}`}>
          <Icon name={check.state === "broken" ? "alert" : "warn"} size={14} />
          <span>
            {check.finding}
            {check.remedy && <span className="quiet">{` · ${check.remedy}`}</span>}
          </span>
        </p>
      ))}
      {told.map((notice) => (
        <p key={notice} className="notice warn">
          <Icon name="warn" size={14} />
          <span>{notice}</span>
        </p>
      ))}
    </section>
  );
}

function Processes({ status, now }: { status: Status; now: Sample }) {
  const t = useText();
  const rows = [
    { name: "jamey-runtime", pid: status.pid, memoryBytes: now.own.memoryBytes, cpuPercent: now.own.cpuPercent },
    ...status.children,
  ];
  return (
    <section className="monitor-section" aria-label={t.monitor.processes}>
      <h2>{t.monitor.processes}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and must scroll by keyboard */}
      <div className="table" role="group" aria-label={t.monitor.processes} tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t.monitor.process}</th>
              <th scope="col" data-align="right">
                {t.monitor.pid}
              </th>
              <th scope="col" data-align="right">
                {t.monitor.cpu}
              </th>
              <th scope="col" data-align="right">
                {t.monitor.memory}
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.pid}>
                <td>{row.name}</td>
                <td data-align="right">{row.pid}</td>
                <td data-align="right">{row.cpuPercent == null ? "–" : percent(row.cpuPercent, 1)}</td>
                <td data-align="right">{row.memoryBytes == null ? "–" : bytes(row.memoryBytes)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Providers({ list }: { list: readonly ProviderHealth[] }) {
  const t = useText();
  return (
    <section className="monitor-section" aria-label={t.monitor.providers}>
      <h2>{t.monitor.providers}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and must scroll by keyboard */}
      <div className="table" role="group" aria-label={t.monitor.providers} tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t.monitor.provider}</th>
              <th scope="col">{t.monitor.state}</th>
              <th scope="col" data-align="right">
                {t.monitor.success}
              </th>
              <th scope="col" data-align="right">
                {t.monitor.firstWord}
              </th>
              <th scope="col">{t.monitor.lastFailure}</th>
            </tr>
          </thead>
          <tbody>
            {list.map((provider) => (
              <tr key={provider.name}>
                <td>{provider.name}</td>
                <td>
                  <span className={`state ${provider.state}`}>{provider.finding || stateIn(provider.state, t)}</span>
                </td>
                <td data-align="right">{provider.successPercent == null ? "–" : percent(provider.successPercent)}</td>
                <td data-align="right">{provider.firstWordMs == null ? "–" : duration(provider.firstWordMs)}</td>
                <td>{provider.lastFailure ? provider.lastFailure.text : t.monitor.never}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** A state of a later version has no word yet. */
function stateIn(state: string, t: Text): string {
  const { states } = t.monitor;
  return state in states ? states[state as keyof typeof states] : states.unknown;
}
