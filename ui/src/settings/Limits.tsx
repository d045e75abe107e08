/** How far a turn may go, and when this computer is worth a notice. */
import { config } from "../state/asked";
import { useStore } from "../state/store";
import { at } from "../state/wishes";
import { useText } from "../text";
import { limitName } from "../usage/LimitsUsed";
import { Group, NumberSetting } from "./fields";

const SPANS = ["turn", "day", "month"] as const;

export function Limits() {
  const t = useText();
  const s = t.settings;
  const values = useStore(config.store).value?.values;
  const limits = (measure: "cost" | "tokens", bounds: { max: number; digits?: number; sign?: string; unit?: string }) =>
    SPANS.flatMap((span) => {
      const key = `limits.${span}_${measure}`;
      // A runtime that does not know a limit has no field for it.
      if (at(values, key) === undefined) return [];
      return [
        <NumberSetting
          key={key}
          of={key}
          name={s.per[span]}
          label={limitName(key, t)}
          min={0}
          none={s.noLimit}
          {...bounds}
        />,
      ];
    });
  const cost = limits("cost", { max: 1_000_000, digits: 4, sign: "$" });
  const tokens = limits("tokens", { max: 1_000_000_000_000, unit: s.tokens });
  const share = { min: 0, max: 100, unit: s.percent, none: s.never };
  return (
    <>
      <Group title={s.topics.limits}>
        <NumberSetting of="limits.max_turns" name={s.maxTurns} about={s.maxTurnsAbout} min={1} max={10_000} />
        <NumberSetting
          of="limits.wall_seconds"
          name={s.wall}
          about={s.wallAbout}
          min={0}
          max={604_800}
          unit={s.seconds}
          none={s.noLimit}
        />
      </Group>
      {cost.length > 0 && (
        <Group title={t.usage.cost} about={s.costAbout}>
          {cost}
        </Group>
      )}
      {tokens.length > 0 && (
        <Group title={t.usage.tokens} about={s.tokensAbout}>
          {tokens}
        </Group>
      )}
      <Group title={s.notices}>
        <NumberSetting of="monitor.cpu_percent" name={s.cpu} about={s.cpuAbout} {...share} />
        <NumberSetting of="monitor.memory_percent" name={s.memory} about={s.memoryAbout} {...share} />
        <NumberSetting
          of="monitor.disk_free_mb"
          name={s.disk}
          about={s.diskAbout}
          min={0}
          max={1_000_000_000}
          unit={s.megabytes}
          none={s.never}
        />
      </Group>
    </>
  );
}
