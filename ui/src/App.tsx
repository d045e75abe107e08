/** The window: the list of sessions beside the page. */
import { lazy, Suspense, useCallback, useEffect, useState } from "react";
import { listenForFiles } from "./attach/drop";
import { FullAccessQuestion } from "./composer/FullAccess";
import { focusPage } from "./composer/field";
import { LinkQuestion } from "./markdown/Link";
import { NewPage } from "./NewPage";
import { NARROW, overlay, paletteOpen, toggleSidebar } from "./palette/actions";
import { Palette } from "./palette/Palette";
import { listen } from "./palette/shortcuts";
import { Boundary } from "./parts/Boundary";
import { markScrolled } from "./parts/scrolled";
import { Toasts } from "./parts/Toasts";
import { SessionPage } from "./SessionPage";
import { useOver } from "./sidebar/over";
import { RenameDialog } from "./sidebar/RenameDialog";
import { Sidebar } from "./sidebar/Sidebar";
import { canAnswer, isSetUp, models, providers } from "./state/asked";
import { beginHotkey } from "./state/hotkey";
import { go, place } from "./state/place";
import { prefs } from "./state/prefs";
import { sessions } from "./state/sessions";
import { usePart, useStore } from "./state/store";
import { useText } from "./text";

const SettingsPage = lazy(() => import("./settings/SettingsPage"));
const MonitorPage = lazy(() => import("./monitor/MonitorPage"));
const UsagePage = lazy(() => import("./usage/UsagePage"));
const FirstRun = lazy(() => import("./firstrun/FirstRun"));

const narrow = matchMedia(`(max-width: ${NARROW - 1}px)`);

function useNarrow(): boolean {
  const [isNarrow, setNarrow] = useState(narrow.matches);
  useEffect(() => {
    const changed = () => setNarrow(narrow.matches);
    narrow.addEventListener("change", changed);
    return () => narrow.removeEventListener("change", changed);
  }, []);
  return isNarrow;
}

export function App() {
  const t = useText();
  const now = useStore(place);
  const wantsSidebar = usePart(prefs, (all) => all.sidebar);
  const isNarrow = useNarrow();
  const isOver = useStore(overlay);
  const isPalette = useStore(paletteOpen);
  // There is nothing in the list before anything can answer.
  const hasSidebar = now.name !== "first" && (isNarrow ? isOver : wantsSidebar);
  const isCovered = isNarrow && hasSidebar;
  useOver(isCovered);
  const isBegun = useFirstRun();
  useEffect(() => (isBegun ? beginHotkey() : undefined), [isBegun]);
  useEffect(listen, []);
  useEffect(listenForFiles, []);
  useEffect(markScrolled, []);
  // Beside the page it is another list, which the person shows or hides for good.
  useEffect(() => {
    if (!isNarrow) overlay.set(false);
  }, [isNarrow]);

  const navigated = useCallback(() => overlay.set(false), []);
  const isInline = hasSidebar && !isNarrow;
  return (
    <div className={`app ${isInline ? "" : "alone"}`}>
      {!isCovered && (
        <button type="button" className="button skip" onClick={focusPage}>
          {now.name === "session" || now.name === "new" ? t.app.skip : t.app.skipToPage}
        </button>
      )}
      {hasSidebar && <Sidebar hide={isNarrow ? navigated : toggleSidebar} navigated={navigated} />}
      {isCovered && (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the button in the list closes it too
        // biome-ignore lint/a11y/noStaticElementInteractions: it is a shade, not a control
        <div className="sidebar-veil" onClick={navigated} />
      )}
      <main className="main" inert={isCovered}>
        <Boundary at={now}>
          <Suspense fallback={null}>
            {now.name === "session" && (
              <SessionPage id={now.id} {...(now.item ? { item: now.item } : {})} hasSidebar={isInline} />
            )}
            {now.name === "new" && <NewPage hasSidebar={isInline} />}
            {now.name === "settings" && <SettingsPage topic={now.topic} hasSidebar={isInline} />}
            {now.name === "monitor" && <MonitorPage hasSidebar={isInline} />}
            {now.name === "usage" && <UsagePage hasSidebar={isInline} />}
            {now.name === "first" && <FirstRun />}
          </Suspense>
        </Boundary>
      </main>
      {isPalette && <Palette />}
      <RenameDialog />
      <LinkQuestion />
      <FullAccessQuestion />
      <Toasts />
    </div>
  );
}

/** With nothing that can answer, the window begins with the choice of who does; tells whether that is decided. */
function useFirstRun(): boolean {
  const known = useStore(models.store).value;
  const set = useStore(providers.store).value;
  const isLoaded = usePart(sessions, (all) => all.loaded);
  const [isDecided, setDecided] = useState(false);
  useEffect(() => {
    if (!known || !set || !isLoaded || isDecided) return;
    setDecided(true);
    if (!canAnswer(known) && !isSetUp(set) && place.get().name === "new") go({ name: "first" });
  }, [known, set, isLoaded, isDecided]);
  return isDecided;
}
