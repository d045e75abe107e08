/** The list of sessions, with search on top; arrow keys move in it. */
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { asError, jamey } from "../api";
import type { ApiError, Hit } from "../generated/bindings";
import { KEYS, pressed } from "../palette/keys";
import { IconButton } from "../parts/buttons";
import { Icon } from "../parts/icons";
import { fits } from "../parts/listbox";
import { remove } from "../state/deleting";
import { go, place } from "../state/place";
import { prefs } from "../state/prefs";
import { sessions, titleOf } from "../state/sessions";
import { useStore } from "../state/store";
import { useText } from "../text";
import { hold } from "./focus";
import { folderName, foldersOf, groupsOf, shownOf } from "./groups";
import { renaming } from "./renaming";
import { SessionRow, togglePin } from "./SessionRow";
import { Snippet } from "./Snippet";

const SOON_MS = 120;
const HITS = 30;
/** More rows than anybody scrolls through, beside those that are pinned; search finds the rest. */
const SHOWN = 200;

export function Sidebar({ hide, navigated }: { hide: () => void; navigated: () => void }) {
  const t = useText();
  const all = useStore(sessions);
  const here = useStore(place);
  const { pinned, grouping } = useStore(prefs);
  const [wish, setWish] = useState("");
  const search = useSearch(wish);
  const list = useRef<HTMLElement>(null);
  const [most, setMost] = useState(SHOWN);
  const shown = useMemo(() => shownOf(all.list, pinned, most), [all.list, pinned, most]);
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
    const session = all.list.find((one) => one.id === target.dataset.session);
    if (event.key === "ArrowDown") rows[Math.min(rows.length - 1, at + 1)]?.focus();
    else if (event.key === "ArrowUp") {
      if (at === 0) list.current?.parentElement?.querySelector<HTMLElement>("input")?.focus();
      else rows[at - 1]?.focus();
    } else if (event.key === "Home" && at >= 0) rows[0]?.focus();
    else if (event.key === "End" && at >= 0) rows.at(-1)?.focus();
    else if (event.key === "F2" && session) renaming.set({ id: session.id });
    else if ((event.key === "Delete" || (event.key === "Backspace" && event.metaKey)) && session) {
      // At once, so that the next press finds the next row, however soon it comes.
      const next = rows[at + 1] ?? rows[at - 1];
      remove(session);
      hold(next ?? document.querySelector<HTMLElement>(".sidebar-new"));
    } else if (pressed(event.nativeEvent, KEYS.pin) && session) {
      // The row that has the focus, not the session on the page.
      event.stopPropagation();
      togglePin(session.id);
    } else return;
    event.preventDefault();
  };

  const titled = wish === "" ? [] : all.list.filter((session) => fits(titleOf(session), wish));
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
            if (event.key !== "Escape" || wish === "") return;
            event.stopPropagation();
            setWish("");
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
          <Found titled={titled.map((session) => session.id)} search={search} open={open} hereId={hereId} />
        )}
        {wish === "" && !shown.isAll && (
          <button type="button" className="sidebar-more" onClick={() => setMost(most + SHOWN)}>
            {t.sidebar.more}
          </button>
        )}
        {wish === "" && all.loaded && all.list.length === 0 && <p className="sidebar-empty">{t.sidebar.empty}</p>}
        {all.error && <p className="sidebar-empty">{`${t.sidebar.failed}: ${all.error.message}`}</p>}
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

function Found(props: { titled: string[]; search: Search; open: (id: string, item?: string) => void; hereId: string }) {
  const t = useText();
  const { list } = useStore(sessions);
  const titled = list.filter((session) => props.titled.includes(session.id));
  const { hits = [], error, again } = props.search;
  return (
    <div aria-live="polite">
      {titled.length > 0 && (
        <section aria-label={t.sidebar.titles}>
          <h2>{t.sidebar.titles}</h2>
          <ul>
            {titled.slice(0, 20).map((session) => (
              <SessionRow key={session.id} session={session} isHere={session.id === props.hereId} open={props.open} />
            ))}
          </ul>
        </section>
      )}
      {hits.length > 0 && (
        <section aria-label={t.sidebar.passages}>
          <h2>{t.sidebar.passages}</h2>
          <ul>
            {hits.map((hit) => (
              <li key={hit.item.id} className="session">
                <button
                  type="button"
                  className="session-open"
                  data-session={hit.session}
                  onClick={() => props.open(hit.session, hit.item.id)}
                >
                  <Snippet text={hit.snippet} />
                  <span className="session-folder">{titleOf(list.find((one) => one.id === hit.session))}</span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
      {error && (
        <p className="sidebar-empty sidebar-failed" role="alert">
          {`${t.sidebar.searchFailed}: ${error.message}.`}
          {error.hint && <span>{error.hint}</span>}
          <button type="button" className="button" onClick={again}>
            {t.app.retry}
          </button>
        </p>
      )}
      {props.search.hits && hits.length === 0 && titled.length === 0 && (
        <p className="sidebar-empty">
          {t.sidebar.none}
          <span>{t.sidebar.noneHint}</span>
        </p>
      )}
    </div>
  );
}

type Search = { hits?: Hit[]; error?: ApiError; again: () => void };

/** What the runtime finds, soon after the last letter; an answer to an older wish is dropped. */
function useSearch(wish: string): Search {
  const [found, setFound] = useState<Omit<Search, "again">>({});
  const [tries, setTries] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new try is the same wish again
  useEffect(() => {
    const words = wish.trim();
    if (words === "") return setFound({});
    let current = true;
    const timer = setTimeout(() => {
      jamey()
        .search(words, HITS)
        .then(
          (page) => current && setFound({ hits: page.data }),
          (thrown) => current && setFound({ error: asError(thrown) }),
        );
    }, SOON_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [wish, tries]);
  return { ...found, again: () => setTries((now) => now + 1) };
}
