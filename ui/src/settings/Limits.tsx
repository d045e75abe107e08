/** How far a turn may go, and when this computer is worth a notice. */
import { config } from "../state/asked";
import { useStore } from "../state/store";
import { at } from "../state/wishes";
import { useText } from "../text";
import { limitName } from "../usage/LimitsUsed";
import { Group, NumberSetting } from "./fields";

const SPENDING = [
  "limits.turn_cost",
  "limits.day_cost",
  "limits.month_cost",
  "limits.turn_tokens",
  "limits.day_tokens",
  "limits.month_tokens",
];

export function Limits() {
  const t = useText();
  const s = t.settings;
  const values = useStore(config.store).value?.values;
  // A runtime that does not know a limit has no field for it.
  const known = SPENDING.filter((key) => at(values, key) !== undefined);
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
        />
      </Group>
      {known.length > 0 && (
        <Group title={s.spending} about={s.spendingAbout}>
          {known.map((key) => (
            <NumberSetting
              key={key}
              of={key}
              name={limitName(key, t)}
              about={key.startsWith("limits.turn_") ? s.limitTurnAbout : s.limitAbout}
              min={0}
              {...(key.endsWith("_cost")
                ? { max: 1_000_000, digits: 4, unit: s.dollars }
                : { max: 1_000_000_000_000, unit: s.tokens })}
            />
          ))}
        </Group>
      )}
      <Group title={s.notices}>
        <NumberSetting of="monitor.cpu_percent" name={s.cpu} about={s.cpuAbout} min={0} max={100} unit={s.percent} />
        <NumberSetting
          of="monitor.memory_percent"
          name={s.memory}
          about={s.memoryAbout}
          min={0}
          max={100}
          unit={s.percent}
        />
        <NumberSetting
          of="monitor.disk_free_mb"
          name={s.disk}
          about={s.diskAbout}
          min={0}
          max={1_000_000_000}
          unit={s.megabytes}
        />
      </Group>
    </>
  );
}
