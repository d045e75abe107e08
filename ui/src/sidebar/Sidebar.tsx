/** The list of sessions, with search on top; arrow keys move in it. */
import { type KeyboardEvent, useMemo, useRef, useState } from "react";
import { focusPage } from "../composer/field";
import { overlay } from "../palette/actions";
import { KEYS, pressed } from "../palette/keys";
import { IconButton } from "../parts/buttons";
import { Icon } from "../parts/icons";
import { remove } from "../state/deleting";
import { go, place } from "../state/place";
import { prefs } from "../state/prefs";
import { readSessions, sessions } from "../state/sessions";
import { useStore } from "../state/store";
import { useText } from "../text";
import { Found } from "./Found";
import { hold } from "./focus";
import { folderName, foldersOf, groupsOf, shownOf } from "./groups";
import { most, STEP } from "./order";
import { renaming } from "./renaming";
import { SessionRow, togglePin } from "./SessionRow";
import { useSearch } from "./search";

export function Sidebar({ hide, navigated }: { hide: () => void; navigated: () => void }) {
  const t = useText();
  const all = useStore(sessions);
  const here = useStore(place);
  const { pinned, grouping } = useStore(prefs);
  const [wish, setWish] = useState("");
  const search = useSearch(wish);
  const list = useRef<HTMLElement>(null);
  const rows = useStore(most);
  const shown = useMemo(() => shownOf(all.list, pinned, rows), [all.list, pinned, rows]);
  const groups = useMemo(() => {
    if (grouping === "day") {
      return groupsOf(shown.list, pinned).map(({ name, sessions }) => ({
        key: name,
        title: t.sidebar[name],
        sessions,
      }));
    }
    return foldersOf(shown.list, pinned).map(({ folder, sessions }) => ({
      key: folder ?? "",
      title: folder === undefined ? t.sidebar.pinned : folderName(folder),
      sessions,
    }));
  }, [shown, pinned, grouping, t]);
  const hereId = here.name === "session" ? here.id : "";

  const open = useMemo(
    () => (id: string, item?: string) => {
      go({ name: "session", id, ...(item ? { item } : {}) });
      navigated();
    },
    [navigated],
  );

  const onKeyDown = (event: KeyboardEvent) => {
    const target = event.target as HTMLElement;
    if (target.closest(".session-rename")) return;
    const rows = [...(list.current?.querySelectorAll<HTMLElement>("[data-session]") ?? [])];
    const at = rows.indexOf(target);
    const session = [...all.list, ...search.titled].find((one) => one.id === target.dataset.session);
    if (event.key === "ArrowDown") rows[Math.min(rows.length - 1, at + 1)]?.focus();
    else if (event.key === "ArrowUp") {
      if (at === 0) list.current?.parentElement?.querySelector<HTMLElement>("input")?.focus();
      else rows[at - 1]?.focus();
    } else if (event.key === "Home" && at >= 0) rows[0]?.focus();
    else if (event.key === "End" && at >= 0) rows.at(-1)?.focus();
    else if (event.key === "F2" && session) renaming.set({ id: session.id });
    // A passage is a part of a session, and is not taken for the whole.
    else if (
      target.dataset.passage === undefined &&
      (event.key === "Delete" || (event.key === "Backspace" && event.metaKey)) &&
      session
    ) {
      // At once, so that the next press finds the next row, however soon it comes.
      // In a search its passages go with it.
      const stays = (row: HTMLElement) => row.dataset.session !== session.id;
      const next = rows.slice(at + 1).find(stays) ?? rows.slice(0, at).findLast(stays);
      remove(session);
      hold(next ?? document.querySelector<HTMLElement>(".sidebar-new"));
    } else if (pressed(event.nativeEvent, KEYS.pin) && session) {
      // The row that has the focus, not the session on the page.
      event.stopPropagation();
      togglePin(session.id);
    } else return;
    event.preventDefault();
  };

  return (
    <aside className="sidebar" aria-label={t.sidebar.label} onKeyDown={onKeyDown}>
      <div className="sidebar-top">
        <button
          type="button"
          className="sidebar-new"
          title={KEYS.newSession.shown}
          onClick={() => {
            go({ name: "new" });
            navigated();
          }}
        >
          <Icon name="compose" />
          {t.sidebar.new}
        </button>
        <IconButton icon="sidebar" label={t.sidebar.hide} onClick={hide} />
      </div>
      <div className="sidebar-search">
        <Icon name="search" size={14} />
        <input
          id="search"
          type="search"
          placeholder={t.sidebar.search}
          aria-label={t.sidebar.searchLabel}
          title={KEYS.search.shown}
          value={wish}
          onChange={(event) => setWish(event.target.value)}
          onKeyDown={(event) => {
            // With nothing to clear it leads back: to the page beside the list, or from the list over the page.
            if (event.key !== "Escape" || (wish === "" && overlay.get())) return;
            event.stopPropagation();
            if (wish === "") focusPage();
            else setWish("");
          }}
        />
        {wish !== "" && <IconButton icon="close" label={t.sidebar.clear} onClick={() => setWish("")} />}
      </div>
      <nav ref={list} className="sidebar-list" aria-label={t.sidebar.label}>
        {wish === "" ? (
          groups.map((group) => (
            <section key={group.key} aria-label={group.title}>
              <h2 title={group.key}>{group.title}</h2>
              <ul>
                {group.sessions.map((session) => (
                  <SessionRow key={session.id} session={session} isHere={session.id === hereId} open={open} />
                ))}
              </ul>
            </section>
          ))
        ) : (
          <Found wish={wish} search={search} open={open} hereId={hereId} />
        )}
        {wish === "" && !shown.isAll && (
          <button type="button" className="sidebar-more" onClick={() => most.set(rows + STEP)}>
            {t.sidebar.more}
          </button>
        )}
        {wish === "" && all.loaded && all.list.length === 0 && <p className="sidebar-empty">{t.sidebar.empty}</p>}
        {all.error && (
          <p className="sidebar-empty sidebar-failed" role="status">
            {`${t.sidebar.failed}: ${all.error.message}`}
            <button type="button" className="button" onClick={() => void readSessions()}>
              {t.app.retry}
            </button>
          </p>
        )}
      </nav>
      <div className="sidebar-foot">
        <button
          type="button"
          aria-current={here.name === "monitor" ? "page" : undefined}
          onClick={() => {
            go({ name: "monitor" });
            navigated();
          }}
        >
          <Icon name="activity" />
          {t.sidebar.monitor}
        </button>
        <button
          type="button"
          aria-current={here.name === "usage" ? "page" : undefined}
          onClick={() => {
            go({ name: "usage" });
            navigated();
          }}
        >
          <Icon name="chart" />
          {t.sidebar.usage}
        </button>
        <button
          type="button"
          aria-current={here.name === "settings" ? "page" : undefined}
          onClick={() => {
            go({ name: "settings", topic: "general" });
            navigated();
          }}
        >
          <Icon name="settings" />
          {t.sidebar.settings}
        </button>
      </div>
    </aside>
  );
}
