//! German.

use super::Words;

pub(super) static WORDS: Words = Words {
    quick: "Schnelleingabe",
    open: "Jamey öffnen",
    recent: "Letzte Sitzungen",
    pause: "Pause",
    autostart: "Beim Anmelden starten",
    quit: "Beenden",
    nothing_waits: "Nichts wartet auf dich",
    load_unknown: "Prozessor und Speicher: …",
    model: |model| format!("Modell: {model}"),
    model_chosen: "wählt die Laufzeit",
    starting: "Die Laufzeit startet",
    needs_you: "Wartet auf dich",
    paused: "Pausiert",
    ready: "Bereit",
    running: |count| format!("{count} {}", if count == 1 { "Durchgang läuft" } else { "Durchgänge laufen" }),
    waiting: |count| {
        format!("{count} {} auf dich", if count == 1 { "Sitzung wartet" } else { "Sitzungen warten" })
    },
    new_session: "Neue Sitzung",
    memory: |memory| format!("Speicher {memory}"),
    load: |cpu, memory| format!("Prozessor {cpu:.0} %, Speicher {memory}"),
    asks: |question| format!("Braucht dich: {question}"),
    answered: "Die Antwort ist da",
    failed: |why| format!("Fehlgeschlagen: {why}"),
    quit_title: "Jamey beenden?",
    still_running: |count| match count {
        1 => "Ein Durchgang läuft noch. Er hält an, wenn du beendest; was er getan hat, bleibt.".to_owned(),
        _ => format!(
            "{count} Durchgänge laufen noch. Sie halten an, wenn du beendest; was sie getan haben, bleibt."
        ),
    },
    still_fetching: |count| {
        let models =
            if count == 1 { "Ein Modell lädt".to_owned() } else { format!("{count} Modelle laden") };
        format!("{models} noch. Das hält an, wenn du beendest, und kann nach dem nächsten Start weitergehen.")
    },
    stop_and_quit: "Anhalten und beenden",
    cancel: "Abbrechen",
    no_start: "Jamey konnte nicht starten",
    no_window: |why| format!("Das Fenster lässt sich nicht öffnen: {why}"),
    gave_up_title: "Jameys Fenster ist abgestürzt",
    gave_up: "Das Fenster ist mehrmals abgestürzt und wurde geschlossen. Laufende Durchgänge gehen weiter.",
    quick_title: "Jamey: Schnelleingabe",
    choose_folder: "Ordner wählen",
    no_hotkey: |keys, why| format!("{keys} geht nicht als Tastenkürzel: {why}"),
    taken: "ein anderes Programm hat es",
    wayland: "dieser Desktop (Wayland) überlässt keinem Programm eine Taste",
    no_such_key: "diese Tastatur hat die Taste nicht",
    instead: |command| {
        format!(
            "wähle ein anderes, oder lege den Befehl `{command}` in den Einstellungen des Desktops auf eine Taste"
        )
    },
    open_it: "öffne es, um alles zu sehen",
    may_read: |path| format!("Darf {path} gelesen werden?"),
    may_write: |path| format!("Darf {path} geändert werden?"),
    may_run: |command, folder| format!("Darf das in {folder} laufen? {command}"),
    may_look: "Darf es Angaben über diesen Computer lesen?",
    summed_up: "Die Zusammenfassung ist da",
    no_runtime: "keine Laufzeit antwortet",
    start_it: "starte sie mit dem Knopf oder mit `jamey runtime start`",
    hangs: |seconds| format!("die Laufzeit ist da, hat aber in {seconds} Sekunden nicht geantwortet"),
    restart_it: "starte sie mit dem Knopf oder mit `jamey runtime restart` neu",
    other_answers: |place, why| format!("etwas anderes antwortet an {place}: {why}"),
    end_other: "beende das Programm, das dort lauscht, entferne die Datei und starte die Laufzeit neu",
    no_key: "am Ende steht keine Taste, die es sein kann",
    not_held: |key| format!("„{key}“ ist keine Taste, die man dazu hält"),
    bare_key: "ohne Strg, Alt oder Super ließe sie sich nicht mehr tippen",
    write_keys: |keys| format!("schreib es wie {keys}, Alt+J oder F9"),
    no_autostart: |why| format!("der Start beim Anmelden ließ sich nicht ändern: {why}"),
    look_at_autostart: "sieh nach den Rechten deines Autostart-Ordners",
    unknown_folder: "der gewählte Ordner ist nicht mehr bekannt",
    no_folder: "gewählt wurde kein Ordner dieses Computers",
    choose_again: "wähle noch einmal einen Ordner",
    no_home: "es gibt keinen persönlichen Ordner",
    choose_one: "wähle einen Ordner für die Sitzung",
    not_written: |file, why| format!("{file} lässt sich nicht schreiben: {why}"),
    look_at_disk: "sieh nach ihren Rechten und nach dem freien Platz",
};
