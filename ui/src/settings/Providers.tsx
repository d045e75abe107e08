/** Who can be asked: their keys, how they stand, and the other place for a key. */
import { useEffect } from "react";
import { config, providers } from "../state/asked";
import { useStore } from "../state/store";
import { useText } from "../text";
import { Addresses } from "./Addresses";
import { ConfigFile } from "./ConfigFile";
import { Group } from "./fields";
import { Provider } from "./Provider";
import { Servers } from "./Servers";
import { serversOf } from "./servers";

export function Providers() {
  const t = useText();
  const { value: all, error } = useStore(providers.store);
  useEffect(() => void providers.again(), []);
  const servers = serversOf(useStore(config.store).value?.values).map((server) => server.name);
  return (
    <>
      <Group title={t.settings.topics.providers} about={t.settings.providersAbout}>
        {error && (
          <p className="setting-note" role="alert">
            {error.message}
          </p>
        )}
        {all
          ?.filter((provider) => !servers.includes(provider.name))
          .map((provider) => (
            <Provider key={provider.name} provider={provider} />
          ))}
      </Group>
      <Servers />
      <Addresses />
      <ConfigFile name=".env" title={t.settings.keyPlace} about={t.settings.keyPlaceAbout} />
    </>
  );
}
