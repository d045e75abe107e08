/** What is on the page: its title, and quietly where and with what. */
import type { ReactNode } from "react";
import { paletteOpen, toggleSidebar } from "./palette/actions";
import { KEYS } from "./palette/keys";
import { IconButton } from "./parts/buttons";
import { useText } from "./text";

export function Header(props: { title: string; about?: string; hasSidebar: boolean; children?: ReactNode }) {
  const t = useText();
  return (
    <header className="header">
      {!props.hasSidebar && (
        <IconButton
          icon="sidebar"
          label={t.sidebar.show}
          title={`${t.sidebar.show} (${KEYS.sidebar.shown})`}
          onClick={toggleSidebar}
        />
      )}
      <h1>{props.title}</h1>
      <span className="header-about">{props.about}</span>
      {props.children}
      <button
        type="button"
        className="button plain header-palette"
        title={t.palette.open}
        onClick={() => paletteOpen.set(true)}
      >
        <span className="unseen">{t.palette.open}</span>
        <kbd>{KEYS.palette.shown}</kbd>
      </button>
    </header>
  );
}
