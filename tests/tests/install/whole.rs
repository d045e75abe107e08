//! Installing, upgrading and removing.

use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    process::Command,
};

use jamey_tests::process;

use crate::world::{World, script};

/// Where the list lies.
const LIST: &str = if cfg!(target_os = "macos") {
    "Library/Application Support/jamey-code/installed.txt"
} else {
    ".local/share/jamey-code/installed.txt"
};
const OWN: &str = if cfg!(target_os = "macos") {
    "Library/Application Support/jamey-code/install.sh"
} else {
    ".local/share/jamey-code/install.sh"
};
/// The file that gets lines under bash.
const BASH: &str = if cfg!(target_os = "macos") { ".bash_profile" } else { ".bashrc" };

#[test]
fn the_real_programs_are_installed_run_upgraded_and_removed_without_a_trace() {
    let built = jamey_tests::bins::bin("jamey").parent().unwrap().to_path_buf();
    let world = World::new();
    world.write(BASH, "alias ll='ls -l'"); // and no end of the line
    world.write("notes.txt", "mine");
    let before = world.listing();

    let told = world.install_from(&built, &["--dry-run"]).exits(0);
    assert!(told.stdout.contains("would install Jamey"), "{}", told.stdout);
    assert_eq!(world.listing(), before, "a rehearsal wrote something");

    let told = world.install_from(&built, &[]).exits(0);
    assert!(told.stderr.is_empty(), "{}", told.stderr);
    assert!(told.stdout.contains("is installed") && told.stdout.contains("--uninstall"), "{}", told.stdout);
    let after = world.listing();
    // A new terminal finds the command by its name.
    let mut shell = Command::new("/bin/bash");
    shell.args(["-c", &format!(". \"$HOME/{BASH}\" && jamey --version")]);
    shell.env_clear().env("HOME", &world.home).env("PATH", "/usr/bin:/bin");
    let said = process::run(&mut shell, b"").exits(0);
    assert_eq!(said.stdout.trim(), format!("jamey {}", env!("CARGO_PKG_VERSION")));

    let _ = world.install_from(&built, &[]).exits(0);
    assert_eq!(world.listing(), after, "running again changed something");

    // The copy that was installed removes everything, itself too.
    let mut undo = world.command(&world.in_home(OWN), &["--uninstall"]);
    let _ = process::run(&mut undo, b"").exits(0);
    assert_eq!(world.listing(), before);
    assert!(world.left_nothing_aside());
}

#[test]
fn a_running_runtime_gets_the_new_version_and_ends_when_jamey_is_removed() {
    let built = jamey_tests::bins::bin("jamey").parent().unwrap().to_path_buf();
    let world = World::named("home");
    let _ = world.install_from(&built, &[]).exits(0);
    let pid = || world.jamey(&["runtime", "status", "--json"]).exits(0).json()["pid"].as_u64().unwrap();
    let _ = world.jamey(&["runtime", "start"]).exits(0);
    let first = pid();
    let _ = world.install_from(&built, &[]).exits(0);
    assert_eq!(pid(), first, "nothing had changed");

    let newer = world.aside("newer");
    fs::create_dir(&newer).unwrap();
    for name in ["jamey", "jamey-runtime", "jamey-local-model"] {
        fs::copy(built.join(name), newer.join(name)).unwrap();
    }
    // Another file that is the same program.
    let mut bytes = fs::read(newer.join("jamey-runtime")).unwrap();
    bytes.push(0);
    fs::write(newer.join("jamey-runtime"), bytes).unwrap();
    let told = world.install_from(&newer, &[]).exits(0);
    assert!(told.stdout.contains("restarted with the new version"), "{told:?}");
    assert_ne!(pid(), first);

    let told = world.install(&["--uninstall"]).exits(0);
    assert!(told.stderr.is_empty(), "{}", told.stderr);
    let mut status = world.dress(Command::new(built.join("jamey")));
    let _ = process::run(status.args(["runtime", "status"]), b"").exits(3);
}

#[test]
fn each_shell_gets_its_own_lines_and_gives_them_back() {
    for (shell, file) in [
        ("/bin/bash", BASH),
        ("/usr/bin/zsh", ".zshrc"),
        ("/bin/dash", ".profile"),
        ("/usr/bin/fish", ".config/fish/conf.d/jamey.fish"),
    ] {
        for text in [None, Some(""), Some("one\n"), Some("one\n\n\n"), Some("one\n\ntwo")] {
            let world = World::new().shell(shell);
            if let Some(text) = text.filter(|_| !shell.ends_with("fish")) {
                world.write(file, text);
            }
            let before = world.listing();
            let release = world.release("1.0.0");
            let _ = world.install_from(&release, &[]).exits(0);
            assert!(world.read(file).contains(".local/bin"), "{shell}");
            let _ = world.install_from(&release, &[]).exits(0);
            let blocks = world.read(file).matches("# >>> jamey >>>").count();
            assert_eq!(blocks, usize::from(!shell.ends_with("fish")));
            let _ = world.install(&["--uninstall"]).exits(0);
            assert_eq!(world.listing(), before, "{shell} {text:?}");
        }
    }
}

