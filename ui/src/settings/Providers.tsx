/** Who can be asked, and where a key is put. */
import { useEffect } from "react";
import { CopyButton, IconButton } from "../parts/buttons";
import { providers, status } from "../state/asked";
import { useStore } from "../state/store";
import { useText } from "../text";
import { Group, TextSetting } from "./fields";

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
        {error && <p className="setting-note">{error.message}</p>}
        {all?.map((provider) => (
          <div key={provider.name} className="setting">
            <div className="setting-words">
              <span className="setting-name">{provider.name}</span>
              <span className="setting-about">
                {[provider.baseUrl, provider.keySource ? `${t.settings.keyFrom}: ${provider.keySource}` : ""]
                  .filter(Boolean)
                  .join(" · ") || provider.kind}
              </span>
            </div>
            <span className={`tag ${provider.state === "ready" ? "good" : ""}`}>{provider.state}</span>
          </div>
        ))}
      </Group>
      <KeyPlace />
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

/** The file of keys, and the line that goes into it. */
export function KeyPlace() {
  const t = useText();
  const folders = useStore(status.store).value?.folders;
  useEffect(() => void status.again(), []);
  const separator = folders?.config.includes("\\") ? "\\" : "/";
  const file = folders ? `${folders.config}${separator}.env` : ".env";
  return (
    <Group title={t.settings.keyPlace} about={t.settings.keyPlaceAbout}>
      <div className="setting wide">
        <div className="copy-line">
          <code>{file}</code>
          <CopyButton text={() => file} label={t.app.copy} />
        </div>
        <div className="copy-line">
          <code>OPENAI_API_KEY=…</code>
          <CopyButton text={() => "OPENAI_API_KEY="} label={t.app.copy} />
          <IconButton icon="retry" label={t.first.check} onClick={() => void providers.again()} />
        </div>
      </div>
    </Group>
  );
}
