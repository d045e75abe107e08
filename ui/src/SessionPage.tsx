/** One session: what was said, and the field for what comes next. */
import { Fragment, useEffect, useMemo } from "react";
import { asError } from "./api";
import { ConnectionBar } from "./ConnectionBar";
import { Composer } from "./composer/Composer";
import { openModelPicker, openModePicker } from "./composer/field";
import { laterOf } from "./composer/later";
import { shortModel } from "./composer/models";
import type { Slash } from "./composer/slash";
import { Conversation } from "./conversation/Conversation";
import { tilde } from "./conversation/calls";
import { Gone } from "./Gone";
import type { ApiError, Model, Session, Settings } from "./generated/bindings";
import { Header } from "./Header";
import { compactHere, copyLast, paletteOpen, renameHere, retryLast, stopTurn, whyNot } from "./palette/actions";
import { Icon } from "./parts/icons";
import { spentOn } from "./session/spent";
import type { Followed, SessionStore } from "./session/store";
import { isWaiting as isAsking, lastSaid } from "./session/view";
import { config, models } from "./state/asked";
import { connection } from "./state/connection";
import { arrived } from "./state/drafts";
import { followed } from "./state/open";
import { go } from "./state/place";
import { reach, sessions, titleOf } from "./state/sessions";
import { usePart, useStore } from "./state/store";
import { sayError } from "./state/toasts";
import { text, useText } from "./text";
import type { Text } from "./text/en";
import { money, tokens } from "./text/units";

const NO_MODELS: readonly Model[] = [];

export function runSlash(name: Slash): void {
  const run: Record<Slash, () => void> = {
    new: () => go({ name: "new" }),
    model: openModelPicker,
    mode: openModePicker,
    rename: renameHere,
    stop: stopTurn,
    compact: compactHere,
    copy: copyLast,
    retry: retryLast,
    settings: () => go({ name: "settings", topic: "general" }),
    monitor: () => go({ name: "monitor" }),
    usage: () => go({ name: "usage" }),
    help: () => paletteOpen.set(true),
  };
  run[name]();
}

/** How full the model's window is and what the session cost, as far as they are known: in parts, one a line. */
function usedOf({ view, whole }: Followed, model: Model | undefined, known: readonly Model[], t: Text): string {
  const used = view.usage ? view.usage.input + view.usage.output : 0;
  if (used === 0) return "";
  const full = [used, model?.context].flatMap((count) => (count ? tokens(count) : [])).join(" / ");
  const cost = whole ? spentOn(view.spent, known) : undefined;
  // What runs on this computer costs nothing; that needs no word.
  const price =
    cost && cost.micros > 0 ? `· ${cost.isWhole ? money(cost.micros) : t.usage.atLeast(money(cost.micros))}` : "";
  return [full, t.composer.tokens, price].filter(Boolean).join("\n");
}

/** Its parts follow what they show of it each by itself: while an answer grows, only the conversation is drawn anew. */
export function SessionPage({ id, item, hasSidebar }: { id: string; item?: string; hasSidebar: boolean }) {
  const store = useMemo(() => followed(id), [id]);
  // Deleted while it was open, or while nobody looked.
  const isGone = usePart(store.state, ({ view, loaded, error }) =>
    loaded ? view.gone === true : error?.code === "not_found",
  );
  const isThere = usePart(store.state, (now) => now.loaded) && !isGone;
  const isListed = usePart(sessions, (all) => !all.loaded || all.list.some((one) => one.id === id));
  useEffect(() => {
    // Where that fails the page has it all the same.
    if (isThere && !isListed) reach(id).catch(() => {});
  }, [id, isThere, isListed]);
  return (
    <>
      <Title store={store} hasSidebar={hasSidebar} />
      <ConnectionBar />
      {/* Both are another session's with another id; two of the same key side by side would be mixed up. */}
      <Fragment key={id}>
        <Said store={store} {...(item ? { item } : {})} />
        {isGone ? <Gone id={id} store={store} /> : <Writing store={store} />}
      </Fragment>
    </>
  );
}

/** The session as the list has it, or as it was told while the list has none. */
function useSession(store: SessionStore): Session | undefined {
  const listed = usePart(sessions, (all) => all.list.find((one) => one.id === store.id));
  const told = usePart(store.state, (now) => now.view.session);
  return listed ?? told;
}

/** What holds for its next turn. */
function useSettings(store: SessionStore): { settings: Settings; modelId: string | undefined } {
  const session = useSession(store);
  const known = useStore(models.store).value;
  const settings = usePart(store.state, (now) => now.view.session?.settings) ?? session?.settings ?? {};
  return { settings, modelId: settings.model ?? known?.find((model) => model.default)?.id };
}

