/** The runtime and what it started. */
import type { Sample, Status } from "../generated/bindings";
import { useText } from "../text";
import { memory, percent } from "../text/units";
import { Table } from "./Table";

export function Processes({ status, now }: { status: Status; now: Sample }) {
  const t = useText();
  const rows = [
    { name: "jamey-runtime", pid: status.pid, memoryBytes: now.own.memoryBytes, cpuPercent: now.own.cpuPercent },
    ...status.children,
  ];
  return (
    <Table
      title={t.monitor.processes}
      heads={[
        { name: t.monitor.process },
        { name: t.monitor.pid, isNumber: true },
        { name: t.monitor.cpu, isNumber: true },
        { name: t.monitor.memory, isNumber: true },
      ]}
    >
      {rows.map((row) => (
        <tr key={row.pid}>
          <td>{row.name}</td>
          <td data-align="right">{row.pid}</td>
          <td data-align="right">{row.cpuPercent == null ? "–" : percent(row.cpuPercent, 1)}</td>
          <td data-align="right">{row.memoryBytes == null ? "–" : memory(row.memoryBytes)}</td>
        </tr>
      ))}
    </Table>
  );
}
