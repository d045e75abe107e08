/** How the providers stand now. */
import { Fragment } from "react";
import type { ProviderHealth } from "../generated/bindings";
import { useText } from "../text";
import type { Text } from "../text/en";
import { providerName } from "../text/providers";
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
      ]}
    >
      {list.map((provider) => (
        <Fragment key={provider.name}>
          <tr>
            <td>{providerName(provider.name)}</td>
            <td>
              <span className={`state ${provider.state}`}>{provider.finding || stateIn(provider.state, t)}</span>
            </td>
            <td data-align="right">{provider.successPercent == null ? "–" : percent(provider.successPercent)}</td>
            <td data-align="right">{provider.firstWordMs == null ? "–" : duration(provider.firstWordMs)}</td>
          </tr>
          <More of={provider} />
        </Fragment>
      ))}
    </Table>
  );
}

/** A line below a provider of which there is more to say: what failed last, and whether turns leave it alone. */
function More({ of }: { of: ProviderHealth }) {
  const t = useText();
  const said = [gateIn(of, t), of.lastFailure ? `${t.monitor.lastFailure}: ${of.lastFailure.text}` : ""].filter(
    Boolean,
  );
  if (said.length === 0) return null;
  return (
    <tr className="row-more">
      <td colSpan={4}>{said.join(" · ")}</td>
    </tr>
  );
}

/** Whether turns that can go on elsewhere leave it alone. */
function gateIn({ gate, leftAloneSeconds: left }: ProviderHealth, t: Text): string {
  if (gate === "halfOpen") return t.monitor.triedAgain;
  if (gate !== "open") return "";
  return t.monitor.leftAlone(left == null ? "" : duration(left * 1000));
}

/** A state of a later version has no word yet. */
function stateIn(state: string, t: Text): string {
  const { states } = t.monitor;
  return state in states ? states[state as keyof typeof states] : states.unknown;
}
