/** Everything that can be done, with its shortcut; the palette shows it and the keys run it. */

import { jamey } from "../api";
import { takeMode } from "../composer/FullAccess";
import {
  chooseFolder,
  focusField,
  focusPage,
  hasField,
  hasFolders,
  openFiles,
  openModelPicker,
  openModePicker,
  whenField,
} from "../composer/field";
import { MODES } from "../composer/later";
import type { Slash } from "../composer/slash";
import { openAgain, showQuestion } from "../conversation/reach";
import type { Mode } from "../generated/bindings";
import { copyText } from "../parts/buttons";
import type { IconName } from "../parts/icons";
import type { SessionStore } from "../session/store";
import { type ItemEntry, lastBegun, lastEnd, type SessionView, textOf } from "../session/view";
import { stepFrom } from "../sidebar/order";
import { renaming } from "../sidebar/renaming";
import { togglePin } from "../sidebar/SessionRow";
import { canUndo, remove, undo } from "../state/deleting";
import { choose, grow } from "../state/looks";
import { followed } from "../state/open";
import { isPaused, pause } from "../state/pause";
import { go, type Place, place, TOPICS } from "../state/place";
import { prefs, setPrefs } from "../state/prefs";
import { sessions } from "../state/sessions";
import { createStore } from "../state/store";
import { say, sayError } from "../state/toasts";
import { writingPlace } from "../state/writing";
import { text } from "../text";
import { KEYS, type Shortcut } from "./keys";

export type Action = {
  id: string;
  label: string;
  icon: IconName;
  keys?: Shortcut;
  /** It is looked for only by its name; where any other stands says `sections.ts`. */
  section?: "settings";
  run: () => void;
};

/** What is done with the session on the page. */
const OF_SESSION: readonly Slash[] = ["rename", "stop", "compact", "copy", "retry"];

export const paletteOpen = createStore(false);
/** Below so many pixels the list lies over the page. */
export const NARROW = 720;

/** The session on the page. */
export function here(): SessionStore | undefined {
  const now = place.get();
  return now.name === "session" ? followed(now.id) : undefined;
}

function lastAnswer({ entries }: SessionView): ItemEntry | undefined {
  const entry = entries.findLast((one) => one.kind === "item" && one.item.body.type === "agentMessage");
  return entry?.kind === "item" ? entry : undefined;
}

/** The session on the page, unless it was deleted and only its words are left. */
function alive(): SessionStore | undefined {
  const store = here();
  return store?.state.get().view.gone ? undefined : store;
}

/** Why something would do nothing with what is on the page; nothing where it does something. */
export function whyNot(what: Slash): string | undefined {
  if (!OF_SESSION.includes(what)) return undefined;
  const { why } = text().slash;
  const view = here()?.state.get().view;
  if (!view) return why.noSession;
  // What was said can still be copied.
  if (view.gone && what !== "copy") return text().conversation.gone;
  const isRunning = view.turn !== undefined;
  switch (what) {
    case "stop":
      return isRunning ? undefined : why.idle;
    case "copy":
      return lastAnswer(view) ? undefined : why.noAnswer;
    case "compact":
      if (isRunning) return why.running;
      return lastEnd(view) ? undefined : why.nothing;
    case "retry":
      if (isRunning) return why.running;
      return lastBegun(view) ? undefined : why.nothing;
    default:
      return undefined;
  }
}

export function stopTurn(): void {
  const store = here();
  if (store?.state.get().view.turn) store.interrupt().catch((error) => sayError(text().composer.stop, error));
}

/** Lets the model sum up what was said so far. */
export function compactHere(): void {
  here()
    ?.compact()
    .catch((error) => sayError(text().composer.notSent, error));
}

export function copyLast(): void {
  const store = here();
  const entry = store && lastAnswer(store.state.get().view);
  if (!entry) return;
  void copyText(textOf(entry)).then(() => say({ text: text().app.copied }, 2000));
}

export function retryLast(): void {
  here()
    ?.again()
    .catch((error) => sayError(text().composer.notSent, error));
}

/** Whether another model can be asked what was asked last; a summary is always the session's own. */
function canAskAnother(): boolean {
  const view = here()?.state.get().view;
  return view !== undefined && whyNot("retry") === undefined && lastBegun(view)?.type === "words";
}

