/** One session: what was said, and the field for what comes next. */
import { useMemo } from "react";
import { asError } from "./api";
import { ConnectionBar } from "./ConnectionBar";
import { Composer } from "./composer/Composer";
import { openModelPicker, openModePicker } from "./composer/field";
import type { Slash } from "./composer/slash";
import { Conversation } from "./conversation/Conversation";
import { tilde } from "./conversation/calls";
import { Gone } from "./Gone";
import type { Model } from "./generated/bindings";
import { Header } from "./Header";
import { compactHere, copyLast, paletteOpen, renameHere, retryLast, stopTurn, whyNot } from "./palette/actions";
import { Icon } from "./parts/icons";
import { spentOn } from "./session/spent";
import type { Followed } from "./session/store";
import { config, models } from "./state/asked";
import { connection } from "./state/connection";
import { followed } from "./state/open";
import { go } from "./state/place";
import { sessions, titleOf } from "./state/sessions";
import { usePart, useStore } from "./state/store";
import { sayError } from "./state/toasts";
import { text, useText } from "./text";
import type { Text } from "./text/en";
import { money, tokens } from "./text/units";

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

export function SessionPage({ id, item, hasSidebar }: { id: string; item?: string; hasSidebar: boolean }) {
  const t = useText();
  const store = useMemo(() => followed(id), [id]);
  const state = useStore(store.state);
  const known = useStore(models.store).value ?? [];
  const mode = useDefaultMode();
  const isOffline = usePart(connection, (now) => now.state !== "ready");
  const listed = usePart(sessions, (all) => all.list.find((one) => one.id === id));
  const session = listed ?? state.view.session;
  const settings = state.view.session?.settings ?? session?.settings ?? {};
  const modelId = settings.model ?? known.find((model) => model.default)?.id;
  const model = known.find((one) => one.id === modelId);
  const about = session ? tilde(session.cwd) : "";

  return (
    <>
      <Header title={titleOf(session)} about={about} hasSidebar={hasSidebar} />
      <ConnectionBar />
      {state.error && (!state.loaded || state.view.entries.length === 0) ? (
        <div className="center">
          <Icon name="alert" size={24} />
          <h2>{state.error.code === "not_found" ? t.conversation.gone : t.conversation.openFailed}</h2>
          <p>{state.error.message}</p>
          <p>{state.error.hint}</p>
          {state.error.code !== "not_found" && (
            <button type="button" className="button" onClick={() => void store.open()}>
              {t.app.retry}
            </button>
          )}
        </div>
      ) : canShow(state, item) ? (
        <Conversation key={id} store={store} followed={state} {...(item ? { item } : {})} />
      ) : (
        <Skeleton />
      )}
      {state.view.gone && state.loaded ? (
        <Gone key={id} id={id} />
      ) : (
        <Composer
          key={id}
          draftKey={id}
          isRunning={state.view.turn !== undefined}
          isWaiting={state.view.approvals.size > 0}
          isOffline={isOffline}
          model={modelId}
          mode={settings.mode ?? mode}
          models={known}
          used={usedOf(state, model, known, t)}
          chooseModel={(choice) => configure(() => store.configure({ model: choice }))}
          chooseMode={(choice) => configure(() => store.configure({ mode: choice }))}
          session={id}
          cwd={session?.cwd}
          prepare={async () => id}
          send={(words, attachments) => store.say(words, {}, attachments)}
          stop={stopTurn}
          command={runSlash}
          whyNot={whyNot}
        />
      )}
    </>
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
