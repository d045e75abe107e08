/** One session in the list: its title, its folder, what it is doing, and what can be done with it. */
import { memo, useRef, useState } from "react";
import type { Session } from "../generated/bindings";
import { KEYS } from "../palette/keys";
import { Icon } from "../parts/icons";
import { Menu } from "../parts/Menu";
import { remove } from "../state/deleting";
import { prefs, setPrefs } from "../state/prefs";
import { titleOf } from "../state/sessions";
import { usePart } from "../state/store";
import { useText } from "../text";
import { focusRow, isInList } from "./focus";
import { folderName, toggled } from "./groups";
import { leftName, renamed, renaming } from "./renaming";
import { useSight } from "./sight";

export const SessionRow = memo(function SessionRow(props: {
  session: Session;
  isHere: boolean;
  open: (id: string) => void;
}) {
  const t = useText();
  const { session, isHere } = props;
  const isRenaming = usePart(renaming, (now) => now?.id === session.id);
  const isPinned = usePart(prefs, (all) => all.pinned.includes(session.id));
  const title = titleOf(session);
  const row = useRef<HTMLLIElement>(null);
  useSight(row, session.id, session.status === "waiting" && !isRenaming);
  if (isRenaming) return <Rename title={title} />;

  const items = () => [
    {
      id: "rename",
      label: t.sidebar.rename,
      icon: "pencil" as const,
      keys: "F2",
      run: () => renaming.set({ id: session.id }),
    },
    {
      id: "pin",
      label: isPinned ? t.sidebar.unpin : t.sidebar.pin,
      icon: isPinned ? ("unpin" as const) : ("pin" as const),
      keys: KEYS.pin.shown,
      run: () => togglePin(session.id),
    },
    {
      id: "delete",
      label: t.sidebar.delete,
      icon: "trash" as const,
      keys: "Del",
      danger: true,
      run: () => remove(session),
    },
  ];
  return (
    <li ref={row} className={`session ${isHere ? "here" : ""}`}>
      <button
        type="button"
        className="session-open"
        data-session={session.id}
        aria-current={isHere ? "page" : undefined}
        onClick={() => props.open(session.id)}
        // The other button of the mouse, and the keys for a menu.
        onContextMenu={(event) => {
          event.preventDefault();
          event.currentTarget.parentElement?.querySelector<HTMLElement>(".session-more")?.click();
        }}
      >
        <span className="session-title">{title}</span>
        <span className="session-folder">
          {session.status === "waiting" ? (
            <span className="session-waiting">{t.sidebar.waiting}</span>
          ) : session.status === "running" ? (
            t.sidebar.running
          ) : (
            folderName(session.cwd)
          )}
        </span>
        {session.status === "running" && <span className="spinner" />}
        {session.status === "waiting" && <span className="session-dot" />}
      </button>
      <Menu
        label={t.sidebar.actions(title)}
        align="end"
        items={items}
        button={(more) => (
          <button
            type="button"
            className="icon-button session-more"
            aria-label={t.sidebar.actions(title)}
            tabIndex={-1}
            {...more}
          >
            <Icon name="more" />
          </button>
        )}
      />
    </li>
  );
});

export function togglePin(id: string): void {
  const isList = isInList();
  setPrefs({ pinned: toggled(prefs.get().pinned, id) });
  // It stands elsewhere in the list now, and so does the focus.
  if (isList) focusRow(id);
}

function Rename({ title }: { title: string }) {
  const t = useText();
  const [name, setName] = useState(title);
  const done = useRef(false);
  const finish = (end: () => void) => {
    if (done.current) return;
    done.current = true;
    end();
  };
  return (
    <li className="session">
      <input
        className="session-rename"
        aria-label={t.sidebar.renameLabel}
        value={name}
        maxLength={200}
        // biome-ignore lint/a11y/noAutofocus: the person asked to write here
        autoFocus
        onFocus={(event) => event.target.select()}
        onChange={(event) => setName(event.target.value)}
        onBlur={(event) => {
          // Another window took the focus; it comes back.
          if (document.activeElement !== event.target) finish(() => leftName(title, name));
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter") finish(() => renamed(title, name));
          else if (event.key === "Escape") finish(() => renamed(title));
          else return;
          event.preventDefault();
          event.stopPropagation();
        }}
      />
    </li>
  );
}
