/** Appearance, and how the window starts and is called. */
import { useEffect, useState } from "react";
import { asError, jamey } from "../api";
import type { ShellChange } from "../generated/bindings";
import { Segments, Switch } from "../parts/buttons";
import { shell } from "../state/asked";
import { LOOK_KEYS, THEMES } from "../state/looks";
import { prefs, SCALES, type Theme } from "../state/prefs";
import { useStore } from "../state/store";
import type { Outcome } from "../state/wishes";
import { LANGUAGES, NAMES, useText } from "../text";
import { percent } from "../text/units";
import { ChoiceSetting, Field, Group } from "./fields";
import { HotkeyField } from "./HotkeyField";
import { QuickCommand } from "./QuickCommand";
import { useSetting } from "./values";

export function General() {
  const t = useText();
  const s = t.settings;
  const now = useStore(prefs);
  const theme = useSetting(LOOK_KEYS.theme);
  // The file may name one between those that are offered.
  const sizes = [...new Set([...SCALES, now.scale])].sort((a, b) => a - b);
  return (
    <>
      <Group title={s.appearance}>
        <Field
          name={s.theme}
          about={s.themeAbout}
          outcome={theme.outcome}
          control={() => (
            <Segments<Theme>
              label={s.theme}
              value={now.theme}
              options={THEMES.map((value) => ({ value, name: s.themes[value] }))}
              onChange={(value) => void theme.set(value)}
            />
          )}
        />
        <ChoiceSetting
          of={LOOK_KEYS.scale}
          name={s.fontSize}
          about={s.fontSizeAbout}
          usual={String(now.scale)}
          options={sizes.map((scale) => ({ value: String(scale), name: percent(scale) }))}
          read={Number}
        />
        <ChoiceSetting
          of={LOOK_KEYS.language}
          name={s.language}
          about={s.languageAbout}
          usual={now.language}
          options={[
            { value: "system", name: s.languageSystem },
            ...LANGUAGES.map((language) => ({ value: language, name: NAMES[language] })),
          ]}
        />
        <ChoiceSetting
          of={LOOK_KEYS.grouping}
          name={s.grouping}
          about={s.groupingAbout}
          usual={now.grouping}
          options={[
            { value: "day", name: s.groupingDay },
            { value: "folder", name: s.groupingFolder },
          ]}
        />
      </Group>
      <Shell />
    </>
  );
}

function Shell() {
  const t = useText();
  const now = useStore(shell.store).value;
  const [outcomes, setOutcomes] = useState<Partial<Record<keyof ShellChange, Outcome>>>({});
  useEffect(() => void shell.again(), []);
  if (!now) return null;
  const change = async (name: keyof ShellChange, wanted: ShellChange) => {
    try {
      shell.put(await jamey().setShell(wanted));
      setOutcomes((all) => ({ ...all, [name]: { kind: "saved" } }));
    } catch (thrown) {
      const { message, hint } = asError(thrown);
      setOutcomes((all) => ({ ...all, [name]: { kind: "failed", message: hint ? `${message}. ${hint}` : message } }));
    }
  };
  return (
    <Group title={t.settings.window}>
      <Field
        name={t.settings.autostart}
        about={t.settings.autostartAbout}
        outcome={outcomes.autostart}
        control={({ describedBy }) => (
          <Switch
            on={now.autostart}
            label={t.settings.autostart}
            describedBy={describedBy}
            onChange={(autostart) => void change("autostart", { autostart })}
          />
        )}
      />
      {now.tray ? (
        <Field
          name={t.settings.closeToTray}
          about={t.settings.closeToTrayAbout}
          outcome={outcomes.closeToTray}
          control={({ describedBy }) => (
            <Switch
              on={now.closeToTray}
              label={t.settings.closeToTray}
              describedBy={describedBy}
              onChange={(closeToTray) => void change("closeToTray", { closeToTray })}
            />
          )}
        />
      ) : (
        <p className="setting-note">{t.settings.noTray}</p>
      )}
      {!now.notifications && <p className="setting-note">{t.settings.noNotifications}</p>}
      {now.wayland ? (
        <div className="setting wide">
          <div className="setting-words">
            <span className="setting-name">{t.settings.hotkey}</span>
            <span className="setting-about">
              {now.hotkeyProblem ? `${now.hotkeyProblem}. ` : ""}
              {t.settings.wayland}
            </span>
          </div>
          <QuickCommand />
        </div>
      ) : (
        <Field
          name={t.settings.hotkey}
          about={now.hotkeyProblem ? `${t.settings.hotkeyAbout} ${now.hotkeyProblem}.` : t.settings.hotkeyAbout}
          outcome={outcomes.hotkey}
          control={() => (
            <HotkeyField
              value={now.hotkey}
              change={(hotkey) => void change("hotkey", { hotkey })}
              refuse={(message) => setOutcomes((all) => ({ ...all, hotkey: { kind: "failed", message } }))}
            />
          )}
        />
      )}
    </Group>
  );
}
