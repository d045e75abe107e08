/** The log, the local API, and where everything is. */
import { useEffect } from "react";
import { CopyButton } from "../parts/buttons";
import { config, status } from "../state/asked";
import { useStore } from "../state/store";
import { at } from "../state/wishes";
import { useText } from "../text";
import { fileIn } from "./ConfigFile";
import { ChoiceSetting, FlagSetting, Group, NumberSetting } from "./fields";

/** The file in the data folder whose text callers of the port send along. */
const TOKEN = "api-token";

export function Advanced() {
  const t = useText();
  const s = t.settings;
  const now = useStore(status.store).value;
  const view = useStore(config.store).value;
  const address = now?.listening.find((place) => place.startsWith("http://"));
  const wanted = [at(view?.values, "api.enabled"), at(view?.values, "api.port")].join();
  // The runtime opens and closes the port before it answers that these are kept.
  // biome-ignore lint/correctness/useExhaustiveDependencies: where it listens follows these
  useEffect(() => void status.again(), [wanted]);
  const places: [string, string][] = now
    ? [
        ["runtime.toml", view?.path ?? ""],
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
        <NumberSetting of="api.port" name={s.apiPort} about={s.apiPortAbout} min={1} max={65_535} isName />
        {now && address && (
          <>
            <Copied name={s.apiAddress} text={address} />
            <Copied name={s.apiToken} about={s.apiTokenAbout} text={fileIn(now.folders.data, TOKEN)} />
          </>
        )}
      </Group>
      {now && (
        <Group title={s.folders} about={s.foldersAbout}>
          {places.map(([name, path]) => (
            <Copied key={name} name={name} text={path} />
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

/** Something of this computer that is needed elsewhere, as it is, with a button that copies it. */
function Copied({ name, about, text }: { name: string; about?: string; text: string }) {
  const t = useText();
  return (
    <div className="setting">
      <div className="setting-words">
        <span className="setting-name">{name}</span>
        {about && <span className="setting-about">{about}</span>}
        <span className="setting-about mono">{text}</span>
      </div>
      <CopyButton text={() => text} label={`${t.app.copy}: ${name}`} />
    </div>
  );
}
