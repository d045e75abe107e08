/** One provider: how it stands, its key, and a try. */
import { useEffect, useRef, useState } from "react";
import { asError, jamey } from "../api";
import type { KeyKept, ProviderView } from "../generated/bindings";
import { KeyForm } from "../keys/KeyForm";
import { placeOf } from "../keys/place";
import { Tested, useTest } from "../keys/Tested";
import { Dialog } from "../parts/Dialog";
import { Icon } from "../parts/icons";
import { Menu, type MenuItem } from "../parts/Menu";
import { againWhoAnswers, models } from "../state/asked";
import { go } from "../state/place";
import { useStore } from "../state/store";
import { sayError } from "../state/toasts";
import { useText } from "../text";
import { providerName } from "../text/providers";

/** What a server under a name of the person's own has besides. */
type Own = { change: () => void; remove: () => void };

export function Provider(props: {
  provider: ProviderView;
  own?: Own;
  /** It was added just now: what came of its key. */
  added?: KeyKept | "refused" | "no key";
}) {
  const t = useText();
  const { provider, own, added } = props;
  const { name: id, keySource } = provider;
  const name = providerName(id);
  const [isGiving, setGiving] = useState(added === "refused");
  const [kept, setKept] = useState<KeyKept | undefined>(typeof added === "object" ? added : undefined);
  const [asks, setAsks] = useState(false);
  const test = useTest(id);
  const { run } = test;
  const isLocal = provider.kind === "local";
  // Of its own model the runtime also tells how many there are.
  const isReady = isLocal ? /^ready\b/.test(provider.state) : provider.state === "ready";
  const installed = (useStore(models.store).value ?? []).filter((model) => model.weights?.installed).length;
  const card = useRef<HTMLElement>(null);
  /** The focus goes to the card's button for a key where the one that had it is gone. */
  const focusKey = () =>
    requestAnimationFrame(() => {
      const button = card.current?.querySelector<HTMLElement>('[data-button="key"]');
      if (document.activeElement === document.body) button?.focus();
    });
  // What was just added is tried at once, as a key is.
  useEffect(() => {
    if (added && added !== "refused") void run().then(againWhoAnswers);
  }, [added, run]);
  // The runtime adds how to give one at the terminal; here is a button.
  const isKeyless =
    !isReady && !keySource && !provider.hasKeptKey && provider.takesKey && /^no key[:;]/.test(provider.state);
  const trouble = isReady || isKeyless ? "" : isLocal ? t.keys.noLocal : provider.state;

  const close = () => {
    setGiving(false);
    focusKey();
  };
  const given = (now: KeyKept) => {
    setKept(now);
    close();
    // What was in the way is told; else the key is tried at once.
    if (!now.outrankedBy) void test.run().then(againWhoAnswers);
    void againWhoAnswers();
  };
  const remove = () => {
    setAsks(false);
    setKept(undefined);
    test.forget();
    jamey()
      .removeKey(id)
      .then(againWhoAnswers)
      .then(focusKey)
      .catch((thrown) => sayError(t.keys.notRemoved, asError(thrown)));
  };

  const stands = standOf();
  function standOf(): { mark: string; word: string } | undefined {
    const { outcome } = test;
    if (outcome && outcome !== "running") {
      return outcome.error ? { mark: "broken", word: t.keys.fails } : { mark: "fine", word: t.keys.works };
    }
    if (isKeyless) return { mark: "", word: t.keys.none };
    // That there is a key says nothing of whether it works.
    if (keySource) return { mark: "", word: t.keys.saved };
    return isReady ? { mark: isLocal ? "fine" : "", word: t.keys.ready } : undefined;
  }
  const give = () => {
    setKept(undefined);
    test.forget();
    setGiving(true);
  };
  const isTrying = test.outcome === "running";
  const tryIt = () => void (isTrying || test.run().then(againWhoAnswers));
  const items = (): MenuItem[] => [
    ...(isLocal && isReady ? [{ id: "try", label: t.keys.test, icon: "retry" as const, run: tryIt }] : []),
    ...(provider.takesKey && !isKeyless
      ? [{ id: "key", label: keySource ? t.keys.replace : t.keys.give, icon: "key" as const, run: give }]
      : []),
    ...(own ? [{ id: "change", label: t.servers.change, icon: "pencil" as const, run: own.change }] : []),
    ...(provider.hasKeptKey
      ? [{ id: "forget", label: t.keys.remove, icon: "trash" as const, danger: true, run: () => setAsks(true) }]
      : []),
    ...(own ? [{ id: "remove", label: t.servers.remove, icon: "trash" as const, danger: true, run: own.remove }] : []),
  ];
  const hasMore = items().length > 0;

  return (
    <section ref={card} className="setting provider" aria-label={name}>
      <div className="provider-line">
        <div className="setting-words">
          <span className="setting-name">
            {name}
            {stands && <span className={`tag state ${stands.mark}`}>{stands.word}</span>}
          </span>
          <span className="setting-about">
            {[
              provider.baseUrl?.replace(/^https:\/\//, "") ?? (isLocal ? "" : provider.kind),
              keySource ? t.keys.from(placeOf(keySource, t)) : "",
              isLocal && isReady && installed > 0 ? t.keys.installed(installed) : "",
            ]
              .filter(Boolean)
              .join(" · ")}
          </span>
          {trouble && <span className="setting-about">{trouble}</span>}
        </div>
        {!(isGiving && provider.takesKey) && (
          <div className="provider-actions">
            {isKeyless ? (
              <button
                type="button"
                className="button"
                data-button="key"
                aria-label={`${t.keys.give}: ${name}`}
                onClick={give}
              >
                {t.keys.give}
              </button>
            ) : isLocal ? (
              <button type="button" className="button" onClick={() => go({ name: "settings", topic: "models" })}>
                {t.keys.openModels}
              </button>
            ) : (
              <button
                type="button"
                className="button"
                data-button="key"
                aria-label={`${t.keys.test}: ${name}`}
                // One that is disabled would lose the focus.
                aria-disabled={isTrying}
                onClick={tryIt}
              >
                {t.keys.test}
              </button>
            )}
            {hasMore && (
              <Menu
                label={`${t.app.more}: ${name}`}
                align="end"
                items={items}
                button={(more) => (
                  <button
                    type="button"
                    className="icon-button"
                    data-button={`more ${id}`}
                    aria-label={`${t.app.more}: ${name}`}
                    title={t.app.more}
                    {...more}
                  >
                    <Icon name="more" />
                  </button>
                )}
              />
            )}
          </div>
        )}
      </div>
      {isGiving && provider.takesKey && <KeyForm provider={id} name={name} given={given} cancel={close} />}
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
