/** What a model may call, and how much may happen without asking. */
import { useEffect } from "react";
import type { Mode, Value } from "../generated/bindings";
import { Switch } from "../parts/buttons";
import { tools } from "../state/asked";
import { useStore } from "../state/store";
import { useText } from "../text";
import { ConfigFile } from "./ConfigFile";
import { ChoiceSetting, Field, Group, NumberSetting, Said } from "./fields";
import { useSetting } from "./values";

const MODES: readonly Mode[] = ["read-only", "ask", "auto-edit", "full"];

const namesIn = (value: Value | undefined) => (Array.isArray(value) ? value.map(String) : []);

export function Tools() {
  const t = useText();
  const { value: all } = useStore(tools.store);
  const { value, change, outcome } = useSetting("tools.enabled_tools");
  useEffect(() => void tools.again(), []);
  const enabled = namesIn(value);
  const known = [...new Set([...(all ?? []).map((tool) => tool.name), ...enabled])].sort();
  return (
    <>
      <Group title={t.settings.topics.tools}>
        <ChoiceSetting
          of="permissions.mode"
          name={t.settings.mode}
          about={t.settings.modeAbout}
          options={MODES.map((mode) => ({ value: mode, name: t.modes[mode].name }))}
        />
        <NumberSetting
          of="tools.execution_timeout_seconds"
          name={t.settings.timeout}
          about={t.settings.timeoutAbout}
          min={1}
          max={86_400}
          unit={t.settings.seconds}
        />
      </Group>
      <Group title={t.settings.toolsEnabled} about={t.settings.toolsAbout}>
        <Said outcome={outcome} />
        {known.map((name) => {
          const tool = all?.find((one) => one.name === name);
          return (
            <Field
              key={name}
              name={name}
              about={tool ? [tool.description.split(". ")[0], tool.permission].join(" · ") : ""}
              control={({ describedBy }) => (
                <Switch
                  on={enabled.includes(name)}
                  label={name}
                  describedBy={describedBy}
                  onChange={(on) =>
                    void change((now) => {
                      const others = namesIn(now).filter((one) => one !== name);
                      return on ? [...others, name] : others;
                    })
                  }
                />
              )}
            />
          );
        })}
      </Group>
      <ConfigFile name="permissions.toml" title={t.settings.allowed} about={t.settings.allowedAbout} />
    </>
  );
}
