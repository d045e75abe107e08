/** How far a turn may go, and when this computer is worth a notice. */
import { useText } from "../text";
import { Group, NumberSetting } from "./fields";

export function Limits() {
  const t = useText();
  const s = t.settings;
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
