/** This computer and Jamey's share of it: small charts, and a table behind each. */

import { ConnectionBar } from "../ConnectionBar";
import type { Point } from "../generated/bindings";
import { Header } from "../Header";
import { Icon } from "../parts/icons";
import { Loading } from "../parts/Loading";
import { useText } from "../text";
import { duration, time } from "../text/units";
import { Calls } from "./Calls";
import { Chart } from "./Chart";
import { kindsOf, readingsOf } from "./kinds";
import { LIVE_MS, useMonitor } from "./live";
import { Notices } from "./Notices";
import { Processes } from "./Processes";
import { Providers } from "./Providers";

const DAY_MS = 24 * 3_600_000;

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
                top={kind.top}
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
        about={status ? [`Jamey ${status.version}`, t.monitor.uptime(duration(status.uptimeSeconds * 1000))] : []}
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
          {watched.error && now && (
            <p className="notice warn" role="status">
              <Icon name="warn" size={14} />
              <span>
                {`${t.monitor.stale(time(now.at))}: ${watched.error.message}`}
                {watched.error.hint && <span className="quiet">{` · ${watched.error.hint}`}</span>}
              </span>
            </p>
          )}
          {!watched.error && !now && <Loading />}
          <Notices status={status} notices={watched.notices} />
          {section(t.monitor.live, watched.live, LIVE_MS)}
          {status && now && <Processes status={status} now={now} />}
          {status?.providers && status.providers.length > 0 && <Providers list={status.providers} />}
          {watched.past && <Calls past={watched.past} />}
          {section(t.monitor.day, watched.day, DAY_MS)}
        </div>
      </div>
    </>
  );
}