export function renameHere(): void {
  const now = place.get();
  if (now.name !== "session") return;
  const isNarrow = innerWidth < NARROW;
  const wasOver = overlay.get();
  if (isNarrow) overlay.set(true);
  else setPrefs({ sidebar: true });
  const back = () => {
    if (isNarrow) overlay.set(false);
    // Once the page can have the focus again.
    requestAnimationFrame(focusPage);
  };
  // Whoever came from the list that lies over the page stays in it.
  renaming.set(isNarrow && wasOver ? { id: now.id } : { id: now.id, back });
}

export function deleteHere(): void {
  const now = place.get();
  const session = now.name === "session" ? sessions.get().list.find((one) => one.id === now.id) : undefined;
  if (session) remove(session);
}

export function pinHere(): void {
  const session = alive();
  if (session) togglePin(session.id);
}

export function step(by: number): void {
  const now = place.get();
  const next = stepFrom(now.name === "session" ? now.id : undefined, by);
  if (next) go({ name: "session", id: next.id });
}

/** To the question on the page, wherever that is scrolled to; else to a session that asks one. */
export function toApproval(): void {
  if (showQuestion()) return;
  const waiting = sessions.get().list.find((session) => session.status === "waiting");
  if (waiting) go({ name: "session", id: waiting.id });
}

/** Leads to a page, and takes away the list that lies over it. */
export function lead(to: Place): void {
  overlay.set(false);
  go(to);
}

/** Does something on the page; a list that lies over it goes first. */
export function onPage(run: () => void): void {
  const isOver = overlay.get();
  overlay.set(false);
  // The page below cannot have the focus before it is drawn again.
  if (isOver) requestAnimationFrame(run);
  else run();
}

/** Does something with the message field; a page that has none leads to where the person wrote last. */
function atMessage(run: () => void): void {
  if (hasField()) {
    onPage(run);
    return;
  }
  const to = writingPlace();
  // Not for a person who is elsewhere by then.
  whenField(() => place.get() === to && run());
  lead(to);
}

export const toMessage = (): void => atMessage(focusField);
export const addFiles = (): void => atMessage(openFiles);
// After the palette gave the focus back.
export const chooseModel = (): void => atMessage(() => requestAnimationFrame(openModelPicker));

function isPinned(): boolean {
  const now = place.get();
  return now.name === "session" && prefs.get().pinned.includes(now.id);
}

export function chooseMode(mode: Mode): void {
  const store = here();
  if (!store) return;
  const take = () => void store.configure({ mode }).catch((error) => sayError(text().composer.mode, error));
  takeMode(mode, store.state.get().view.session?.settings?.mode ?? undefined, "session", take);
}

