/** The runtime and what it started. */
import type { Sample, Status } from "../generated/bindings";
import { useText } from "../text";
import { bytes, percent } from "../text/units";

export function Processes({ status, now }: { status: Status; now: Sample }) {
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
