/** One provider: how it stands, its key, and a try. */
import { useState } from "react";
import { asError, jamey } from "../api";
import type { KeyKept, ProviderView } from "../generated/bindings";
import { KeyForm } from "../keys/KeyForm";
import { placeOf } from "../keys/place";
import { Tested, useTest } from "../keys/Tested";
import { Dialog } from "../parts/Dialog";
import { Icon } from "../parts/icons";
import { models, providers } from "../state/asked";
import { sayError } from "../state/toasts";
import { useText } from "../text";

export function Provider({ provider }: { provider: ProviderView }) {
  const t = useText();
  const { name, keySource } = provider;
  const [isGiving, setGiving] = useState(false);
  const [kept, setKept] = useState<KeyKept>();
  const [asks, setAsks] = useState(false);
  const test = useTest(name);
  const isReady = provider.state === "ready";
  // The runtime adds how to give one at the terminal; here is a button.
  const isKeyless = !isReady && !keySource && provider.takesKey && /^no key[:;]/.test(provider.state);
  const trouble = isReady || isKeyless ? "" : provider.state;

  const given = (now: KeyKept) => {
    setKept(now);
    setGiving(false);
    // What was in the way is told; else the key is tried at once.
    if (!now.outrankedBy) void test.run().then(again);
    void again();
  };
  const remove = () => {
    setAsks(false);
    setKept(undefined);
    test.forget();
    jamey()
      .removeKey(name)
      .then(again)
      .catch((thrown) => sayError(t.keys.notRemoved, asError(thrown)));
  };

  return (
    <section className="setting provider" aria-label={name}>
      <div className="provider-line">
        <div className="setting-words">
          <span className="setting-name">{name}</span>
          <span className="setting-about">
            {[
              provider.baseUrl ?? (provider.kind === name ? "" : provider.kind),
              keySource ? t.keys.from(placeOf(keySource, t)) : "",
            ]
              .filter(Boolean)
              .join(" · ")}
          </span>
          {trouble && <span className="setting-about">{trouble}</span>}
        </div>
        {isReady && <span className="tag good">{t.keys.ready}</span>}
        {isKeyless && <span className="tag">{t.keys.none}</span>}
      </div>
      {isGiving && provider.takesKey ? (
        <KeyForm provider={name} given={given} cancel={() => setGiving(false)} />
      ) : (
        <div className="provider-actions">
          {provider.takesKey && (
            <button
              type="button"
              className="button"
              aria-label={`${keySource ? t.keys.replace : t.keys.give}: ${name}`}
              onClick={() => {
                setKept(undefined);
                test.forget();
                setGiving(true);
              }}
            >
              <Icon name="key" size={14} />
              {keySource ? t.keys.replace : t.keys.give}
            </button>
          )}
          {!isKeyless && (
            <button
              type="button"
              className="button plain"
              aria-label={`${t.keys.test}: ${name}`}
              disabled={test.outcome === "running"}
              onClick={() => void test.run().then(again)}
            >
              {t.keys.test}
            </button>
          )}
          {provider.hasKeptKey && (
            <button
              type="button"
              className="button plain"
              aria-label={`${t.keys.remove}: ${name}`}
              onClick={() => setAsks(true)}
            >
              {t.keys.remove}
            </button>
          )}
        </div>
      )}
      <Kept kept={kept} />
      <Tested outcome={test.outcome} />
      {asks && (
        <Dialog title={t.keys.removeAsk(name)} onClose={() => setAsks(false)}>
          <p>{t.keys.removeAbout}</p>
          <div className="dialog-actions">
            <button type="button" className="button" onClick={() => setAsks(false)}>
              {t.app.cancel}
            </button>
            <button type="button" className="button danger" onClick={remove}>
              {t.keys.remove}
            </button>
          </div>
        </Dialog>
      )}
    </section>
  );
}

/** Where a key that was just given lies, and what keeps it from being used. */
export function Kept({ kept }: { kept: KeyKept | undefined }) {
  const t = useText();
  return (
    <p role="status" className="tested">
      {kept && (
        <span className={kept.outrankedBy ? "kept-below" : "setting-saved"}>
          <Icon name={kept.outrankedBy ? "warn" : "check"} size={14} />
          <span>
            {t.keys.kept(placeOf(kept.place, t))}
            {kept.outrankedBy && ` ${t.keys.outranked(placeOf(kept.outrankedBy, t))}`}
          </span>
        </span>
      )}
    </p>
  );
}

async function again(): Promise<void> {
  await Promise.all([providers.again(), models.again()]);
}
