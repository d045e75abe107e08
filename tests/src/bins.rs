//! Where the programs under test are.

use std::{env, path::PathBuf};

/// One program: from `JAMEY_TEST_BIN_DIR`, else from the folder that cargo built this test into.
///
/// # Panics
/// When it is not built.
#[must_use]
pub fn bin(name: &str) -> PathBuf {
    let folder = env::var_os("JAMEY_TEST_BIN_DIR").map_or_else(
        || {
            let exe = env::current_exe().expect("a test has a file");
            let mut folder = exe.parent().expect("a file has a folder");
            if folder.ends_with("deps") {
                folder = folder.parent().expect("deps has a parent");
            }
            folder.to_path_buf()
        },
        PathBuf::from,
    );
    let path = folder.join(format!("{name}{}", env::consts::EXE_SUFFIX));
    assert!(path.exists(), "{} is not built: run `cargo build --release`", path.display());
    path
}
