/** What is on the page: its title, and quietly where and with what. */
import { type ReactNode, useEffect, useRef } from "react";
import { lead, overlay, paletteOpen, toggleSidebar } from "./palette/actions";
import { KEYS } from "./palette/keys";
import { IconButton } from "./parts/buttons";
import { Icon } from "./parts/icons";
import { inSight } from "./sidebar/sight";
import { place } from "./state/place";
import { sessions } from "./state/sessions";
import { useStore } from "./state/store";
import { useText } from "./text";

export function Header(props: {
  title: string;
  /** Where and with what, each a part that is left out whole where there is no room. */
  about?: readonly string[];
  hasSidebar: boolean;
  children?: ReactNode;
}) {
  const t = useText();
  const isOver = useStore(overlay);
  const now = useStore(place);
  const title = useRef<HTMLHeadingElement>(null);
  // A page that comes up in the place of what had the focus begins at its title.
  // biome-ignore lint/correctness/useExhaustiveDependencies: with each page
  useEffect(() => {
    if (document.activeElement === document.body) title.current?.focus();
  }, [now]);
  return (
    <header className="header">
      {!props.hasSidebar && (
        <IconButton
          icon="sidebar"
          className="header-sidebar"
          label={t.sidebar.show}
          aria-expanded={isOver}
          title={`${t.sidebar.show} (${KEYS.sidebar.shown})`}
          onClick={toggleSidebar}
        />
      )}
      <h1 ref={title} tabIndex={-1}>
        {props.title}
      </h1>
      <span className="header-about parts">
        {props.about?.map((part, at) => (
          <span key={part}>{at === 0 ? part : `\u00a0· ${part}`}</span>
        ))}
      </span>
      {props.children}
      <Waiting />
      <button
        type="button"
        className="button plain header-palette"
        title={t.palette.open}
        onClick={() => paletteOpen.set(true)}
      >
        <span className="unseen">{t.palette.open}</span>
        <Icon name="command" />
        <kbd>{KEYS.palette.shown}</kbd>
      </button>
    </header>
  );
}

/** Sessions that ask something where nobody sees it: the list is hidden, or they stand elsewhere in it. */
function Waiting() {
  const t = useText();
  const { list } = useStore(sessions);
  const now = useStore(place);
  const seen = useStore(inSight);
  const here = now.name === "session" ? now.id : "";
  const waiting = list.filter(({ id, status }) => status === "waiting" && id !== here && !seen.has(id));
  const [first] = waiting;
  return (
    <span role="status" className="header-waiting">
      {first && (
        <button
          type="button"
          className="button plain"
          title={t.palette.toApproval}
          onClick={() => lead({ name: "session", id: first.id })}
        >
          <span className="session-dot" />
          {t.sidebar.waits(waiting.length)}
        </button>
      )}
    </span>
  );
}
