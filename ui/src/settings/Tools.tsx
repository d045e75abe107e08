/** What a model may call, and how much may happen without asking. */
import { useEffect } from "react";
import { takeMode } from "../composer/FullAccess";
import { MODES } from "../composer/later";
import type { Mode, Value } from "../generated/bindings";
import { Switch } from "../parts/buttons";
import { tools } from "../state/asked";
import { useStore } from "../state/store";
import { useText } from "../text";
import type { Text } from "../text/en";
import { ConfigFile } from "./ConfigFile";
import { ChoiceSetting, Field, Group, NumberSetting, Said } from "./fields";
import { useSetting } from "./values";

/** What happens with a tool under the usual mode; a word of a later version stays as it is. */
function permissionIn(permission: string, t: Text): string {
  if (permission === "asks") return t.settings.asks;
  if (permission === "runs") return t.settings.runs;
  return permission.startsWith("runs inside") ? t.settings.runsInside : permission;
}

const namesIn = (value: Value | undefined) => (Array.isArray(value) ? value.map(String) : []);

export function Tools() {
  const t = useText();
  const { value: all } = useStore(tools.store);
  const { value, change, outcome } = useSetting("tools.enabled_tools");
  useEffect(() => void tools.again(), []);
  const enabled = namesIn(value);
  // The runtime tells what happens under the usual mode; under another one it would be wrong.
  const asIs = useSetting("permissions.mode").value === "ask";
  const known = [...new Set([...(all ?? []).map((tool) => tool.name), ...enabled])].sort();
  return (
    <>
      <Group title={t.settings.permissions}>
        <ChoiceSetting
          of="permissions.mode"
          name={t.settings.mode}
          about={t.settings.modeAbout}
          take={(mode, now, set) => takeMode(mode as Mode, now as Mode | undefined, "all", set)}
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
          const words = Object.hasOwn(t.settings.toolNames, name) ? t.settings.toolNames[name] : undefined;
          return (
            <Field
              key={name}
              name={words?.name ?? name}
              {...(words ? { id: name } : {})}
              about={words?.about ?? tool?.description.split(". ")[0] ?? ""}
              control={({ describedBy }) => (
                <>
                  {tool && asIs && <span className="tag">{permissionIn(tool.permission, t)}</span>}
                  <Switch
                    on={enabled.includes(name)}
                    label={words?.name ?? name}
                    describedBy={describedBy}
                    onChange={(on) =>
                      void change((now) => {
                        const others = namesIn(now).filter((one) => one !== name);
                        return on ? [...others, name] : others;
                      })
                    }
                  />
                </>
              )}
            />
          );
        })}
      </Group>
      <ConfigFile name="permissions.toml" title={t.settings.allowed} about={t.settings.allowedAbout} />
    </>
  );
}
