/** Where the providers are asked that have an address of the person's own, under their usual names. */
import { againWhoAnswers } from "../state/asked";
import { useText } from "../text";
import { providerName } from "../text/providers";
import { Group, TextSetting } from "./fields";
import { Plain } from "./ServerForm";
import { isUnencrypted } from "./servers";
import { useSetting } from "./values";

export function Addresses() {
  const t = useText();
  return (
    <Group title={t.servers.addresses} about={t.servers.addressesAbout}>
      <Address of="openai" about={t.settings.openaiUrlAbout} like="https://api.openai.com/v1" />
      <Address of="ollama" about={t.servers.ollamaAbout} like="http://127.0.0.1:11434" />
      <Address of="azure" about={t.servers.azureAbout} like="https://NAME.openai.azure.com" />
    </Group>
  );
}

function Address({ of, about, like }: { of: "openai" | "ollama" | "azure"; about: string; like: string }) {
  const plain = useSetting(`providers.${of}.plain_http`);
  const allow = async (on: boolean, keep: () => void) => {
    if (!(await plain.set(on))) return;
    void againWhoAnswers();
    // Once it may, what was refused before is sent again.
    if (on) keep();
  };
  return (
    <TextSetting
      of={`providers.${of}.base_url`}
      name={providerName(of)}
      about={about}
      placeholder={like}
      changed={() => void againWhoAnswers()}
      below={(address, keep) =>
        isUnencrypted(of === "ollama" && !address.includes("://") ? `http://${address}` : address) && (
          <Plain on={plain.value === true} set={(on) => void allow(on, keep)} outcome={plain.outcome} />
        )
      }
    />
  );
}
