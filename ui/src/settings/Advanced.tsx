/** The log, the local API, and where everything is. */
import { useEffect } from "react";
import { CopyButton } from "../parts/buttons";
import { config, status } from "../state/asked";
import { useStore } from "../state/store";
import { useText } from "../text";
import { ChoiceSetting, FlagSetting, Group, NumberSetting } from "./fields";

export function Advanced() {
  const t = useText();
  const s = t.settings;
  const now = useStore(status.store).value;
  const file = useStore(config.store).value?.path;
  useEffect(() => void status.again(), []);
  const places: [string, string][] = now
    ? [
        ["runtime.toml", file ?? ""],
        [s.folder.data, now.folders.data],
        [s.folder.models, now.folders.models],
        [s.folder.cache, now.folders.cache],
      ]
    : [];
  return (
    <>
      <Group title={s.log}>
        <ChoiceSetting
          of="logging.level"
          name={s.logLevel}
          about={s.logLevelAbout}
          options={["error", "warn", "info", "debug", "trace"].map((value) => ({ value, name: value }))}
        />
        <NumberSetting of="logging.max_log_files" name={s.logFiles} about={s.logFilesAbout} min={1} max={100} />
      </Group>
      <Group title={s.api}>
        <FlagSetting of="api.enabled" name={s.apiEnabled} about={s.apiEnabledAbout} />
        <NumberSetting of="api.port" name={s.apiPort} about={s.apiPortAbout} min={1} max={65_535} />
      </Group>
      {now && (
        <Group title={s.folders} about={s.foldersAbout}>
          {places.map(([name, path]) => (
            <div key={name} className="setting">
              <div className="setting-words">
                <span className="setting-name">{name}</span>
                <span className="setting-about mono">{path}</span>
              </div>
              <CopyButton text={() => path} label={`${t.app.copy}: ${name}`} />
            </div>
          ))}
          <div className="setting">
            <span className="setting-name">{s.version}</span>
            <span className="setting-about numbers">{now.version}</span>
          </div>
        </Group>
      )}
    </>
  );
}
