/** Who can be asked: their keys, how they stand, and the other place for a key. */
import { useEffect } from "react";
import { CopyButton } from "../parts/buttons";
import { providers, status } from "../state/asked";
import { useStore } from "../state/store";
import { useText } from "../text";
import { Group, TextSetting } from "./fields";
import { Provider } from "./Provider";

export function Providers() {
  const t = useText();
  const { value: all, error } = useStore(providers.store);
  useEffect(() => void providers.again(), []);
  const wrongUrl = (text: string) => {
    try {
      const { protocol } = new URL(text);
      if (protocol === "http:" || protocol === "https:") return undefined;
    } catch {
      // It is said below.
    }
    return t.settings.badUrl;
  };
  return (
    <>
      <Group title={t.settings.topics.providers} about={t.settings.providersAbout}>
        {error && (
          <p className="setting-note" role="alert">
            {error.message}
          </p>
        )}
        {all?.map((provider) => (
          <Provider key={provider.name} provider={provider} />
        ))}
      </Group>
      <KeyFile />
      <Group title="OpenAI">
        <TextSetting
          of="providers.openai.base_url"
          name={t.settings.openaiUrl}
          about={t.settings.openaiUrlAbout}
          check={wrongUrl}
        />
      </Group>
    </>
  );
}

/** The file that keys may also be in. */
function KeyFile() {
  const t = useText();
  const folders = useStore(status.store).value?.folders;
  useEffect(() => void status.again(), []);
  if (!folders) return null;
  const file = `${folders.config}${folders.config.includes("\\") ? "\\" : "/"}.env`;
  return (
    <Group title={t.settings.keyPlace} about={t.settings.keyPlaceAbout}>
      <div className="setting wide">
        <div className="copy-line">
          <code>{file}</code>
          <CopyButton text={() => file} label={t.app.copy} />
        </div>
      </div>
    </Group>
  );
}
