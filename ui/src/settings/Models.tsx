/** Every model that can be asked, and those that can be fetched for this computer. */
import { useEffect, useState } from "react";
import { asError, jamey } from "../api";
import { askable, factsOf, shortModel } from "../composer/models";
import type { Model } from "../generated/bindings";
import { Select } from "../parts/buttons";
import { Dialog } from "../parts/Dialog";
import { Download } from "../parts/Download";
import { Icon } from "../parts/icons";
import { againWhoAnswers, config, defaultOf, models } from "../state/asked";
import { pull, usePulling } from "../state/pulls";
import { useStore } from "../state/store";
import { sayError } from "../state/toasts";
import { at, type Outcome } from "../state/wishes";
import { useText } from "../text";
import { bytes, memory } from "../text/units";
import { Field, Group, NumberSetting } from "./fields";

export function Models() {
  const t = useText();
  const { value: all, error } = useStore(models.store);
  const chosen = at(useStore(config.store).value?.values, "models.default");
  const [outcome, setOutcome] = useState<Outcome>();
  useEffect(() => void models.again(), []);
  if (error && !all) return <p className="setting-note">{`${t.settings.failed}: ${error.message}`}</p>;
  const list = all ?? [];
  const local = list.filter((model) => model.weights);
  const other = list.filter((model) => !model.weights);

  const choose = async (id: string) => {
    try {
      if (id === "") config.put(await jamey().setConfig("models.default", ""));
      else await jamey().defaultModel(id);
      setOutcome({ kind: "saved" });
    } catch (thrown) {
      setOutcome({ kind: "failed", message: asError(thrown).message });
    }
    await Promise.all([models.again(), config.again()]);
  };

  // A name that cannot answer is shown as what it is, not as if nobody had chosen.
  const current = defaultOf(list)?.id;
  const shown = chosen ? (current ?? String(chosen)) : "";
  const isMissing = all !== undefined && shown !== "" && !current;
  return (
    <>
      <Group title={t.settings.topics.models}>
        <Field
          name={t.settings.modelDefault}
          about={isMissing ? t.settings.modelMissingAbout : t.settings.modelDefaultAbout}
          outcome={outcome}
          control={({ labelledBy, describedBy }) => (
            <Select
              aria-labelledby={labelledBy}
              aria-describedby={describedBy}
              value={shown}
              onChange={(event) => void choose(event.target.value)}
            >
              <option value="">{t.settings.modelAuto}</option>
              {shown !== "" && !askable(list).some((model) => model.id === shown) && (
                <option value={shown}>{isMissing ? t.settings.modelMissing(shown) : shown}</option>
              )}
              {askable(list).map((model) => (
                <option key={model.id} value={model.id}>
                  {model.id}
                </option>
              ))}
            </Select>
          )}
        />
      </Group>
      {local.length > 0 && (
        <Group title={t.settings.localModels} about={t.settings.localModelsAbout}>
          {local.map((model) => (
            <LocalModel key={model.id} model={model} />
          ))}
          <NumberSetting
            of="providers.local.idle_seconds"
            name={t.settings.idle}
            about={`${t.settings.idleAbout} ${t.settings.atStart}`}
            min={0}
            max={604_800}
            unit={t.settings.seconds}
            none={t.settings.never}
          />
          <NumberSetting
            of="providers.local.threads"
            name={t.settings.threads}
            about={`${t.settings.threadsAbout} ${t.settings.atStart}`}
            min={0}
            max={1024}
            none={t.settings.automatic}
          />
        </Group>
      )}
      {other.length > 0 && (
        <Group title={t.settings.otherModels}>
          {other.map((model) => (
            <div key={model.id} className="setting">
              <div className="setting-words">
                <span className="setting-name">{shortModel(model.id)}</span>
                <span className="setting-about">{factsOf(model, t)}</span>
              </div>
              {model.default && <span className="tag">{t.settings.isDefault}</span>}
            </div>
          ))}
        </Group>
      )}
    </>
  );
}

function LocalModel({ model }: { model: Model }) {
  const t = useText();
  const pulling = usePulling(model);
  const [asks, setAsks] = useState(false);
  const { weights } = model;
  if (!weights) return null;
  const remove = async () => {
    setAsks(false);
    const isChosen = model.default && at(config.store.get().value?.values, "models.default") !== "";
    try {
      await jamey().removeModel(model.id);
      // Its name would stay behind as a choice that cannot answer.
      if (isChosen) config.put(await jamey().setConfig("models.default", ""));
    } catch (thrown) {
      sayError(t.settings.remove, asError(thrown));
    }
    await againWhoAnswers();
  };
  return (
    <div className="setting model">
      <div className="setting-words">
        <span className="setting-name">
          {shortModel(model.id)}
          {model.default && <span className="tag">{t.settings.isDefault}</span>}
        </span>
        <span className="setting-about">{weights.about}</span>
        <span className="setting-about numbers">
          {`${bytes(weights.bytes)} · ${t.first.needs(memory(weights.memoryBytes))} · ${weights.licence}`}
        </span>
        {pulling && <Download name={model.id} pulling={pulling} />}
      </div>
      {!pulling && (
        <div className="setting-control">
          {weights.installed ? (
            <>
              <span className="tag good">
                <Icon name="check" size={14} />
                {t.settings.here}
              </span>
              <button type="button" className="button plain" onClick={() => setAsks(true)}>
                {t.settings.remove}
              </button>
            </>
          ) : (
            <button type="button" className="button" onClick={() => void pull(model.id)}>
              <Icon name="download" size={14} />
              {t.settings.download}
            </button>
          )}
        </div>
      )}
      {asks && (
        <Dialog title={t.settings.removeAsk(shortModel(model.id))} onClose={() => setAsks(false)}>
          <p>{t.settings.removeAbout(bytes(weights.bytes))}</p>
          {model.default && <p>{t.settings.removeDefault}</p>}
          <div className="dialog-actions">
            <button type="button" className="button" onClick={() => setAsks(false)}>
              {t.app.cancel}
            </button>
            <button type="button" className="button danger" onClick={() => void remove()}>
              {t.settings.remove}
            </button>
          </div>
        </Dialog>
      )}
    </div>
  );
}
