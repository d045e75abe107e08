/** The second way to an answer: a key of a provider. It is tried at once, and ends in a session. */
import { useId, useState } from "react";
import { asError } from "../api";
import { providerOf, shortModel } from "../composer/models";
import type { KeyKept, Model, ProviderView } from "../generated/bindings";
import { KeyForm } from "../keys/KeyForm";
import { Tested, useTest } from "../keys/Tested";
import { Select } from "../parts/buttons";
import { Icon } from "../parts/icons";
import { Kept } from "../settings/Provider";
import { againWhoAnswers, defaultOf, letAnswer, models, providers } from "../state/asked";
import { go } from "../state/place";
import { useStore } from "../state/store";
import { sayError } from "../state/toasts";
import { useText } from "../text";
import { providerName } from "../text/providers";
import { Unknown } from "./Unknown";

export function Key() {
  const t = useText();
  const asked = useStore(providers.store);
  const takers = (asked.value ?? []).filter((provider) => provider.takesKey);
  const [wished, setWished] = useState<string>();
  // What is set up already comes first, so that a second visit goes on where the first one was.
  const chosen =
    takers.find((provider) => provider.name === wished) ?? takers.find((provider) => provider.keySource) ?? takers[0];
  return (
    <section className="way" aria-labelledby="way-key">
      <h3 id="way-key">
        <Icon name="key" />
        {t.first.key}
      </h3>
      <p>{t.first.keyAbout}</p>
      {chosen ? (
        <>
          {takers.length > 1 && <Choice takers={takers} chosen={chosen.name} choose={setWished} />}
          <Give key={chosen.name} provider={chosen} />
        </>
      ) : (
        <Unknown asked={asked} failed={t.first.providersFailed} none={t.first.noTaker} again={providers.again} />
      )}
    </section>
  );
}

function Choice(props: { takers: readonly ProviderView[]; chosen: string; choose: (name: string) => void }) {
  const t = useText();
  const id = useId();
  return (
    <div className="way-choice">
      <label htmlFor={id}>{t.first.provider}</label>
      <Select id={id} value={props.chosen} onChange={(event) => props.choose(event.target.value)}>
        {props.takers.map((provider) => (
          <option key={provider.name} value={provider.name}>
            {providerName(provider.name)}
          </option>
        ))}
      </Select>
    </div>
  );
}

function Give({ provider }: { provider: ProviderView }) {
  const [kept, setKept] = useState<KeyKept>();
  const test = useTest(provider.name);
  const given = async (now: KeyKept) => {
    setKept(now);
    await againWhoAnswers();
    await test.run();
    await againWhoAnswers();
  };
  const { outcome } = test;
  const isRefused = outcome !== undefined && outcome !== "running" && outcome.error != null;
  const hasKey = provider.keySource != null;
  return (
    <>
      {(!hasKey || isRefused) && (
        <KeyForm provider={provider.name} name={providerName(provider.name)} given={(now) => void given(now)} />
      )}
      <Kept kept={kept} />
      <Tested outcome={outcome} />
      {hasKey && !isRefused && outcome !== "running" && <Begin provider={provider.name} />}
    </>
  );
}

/** The way into a session; asks for a model only where the runtime has no choice of its own. */
function Begin({ provider }: { provider: string }) {
  const t = useText();
  const all = useStore(models.store).value ?? [];
  const offered = all.filter((model) => providerOf(model.id) === provider);
  const hasDefault = defaultOf(all) !== undefined;
  const [wished, setWished] = useState<string>();
  const id = useId();
  const model = offered.find((one) => one.id === wished) ?? likely(offered);
  const begin = async () => {
    try {
      if (model) await letAnswer(model.id);
      go({ name: "new" });
    } catch (thrown) {
      sayError(t.settings.notSaved, asError(thrown));
    }
  };
  return (
    <>
      {!hasDefault && model && (
        <div className="way-choice">
          <label htmlFor={id}>{t.composer.model}</label>
          <Select id={id} value={model.id} onChange={(event) => setWished(event.target.value)}>
            {offered.map((one) => (
              <option key={one.id} value={one.id}>
                {shortModel(one.id)}
              </option>
            ))}
          </Select>
        </div>
      )}
      <div className="first-ready">
        <button type="button" className="button accent" onClick={() => void begin()}>
          {t.first.start}
        </button>
      </div>
    </>
  );
}

/** The first that is known to call tools: lists of providers begin with whatever their alphabet begins with. */
function likely(offered: readonly Model[]): Model | undefined {
  return (
    offered.find((model) => model.tools === true && model.price) ?? offered.find((model) => model.tools) ?? offered[0]
  );
}