function Title({ store, hasSidebar }: { store: SessionStore; hasSidebar: boolean }) {
  const session = useSession(store);
  const { modelId } = useSettings(store);
  const about = session ? [tilde(session.cwd), ...(modelId ? [shortModel(modelId)] : [])] : [];
  return <Header title={titleOf(session)} about={about} hasSidebar={hasSidebar} />;
}

function Said({ store, item }: { store: SessionStore; item?: string }) {
  const t = useText();
  const state = useStore(store.state);
  const isOffline = usePart(connection, (now) => now.state !== "ready");
  const { error } = state;
  const isEmpty = state.view.entries.length === 0 && state.pending.length === 0;
  if (error && (!state.loaded || isEmpty)) {
    return (
      <div className="center">
        {/* That it is gone is told below, with what was left in it. */}
        {error.code !== "not_found" && (
          <>
            <Icon name="alert" size={24} />
            <h2>{t.conversation.openFailed}</h2>
            <p>{error.message}</p>
            <p>{error.hint}</p>
            <button type="button" className="button" onClick={() => void store.open()}>
              {t.app.retry}
            </button>
          </>
        )}
      </div>
    );
  }
  return (
    <>
      {/* Where there is no connection, that is told, and mended first. */}
      {error && !state.view.gone && !isOffline && <PartBar error={error} again={() => void store.open()} />}
      {canShow(state, item) ? (
        <Conversation store={store} followed={state} {...(item ? { item } : {})} />
      ) : (
        <Skeleton />
      )}
    </>
  );
}

/** Says that something of a session is missing that could not be read. */
function PartBar({ error, again }: { error: ApiError; again: () => void }) {
  const t = useText();
  return (
    <div className="bar bad" role="alert">
      <Icon name="alert" />
      <div className="bar-words">
        {t.conversation.partFailed}
        <span>{[error.message, error.hint].filter(Boolean).join(". ")}</span>
      </div>
      <button type="button" className="button accent" onClick={again}>
        {t.app.retry}
      </button>
    </div>
  );
}

function Writing({ store }: { store: SessionStore }) {
  const t = useText();
  const { id } = store;
  const known = useStore(models.store).value ?? NO_MODELS;
  const mode = useDefaultMode();
  const isOffline = usePart(connection, (now) => now.state !== "ready");
  const { settings, modelId } = useSettings(store);
  const model = known.find((one) => one.id === modelId);
  const chosenMode = settings.mode ?? mode;
  const isRunning = usePart(store.state, ({ view }) => view.turn !== undefined);
  const isWaiting = usePart(store.state, ({ view }) => isAsking(view));
  const used = usePart(store.state, (now) => usedOf(now, model, known, t));
  const later = usePart(store.state, ({ view }) => laterOf(view.turn, modelId, chosenMode));
  const isLoaded = usePart(store.state, (now) => now.loaded);
  useEffect(() => {
    if (isLoaded) arrived(id, lastSaid(store.state.get().view));
  }, [isLoaded, id, store]);
  return (
    <Composer
      draftKey={id}
      isRunning={isRunning}
      isWaiting={isWaiting}
      isOffline={isOffline}
      model={modelId}
      mode={chosenMode}
      later={later}
      models={known}
      used={used}
      chooseModel={(choice) => configure(() => store.configure({ model: choice }))}
      chooseMode={(choice) => configure(() => store.configure({ mode: choice }))}
      session={id}
      prepare={async () => id}
      send={(words, attachments) => store.say(words, {}, attachments)}
      stop={stopTurn}
      command={runSlash}
      whyNot={whyNot}
    />
  );
}

/** Of a long session the end comes first; an item that was searched for may stand before it. */
function canShow({ loaded, whole, view }: Followed, item: string | undefined): boolean {
  return whole || (loaded && (item === undefined || view.places.has(item)));
}

function configure(ask: () => Promise<unknown>): void {
  ask().catch((thrown) => sayError(text().settings.notSaved, asError(thrown)));
}

/** The mode of sessions that chose none. */
export function useDefaultMode() {
  const view = useStore(config.store).value;
  const values = view?.values as { permissions?: { mode?: "read-only" | "ask" | "auto-edit" | "full" } } | undefined;
  return values?.permissions?.mode ?? "ask";
}

function Skeleton() {
  const t = useText();
  return (
    <div className="skeleton" role="status" aria-label={t.app.loading}>
      {["38%", "92%", "86%", "64%"].map((width) => (
        <span key={width} style={{ width }} />
      ))}
    </div>
  );
}
