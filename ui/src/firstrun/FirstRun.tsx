/** With nothing that can answer: a model for this computer, or a key. It ends in a session that works. */
import { useEffect } from "react";
import { asError } from "../api";
import { ConnectionBar } from "../ConnectionBar";
import { shortModel } from "../composer/models";
import type { Model } from "../generated/bindings";
import { Header } from "../Header";
import { Download } from "../parts/Download";
import { Icon } from "../parts/icons";
import { QuickCommand } from "../settings/QuickCommand";
import { letAnswer, models, shell } from "../state/asked";
import { go } from "../state/place";
import { pull, usePulling } from "../state/pulls";
import { useStore } from "../state/store";
import { sayError } from "../state/toasts";
import { useText } from "../text";
import { bytes, memory } from "../text/units";
import { Key } from "./Key";
import { Unknown } from "./Unknown";

export default function FirstRun() {
  const t = useText();
  const asked = useStore(models.store);
  const ranked = (asked.value ?? [])
    .filter((model) => model.weights?.rank != null)
    .sort((a, b) => (a.weights?.rank ?? 0) - (b.weights?.rank ?? 0));
  const [best, ...others] = ranked;
  // The other way leads on by a button of its own.
  const ready = ranked.find((model) => model.weights?.installed)?.id;
  useEffect(() => void models.again(), []);
  return (
    <>
      <Header title={t.app.name} hasSidebar />
      <ConnectionBar />
      <div className="first">
        <div className="first-inside">
          <h2>{t.first.title}</h2>
          <p className="start-hint">{t.first.about}</p>
          <div className="first-ways">
            <section className="way" aria-labelledby="way-local">
              <h3 id="way-local">
                <Icon name="cpu" />
                {t.first.local}
              </h3>
              <p>{t.first.localAbout}</p>
              {best ? (
                <Best model={best} ready={ready} />
              ) : (
                <Unknown asked={asked} failed={t.first.modelsFailed} none={t.first.noRoom} again={models.again} />
              )}
              {others.length > 0 && (
                <details className="first-others">
                  <summary>
                    <Icon name="chevronRight" size={14} />
                    {t.first.others}
                  </summary>
                  {others.map((model) => (
                    <Offer key={model.id} model={model} />
                  ))}
                </details>
              )}
            </section>
            <Key />
          </div>
          <Hotkey />
          <button type="button" className="button plain first-later" onClick={() => go({ name: "new" })}>
            {t.first.later}
          </button>
        </div>
      </div>
    </>
  );
}

/** The way to the quick prompt where its key cannot be had. */
function Hotkey() {
  const t = useText();
  const problem = useStore(shell.store).value?.hotkeyProblem;
  if (!problem) return null;
  return (
    <section className="first-hotkey" aria-labelledby="first-hotkey">
      <h3 id="first-hotkey">{t.settings.hotkeyTrouble}</h3>
      <p>{`${problem}.`}</p>
      <QuickCommand />
    </section>
  );
}

/** `ready` is the best model that is here. */
function Best({ model, ready }: { model: Model; ready: string | undefined }) {
  const t = useText();
  const begin = async (id: string) => {
    try {
      await letAnswer(id);
      go({ name: "new" });
    } catch (thrown) {
      sayError(t.settings.notSaved, asError(thrown));
    }
  };
  const pulling = usePulling(model);
  const { weights } = model;
  if (!weights) return null;
  return (
    <div className="offer best">
      <div className="offer-words">
        <span className="offer-name">{shortModel(model.id)}</span>
        <span className="setting-about">{weights.about}</span>
        <span className="setting-about numbers">{`${t.first.recommended} · ${t.first.needs(memory(weights.memoryBytes))}`}</span>
      </div>
      {weights.installed ? (
        <div className="first-ready" role="status">
          <span className="tag good">
            <Icon name="check" size={14} />
            {t.first.ready}
          </span>
        </div>
      ) : pulling ? (
        <Download name={model.id} pulling={pulling} />
      ) : (
        !ready && (
          <button type="button" className="button accent" onClick={() => void pull(model.id)}>
            <Icon name="download" />
            {t.first.get(bytes(weights.bytes))}
          </button>
        )
      )}
      {ready && (
        <button type="button" className="button accent" onClick={() => void begin(ready)}>
          {t.first.start}
        </button>
      )}
    </div>
  );
}

function Offer({ model }: { model: Model }) {
  const t = useText();
  const pulling = usePulling(model);
  const { weights } = model;
  if (!weights) return null;
  return (
    <div className="offer">
      <div className="offer-words">
        <span className="offer-name">{shortModel(model.id)}</span>
        <span className="setting-about">{weights.about}</span>
      </div>
      {weights.installed ? (
        <span className="tag good">{t.settings.here}</span>
      ) : pulling ? (
        <Download name={model.id} pulling={pulling} />
      ) : (
        <button type="button" className="button" onClick={() => void pull(model.id)}>
          {t.first.get(bytes(weights.bytes))}
        </button>
      )}
    </div>
  );
}