export function actions(): Action[] {
  const t = text();
  const p = t.palette;
  const isSession = alive() !== undefined;
  const can = (what: Slash) => whyNot(what) === undefined;
  const list: (Action | false)[] = [
    {
      id: "new",
      label: p.newSession,
      icon: "compose",
      keys: KEYS.newSession,
      run: () => lead({ name: "new" }),
    },
    can("stop") && { id: "stop", label: p.stop, icon: "stop", keys: KEYS.stop, run: stopTurn },
    { id: "search", label: p.search, icon: "search", keys: KEYS.search, run: focusSearch },
    { id: "focus", label: p.focus, icon: "pencil", keys: KEYS.focus, run: toMessage },
    { id: "attach", label: p.attach, icon: "attach", keys: KEYS.attach, run: addFiles },
    {
      id: "approval",
      label: p.toApproval,
      icon: "shield",
      keys: KEYS.approval,
      run: () => onPage(toApproval),
    },
    hasFolders() && {
      id: "folder",
      label: p.folder,
      icon: "folder",
      run: () => onPage(chooseFolder),
    },
    {
      id: "model",
      label: p.model,
      icon: "model",
      keys: KEYS.model,
      run: chooseModel,
    },
    can("copy") && {
      id: "copy",
      label: p.copyLast,
      icon: "copy",
      keys: KEYS.copyLast,
      run: copyLast,
    },
    can("retry") && { id: "retry", label: p.retry, icon: "retry", run: retryLast },
    canAskAnother() && {
      id: "retry-with",
      label: p.retryWith,
      icon: "retry",
      run: openAgain,
    },
    can("compact") && { id: "compact", label: p.compact, icon: "compress", run: compactHere },
    can("rename") && { id: "rename", label: p.rename, icon: "pencil", run: renameHere },
    isSession && {
      id: "pin",
      label: isPinned() ? p.unpin : p.pin,
      icon: isPinned() ? "unpin" : "pin",
      keys: KEYS.pin,
      run: pinHere,
    },
    isSession && { id: "delete", label: p.delete, icon: "trash", run: deleteHere },
    canUndo() && { id: "undo", label: p.undo, icon: "undo", keys: KEYS.undo, run: undo },
    isSession && {
      id: "mode",
      label: p.changeMode,
      icon: "shield",
      run: () => atMessage(() => requestAnimationFrame(openModePicker)),
    },
    ...(isSession
      ? MODES.map(
          (mode): Action => ({
            id: `mode-${mode}`,
            label: p.mode(t.modes[mode].name),
            icon: "shield",
            section: "settings",
            run: () => chooseMode(mode),
          }),
        )
      : []),
    {
      id: "pause",
      label: isPaused() ? t.pause.resume : t.pause.pause,
      icon: isPaused() ? "resume" : "pause",
      run: () => void pause(!isPaused()),
    },
    { id: "next", label: p.next, icon: "down", keys: KEYS.next, run: () => step(1) },
    { id: "previous", label: p.previous, icon: "up", keys: KEYS.previous, run: () => step(-1) },
    place.get().name !== "first" && {
      id: "sidebar",
      label: p.sidebar,
      icon: "sidebar",
      keys: KEYS.sidebar,
      run: toggleSidebar,
    },
    {
      id: "monitor",
      label: p.monitor,
      icon: "activity",
      keys: KEYS.monitor,
      run: () => lead({ name: "monitor" }),
    },
    {
      id: "usage",
      label: p.usage,
      icon: "chart",
      keys: KEYS.usage,
      run: () => lead({ name: "usage" }),
    },
    ...TOPICS.map(
      (topic): Action => ({
        id: `settings-${topic}`,
        label: p.settings(t.settings.topics[topic]),
        icon: "settings",
        section: "settings",
        ...(topic === "general" ? { keys: KEYS.settings } : {}),
        run: () => lead({ name: "settings", topic }),
      }),
    ),
    {
      id: "light",
      label: p.themeLight,
      icon: "settings",
      section: "settings",
      run: () => void choose("theme", "light"),
    },
    { id: "dark", label: p.themeDark, icon: "settings", section: "settings", run: () => void choose("theme", "dark") },
    {
      id: "system",
      label: p.themeSystem,
      icon: "settings",
      section: "settings",
      run: () => void choose("theme", "system"),
    },
    { id: "larger", label: p.larger, icon: "plus", keys: KEYS.larger, section: "settings", run: () => grow(1) },
    { id: "smaller", label: p.smaller, icon: "down", keys: KEYS.smaller, section: "settings", run: () => grow(-1) },
    {
      id: "normal",
      label: p.normal,
      icon: "check",
      keys: KEYS.normal,
      section: "settings",
      run: () => void choose("scale", 100),
    },
    { id: "quit", label: p.quit, icon: "close", keys: KEYS.quit, run: () => void jamey().quit() },
  ];
  return list.filter((action) => action !== false);
}

export const overlay = createStore(false);

/** The page of the first start has no list. */
export function toggleSidebar(): void {
  if (place.get().name === "first") return;
  if (innerWidth < NARROW) overlay.update((open) => !open);
  else setPrefs({ sidebar: !prefs.get().sidebar });
}

export function focusSearch(): void {
  if (place.get().name === "first") go({ name: "new" });
  if (innerWidth < NARROW) overlay.set(true);
  else setPrefs({ sidebar: true });
  // At once where it is there: the next letter must not land in the message.
  const focus = () => document.getElementById("search")?.focus();
  if (document.getElementById("search")) focus();
  else requestAnimationFrame(focus);
}
