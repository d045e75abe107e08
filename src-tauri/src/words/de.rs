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
    quick_ask: "Frag Jamey",
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
    open_it: "öffne es, um alles zu sehen",
    may_read: |path| format!("Darf {path} gelesen werden?"),
    may_write: |path| format!("Darf {path} geändert werden?"),
    may_run: |command, folder| format!("Darf das in {folder} ausgeführt werden? {command}"),
    may_look: "Dürfen Angaben über diesen Computer gelesen werden?",
    summed_up: "Die Zusammenfassung ist da",
    no_runtime: "die Runtime antwortet nicht",
    start_it: "starte sie mit dem Knopf oder mit `jamey runtime start`",
    hangs: |seconds| format!("die Runtime ist da, hat aber in {seconds} Sekunden nicht geantwortet"),
    restart_it: "starte sie mit dem Knopf oder mit `jamey runtime restart` neu",
    other_answers: |place, why| format!("etwas anderes antwortet an {place}: {why}"),
    end_other: "beende das Programm, das dort lauscht, entferne die Datei und starte die Runtime neu",
    no_key: "am Ende steht keine Taste, die dafür taugt",
    not_held: |key| format!("„{key}“ ist keine Taste, die man dazu hält"),
    bare_key: "ohne Strg, Alt oder Super ließe sie sich nicht mehr tippen",
    write_keys: |keys| format!("schreib es wie {keys}, Alt+J oder F9"),
    no_autostart: |why| format!("der Start beim Anmelden ließ sich nicht ändern: {why}"),
    look_at_autostart: "prüfe die Berechtigungen deines Autostart-Ordners",
    unknown_folder: "der gewählte Ordner ist nicht mehr bekannt",
    no_folder: "gewählt wurde kein Ordner dieses Computers",
    choose_again: "wähle noch einmal einen Ordner",
    no_home: "es gibt keinen persönlichen Ordner",
    choose_one: "wähle einen Ordner für die Sitzung",
    not_written: |file, why| format!("{file} lässt sich nicht schreiben: {why}"),
    look_at_disk: "prüfe ihre Berechtigungen und den freien Speicherplatz",
};