#[test]
fn what_a_person_wrote_below_our_lines_and_through_a_link_stays() {
    let world = World::new();
    let real = world.write("dotfiles/bash", "before\n");
    symlink(&real, world.in_home(BASH)).unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    let _ = world.install_from(&world.release("1.0.0"), &[]).exits(0);
    let text = fs::read_to_string(&real).unwrap();
    fs::write(&real, format!("{text}after")).unwrap();
    let _ = world.install(&["--uninstall"]).exits(0);
    assert_eq!(fs::read_to_string(&real).unwrap(), "before\nafter");
    assert!(world.in_home(BASH).is_symlink());
    assert_eq!(real.metadata().unwrap().permissions().mode() & 0o777, 0o640);
}

#[test]
fn lines_of_which_half_was_removed_by_hand_are_left_alone_and_told_of() {
    let world = World::new();
    let rc = world.write(BASH, "mine\n");
    let _ = world.install_from(&world.release("1.0.0"), &[]).exits(0);
    let text = world.read(BASH).replace("# <<< jamey <<<\n", "") + "precious\n";
    fs::write(&rc, &text).unwrap();
    for arguments in [&["--uninstall"][..], &["--from", world.release("1.0.0").to_str().unwrap()]] {
        let told = world.install(arguments).exits(0);
        assert!(told.stderr.contains("half of Jamey's lines"), "{}", told.stderr);
        assert_eq!(world.read(BASH), text);
    }
}

#[test]
fn a_search_path_that_has_the_folder_already_needs_no_lines() {
    let world = World::named("home");
    let path = format!("{}:{}", world.aside("tools").display(), world.in_home(".local/bin").display());
    let world = world.env("PATH", &path);
    world.write(BASH, "mine\n");
    let told = world.install_from(&world.release("1.0.0"), &[]).exits(0);
    assert_eq!(world.read(BASH), "mine\n");
    assert!(told.stdout.contains("Begin:                    jamey chat"), "{}", told.stdout);
}

#[test]
fn lines_of_an_earlier_run_stay_when_another_shell_runs_it_again() {
    let world = World::named("home");
    let release = world.release("1.0.0");
    let _ = world.install_from(&release, &[]).exits(0);
    let after = world.listing();
    let path = format!("{}:{}", world.aside("tools").display(), world.in_home(".local/bin").display());
    let world = world.env("PATH", &path).shell("/bin/sh");
    let _ = world.install_from(&release, &[]).exits(0);
    assert_eq!(world.listing(), after);
    let _ = world.install_from(&release, &["--no-path"]).exits(0);
    assert_eq!(world.listing(), after);
}

#[test]
fn an_upgrade_removes_what_the_new_version_no_longer_has_and_nothing_else() {
    let world = World::new();
    let _ = world.install_from(&world.release("1.0.0"), &[]).exits(0);
    let fresh = world.listing();
    // As if the old version had also had these.
    let (old, foreign) = (world.in_home(".local/bin/jamey-old"), world.in_home(".local/bin/mine"));
    fs::write(&old, "old").unwrap();
    fs::write(&foreign, "mine").unwrap();
    let folder = world.in_home(".local/lib");
    fs::create_dir(&folder).unwrap();
    let list = world.read(LIST);
    world.write(LIST, &format!("{list}file\t{}\nfolder\t{}\n", old.display(), folder.display()));

    let told = world.install_from(&world.release("2.0.0"), &[]).exits(0);
    assert!(told.stdout.contains("Jamey 2.0.0 is installed (it was 1.0.0)"), "{}", told.stdout);
    assert!(!old.exists() && !folder.exists());
    assert_eq!(fs::read_to_string(&foreign).unwrap(), "mine");
    assert!(fresh.keys().all(|name| world.in_home(name).exists()));
    assert!(world.read(".local/bin/jamey").contains("2.0.0"));
}

#[test]
fn another_prefix_moves_the_installation() {
    let world = World::new();
    world.write(BASH, "mine\n");
    let before = world.listing();
    let release = world.release("1.0.0");
    let _ = world.install_from(&release, &[]).exits(0);
    let _ = world.install_from(&release, &["--prefix", world.in_home("opt/ä b").to_str().unwrap()]).exits(0);
    assert!(world.in_home("opt/ä b/bin/jamey").exists());
    assert!(!world.in_home(".local/bin").exists());
    assert!(world.read(BASH).contains("opt/ä b/bin") && !world.read(BASH).contains(".local/bin"));
    let _ = world.install(&["--uninstall"]).exits(0);
    assert_eq!(world.listing(), before);
}

