//! German.

use super::Words;

pub(super) static WORDS: Words = Words {
    quick: "Schnelleingabe",
    open: "Jamey öffnen",
    recent: "Letzte Sitzungen",
    pause: "Pausieren",
    autostart: "Beim Anmelden starten",
    quit: "Beenden",
    nothing_waits: "Nichts wartet auf dich",
    load_unknown: "CPU und Arbeitsspeicher: …",
    model: |model| format!("Modell: {model}"),
    model_chosen: "wählt die Runtime",
    starting: "Runtime wird gestartet",
    needs_you: "Wartet auf dich",
    paused: "Pausiert",
    ready: "Bereit",
    running: |count| format!("{count} {}", if count == 1 { "Durchlauf aktiv" } else { "Durchläufe aktiv" }),
    waiting: |count| {
        format!("{count} {} auf dich", if count == 1 { "Sitzung wartet" } else { "Sitzungen warten" })
    },
    new_session: "Neue Sitzung",
    memory: |memory| format!("Arbeitsspeicher {memory}"),
    load: |cpu, memory| format!("CPU {cpu:.0} %, Arbeitsspeicher {memory}"),
    asks: |question| format!("Wartet auf dich: {question}"),
    answered: "Die Antwort ist da",
    failed: |why| format!("Fehlgeschlagen: {why}"),
    quit_title: "Jamey beenden?",
    still_running: |count| match count {
        1 => "Ein Durchlauf ist noch aktiv. Er stoppt beim Beenden; was er getan hat, bleibt.".to_owned(),
        _ => format!(
            "{count} Durchläufe sind noch aktiv. Sie stoppen beim Beenden; was sie getan haben, bleibt."
        ),
    },
    still_fetching: |count| {
        let models =
            if count == 1 { "Ein Download läuft".to_owned() } else { format!("{count} Downloads laufen") };
        format!("{models} noch. Beim Beenden wird gestoppt; nach dem nächsten Start kann es weitergehen.")
    },
    stop_and_quit: "Stoppen und beenden",
    cancel: "Abbrechen",
    no_start: "Jamey konnte nicht gestartet werden",
    no_window: |why| format!("Das Fenster kann nicht geöffnet werden: {why}"),
    gave_up_title: "Jameys Fenster ist abgestürzt",
    gave_up: "Das Fenster ist mehrmals abgestürzt und wurde geschlossen. Aktive Durchläufe gehen weiter.",
    quick_title: "Jamey: Schnelleingabe",
    choose_folder: "Ordner wählen",
    no_hotkey: |keys, why| format!("{keys} geht nicht als Tastenkürzel: {why}"),
    taken: "ein anderes Programm verwendet es",
    wayland: "dieser Desktop (Wayland) überlässt keinem Programm ein Tastenkürzel",
    no_such_key: "diese Tastatur hat diese Taste nicht",
    instead: |command| {
        format!(
            "wähle ein anderes oder lege in den Einstellungen des Desktops eins für den Befehl `{command}` fest"
        )
    },
};
