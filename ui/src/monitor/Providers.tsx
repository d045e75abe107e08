/** How the providers stand now. */
import type { ProviderHealth } from "../generated/bindings";
import { useText } from "../text";
import type { Text } from "../text/en";
import { duration, percent } from "../text/units";
import { Table } from "./Table";

export function Providers({ list }: { list: readonly ProviderHealth[] }) {
  const t = useText();
  return (
    <Table
      title={t.monitor.providers}
      heads={[
        { name: t.monitor.provider },
        { name: t.monitor.state },
        { name: t.monitor.success, isNumber: true },
        { name: t.monitor.firstWord, isNumber: true },
        { name: t.monitor.lastFailure },
      ]}
    >
      {list.map((provider) => (
        <tr key={provider.name}>
          <td>{provider.name}</td>
          <td>
            <span className={`state ${provider.state}`}>{provider.finding || stateIn(provider.state, t)}</span>
            <Gate of={provider} />
          </td>
          <td data-align="right">{provider.successPercent == null ? "–" : percent(provider.successPercent)}</td>
          <td data-align="right">{provider.firstWordMs == null ? "–" : duration(provider.firstWordMs)}</td>
          <td>{provider.lastFailure ? provider.lastFailure.text : t.monitor.never}</td>
        </tr>
      ))}
    </Table>
  );
}

/** Whether turns that can go on elsewhere leave it alone. */
function Gate({ of }: { of: ProviderHealth }) {
  const t = useText();
  if (of.gate === "halfOpen") return <span className="chart-about">{t.monitor.triedAgain}</span>;
  if (of.gate !== "open") return null;
  const left = of.leftAloneSeconds;
  return <span className="chart-about">{t.monitor.leftAlone(left == null ? "" : duration(left * 1000))}</span>;
}

/** A state of a later version has no word yet. */
function stateIn(state: string, t: Text): string {
  const { states } = t.monitor;
  return state in states ? states[state as keyof typeof states] : states.unknown;
}
