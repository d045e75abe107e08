/** Every action, every session and every model, by a few letters. */
import { useId, useMemo, useState } from "react";
import { askable, providerOf, shortModel } from "../composer/models";
import { useModal } from "../parts/Dialog";
import { Icon, type IconName } from "../parts/icons";
import { fits, useListbox } from "../parts/listbox";
import { folderName } from "../sidebar/groups";
import { models } from "../state/asked";
import { sessions, titleOf } from "../state/sessions";
import { useStore } from "../state/store";
import { sayError } from "../state/toasts";
import { useText } from "../text";
import { providerName } from "../text/providers";
import { actions, here, lead, paletteOpen } from "./actions";
import { sectionOf, sorted } from "./sections";

/** So many sessions are offered before anything is typed. */
const RECENT = 5;

type Entry = {
  id: string;
  section: string;
  label: string;
  about?: string;
  icon: IconName;
  keys?: string;
  run: () => void;
};

export function Palette() {
  const t = useText();
  const dialog = useModal();
  const [wish, setWish] = useState("");
  const titleId = useId();
  const { list } = useStore(sessions);
  const known = useStore(models.store).value;

  const entries = useMemo(() => {
    const sections = t.palette.sections;
    const all: Entry[] = [];
    const store = here();
    const found = list.map(
      (session): Entry => ({
        id: session.id,
        section: wish === "" ? sections.recent : sections.sessions,
        label: titleOf(session),
        about: folderName(session.cwd),
        icon: "file",
        run: () => lead({ name: "session", id: session.id }),
      }),
    );
    // Nothing is asked yet: most often it is another session that is wanted.
    if (wish === "") all.push(...found.filter((entry) => entry.id !== store?.id).slice(0, RECENT));
    for (const action of sorted(actions())) {
      const section = sectionOf(action);
      if (wish === "" && section === "settings") continue;
      all.push({
        ...action,
        section: sections[section],
        ...(action.keys ? { keys: action.keys.shown } : {}),
      } as Entry);
    }
    if (wish !== "") all.push(...found.slice(0, 500));
    if (wish !== "" && store) {
      for (const model of askable(known ?? [])) {
        all.push({
          id: model.id,
          section: sections.models,
          label: shortModel(model.id),
          about: providerName(providerOf(model.id)),
          icon: "model",
          run: () => void store.configure({ model: model.id }).catch((error) => sayError(t.composer.model, error)),
        });
      }
    }
    const fitting = all.filter((entry) => fits(`${entry.label} ${entry.about ?? ""}`, wish));
    // Sections stay together in this order.
    const order: readonly string[] = Object.values(sections);
    return fitting.sort((a, b) => order.indexOf(a.section) - order.indexOf(b.section)).slice(0, 80);
  }, [wish, list, known, t]);

  const close = () => paletteOpen.set(false);
  const listbox = useListbox(
    entries.length,
    (at) => {
      const entry = entries[at];
      close();
      // After the focus went back to where it was.
      if (entry) setTimeout(entry.run);
    },
    wish,
  );

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Esc is the dialog's own
    <dialog
      ref={dialog}
      className="palette"
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) close();
      }}
    >
      <h2 id={titleId} className="unseen">
        {t.palette.label}
      </h2>
      <div className="palette-field">
        <Icon name="search" />
        <input
          value={wish}
          placeholder={t.palette.placeholder}
          aria-label={t.palette.placeholder}
          onChange={(event) => setWish(event.target.value)}
          onKeyDown={(event) => void listbox.onKey(event)}
          {...listbox.field}
        />
      </div>
      <div className="palette-list" {...listbox.list} aria-label={t.palette.label}>
        {entries.map((entry, at) => (
          <div key={entry.id} role="presentation">
            {entry.section !== entries[at - 1]?.section && (
              <div className="menu-heading" role="presentation">
                {entry.section}
              </div>
            )}
            <div className="option" {...listbox.option(at)}>
              <Icon name={entry.icon} />
              <span className="palette-label">{entry.label}</span>
              {entry.about && <span className="quiet palette-about">{entry.about}</span>}
              {entry.keys && <kbd>{entry.keys}</kbd>}
            </div>
          </div>
        ))}
        {entries.length === 0 && <p className="menu-none">{t.palette.none}</p>}
      </div>
    </dialog>
  );
}