#[test]
fn a_release_is_unpacked_and_its_sum_is_checked() {
    let world = World::new();
    let root = world.aside("pack/jamey-1.0.0");
    fs::create_dir_all(&root).unwrap();
    fs::rename(world.release("1.0.0"), root.join("bin")).unwrap();
    let archive = world.aside("jamey.tar.gz");
    let mut tar = Command::new("tar");
    tar.arg("-czf").arg(&archive).arg("-C").arg(world.aside("pack")).arg("jamey-1.0.0");
    let _ = process::run(&mut tar, b"").exits(0);
    let sum = process::run(Command::new("sha256sum").arg(&archive), b"").exits(0).stdout;
    let note = world.aside("jamey.tar.gz.sha256");

    fs::write(&note, sum.replace(|letter: char| letter.is_ascii_digit(), "0")).unwrap();
    let told = world.install_from(&archive, &[]).exits(1);
    assert!(told.stderr.contains("damaged"), "{}", told.stderr);
    assert!(world.listing().is_empty());

    fs::write(&note, sum).unwrap();
    let _ = world.install_from(&archive, &[]).exits(0);
    assert!(world.in_home(".local/bin/jamey").exists());

    let bytes = fs::read(&archive).unwrap();
    fs::write(&archive, &bytes[..bytes.len() / 2]).unwrap();
    fs::remove_file(&note).unwrap();
    let told = world.install_from(&archive, &[]).exits(1);
    assert!(told.stderr.contains("cannot be unpacked"), "{}", told.stderr);
}

#[test]
fn a_release_that_lies_around_the_script_needs_no_flag() {
    let world = World::new();
    let root = world.aside("unpacked");
    fs::create_dir(&root).unwrap();
    fs::rename(world.release("1.0.0"), root.join("bin")).unwrap();
    fs::copy(script(), root.join("install.sh")).unwrap();
    let _ = process::run(&mut world.command(&root.join("install.sh"), &[]), b"").exits(0);
    assert!(world.in_home(".local/bin/jamey").exists());
}

#[test]
fn purging_asks_and_then_removes_sessions_and_settings_and_only_those() {
    let world = World::new();
    world.write(".config/other/x", "theirs");
    let _ = world.install_from(&world.release("1.0.0"), &[]).exits(0);
    let (config, data) = if cfg!(target_os = "macos") {
        ("Library/Application Support/jamey-code", "Library/Application Support/jamey-code")
    } else {
        (".config/jamey-code", ".local/share/jamey-code")
    };
    world.write(&format!("{config}/runtime.toml"), "");
    world.write(&format!("{data}/jamey.db"), "sessions");
    let before = world.listing();
    let told = world.install(&["--uninstall", "--purge"]).exits(2);
    assert!(told.stdout.contains("all sessions") && told.stderr.contains("--yes"), "{told:?}");
    assert_eq!(world.listing(), before);

    let told = world.install(&["--uninstall"]).exits(0);
    assert!(told.stdout.contains("Left: "), "{}", told.stdout);
    assert_eq!(world.read(&format!("{data}/jamey.db")), "sessions");

    let _ = world.install(&["--uninstall", "--purge", "--yes"]).exits(0);
    assert!(!world.in_home(config).exists() && !world.in_home(data).exists());
    assert_eq!(world.read(".config/other/x"), "theirs");
}

#[cfg(target_os = "linux")]
#[test]
fn a_menu_entry_names_its_program_as_the_specification_asks() {
    let world = World::named("a \"b\" $c `d` \\e 100%");
    let _ = world.install_from(&world.release("1.0.0"), &[]).exits(0);
    let entry = world.read(".local/share/applications/jamey.desktop");
    let call = entry.lines().find_map(|line| line.strip_prefix("Exec=\"")).unwrap();
    let call = call.strip_suffix("\" chat").unwrap();
    // A string of the file first, then quoted, then with field codes.
    let text = call.replace("\\\\", "\\");
    let mut plain = String::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        plain.push(if letter == '\\' { letters.next().unwrap() } else { letter });
    }
    assert_eq!(plain.replace("%%", "%"), world.in_home(".local/bin/jamey").display().to_string());
    let try_exec = entry.lines().find_map(|line| line.strip_prefix("TryExec=")).unwrap();
    assert_eq!(try_exec.replace("\\\\", "\\"), world.in_home(".local/bin/jamey").display().to_string());
    assert!(world.in_home(".local/share/icons/hicolor/scalable/apps/jamey.svg").exists());
}
