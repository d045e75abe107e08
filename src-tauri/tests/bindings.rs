//! What the pages know of the shell is written from the Rust code. `UPDATE=1` writes it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::Path;

use specta_typescript::Typescript;

const HEADER: &str =
    "// Written from src-tauri by its test `bindings`; never edited. Run it with UPDATE=1.\n";

#[test]
fn the_kept_bindings_are_those_of_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/src/generated/bindings.ts");
    let temp = tempfile::tempdir().unwrap();
    let fresh = temp.path().join("bindings.ts");
    jamey_desktop::bridge::builder().export(Typescript::default().header(HEADER), &fresh).unwrap();
    let text = std::fs::read_to_string(fresh).unwrap();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &text).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(kept == text, "ui/src/generated/bindings.ts is out of date; run with UPDATE=1 to write it");
}
