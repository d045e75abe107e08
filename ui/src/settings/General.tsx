/** Appearance, and how the window starts and is called. */
import { useEffect, useState } from "react";
import { asError, jamey } from "../api";
import type { ShellChange } from "../generated/bindings";
import { CopyButton, Segments, Select, Switch } from "../parts/buttons";
import type { Grouping } from "../sidebar/groups";
import { shell } from "../state/asked";
import { chooseLanguage, prefs, SCALES, setPrefs, type Theme } from "../state/prefs";
import { useStore } from "../state/store";
import { LANGUAGES, type Language, NAMES, useText } from "../text";
import { percent } from "../text/units";
import { Field, Group } from "./fields";
import { HotkeyField } from "./HotkeyField";
import type { Outcome } from "./values";

export function General() {
  const t = useText();
  const now = useStore(prefs);
  const [theme, setTheme] = useState<Outcome>();
  return (
    <>
      <Group title={t.settings.appearance}>
        <Field
          name={t.settings.theme}
          about={t.settings.themeAbout}
          outcome={theme}
          control={() => (
            <Segments<Theme>
              label={t.settings.theme}
              value={now.theme}
              options={(["system", "light", "dark"] as const).map((value) => ({
                value,
                name: t.settings.themes[value],
              }))}
              onChange={(value) => {
                setPrefs({ theme: value });
                setTheme({ kind: "saved" });
              }}
            />
          )}
        />
        <Field
          name={t.settings.fontSize}
          about={t.settings.fontSizeAbout}
          control={({ labelledBy, describedBy }) => (
            <Select
              aria-labelledby={labelledBy}
              aria-describedby={describedBy}
              value={now.scale}
              onChange={(event) => setPrefs({ scale: Number(event.target.value) })}
            >
              {SCALES.map((scale) => (
                <option key={scale} value={scale}>
                  {percent(scale)}
                </option>
              ))}
            </Select>
          )}
        />
        <Field
          name={t.settings.language}
          about={t.settings.languageAbout}
          control={({ labelledBy, describedBy }) => (
            <Select
              aria-labelledby={labelledBy}
              aria-describedby={describedBy}
              value={now.language}
              onChange={(event) => {
                setPrefs({ language: event.target.value as Language | "system" });
                void chooseLanguage();
              }}
            >
              <option value="system">{t.settings.languageSystem}</option>
              {LANGUAGES.map((language) => (
                <option key={language} value={language}>
                  {NAMES[language]}
                </option>
              ))}
            </Select>
          )}
        />
        <Field
          name={t.settings.grouping}
          about={t.settings.groupingAbout}
          control={({ labelledBy, describedBy }) => (
            <Select
              aria-labelledby={labelledBy}
              aria-describedby={describedBy}
              value={now.grouping}
              onChange={(event) => setPrefs({ grouping: event.target.value as Grouping })}
            >
              <option value="day">{t.settings.groupingDay}</option>
              <option value="folder">{t.settings.groupingFolder}</option>
            </Select>
          )}
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
          <div className="copy-line">
            <code>jamey-desktop --quick</code>
            <CopyButton text={() => "jamey-desktop --quick"} label={t.app.copy} />
          </div>
        </div>
      ) : (
        <Field
          name={t.settings.hotkey}
          about={now.hotkeyProblem ? `${t.settings.hotkeyAbout} ${now.hotkeyProblem}` : t.settings.hotkeyAbout}
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
