//! One version of each crate, so that nothing is compiled and carried twice.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use crate::{cargo, layout::Layout};

/// Crates whose users have not met on one version yet, and who holds the older one. Take a line out
/// when they have.
const KNOWN: &[&str] = &[
    "base64",        // sqlx
    "block-buffer",  // sqlx and ours; the keychain has the newer one, as of the next four
    "cpufeatures",   // sqlx
    "crypto-common", // sqlx
    "digest",        // sqlx
    "getrandom",     // ring
    "hashbrown",     // sqlx
    "sha2",          // sqlx
    "shlex",         // bindgen, at build time
    "syn",           // procedural macros, at build time
];

/// Names each crate that is built for this platform in more than one version.
///
/// # Errors
/// When cargo cannot tell.
pub fn breaches(layout: &Layout) -> Result<Vec<String>> {
    let arguments =
        ["tree", "--locked", "--workspace", "--edges", "normal,build", "--prefix", "none", "--format", "{p}"];
    Ok(doubles(&cargo::output(cargo::cargo(layout).args(arguments))?))
}

/// Reads lines such as `serde v1.0.229 (proc-macro)`.
fn doubles(tree: &str) -> Vec<String> {
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for line in tree.lines() {
        if let [name, version, ..] = line.split(' ').collect::<Vec<_>>()[..] {
            versions.entry(name).or_default().insert(version.trim_start_matches('v'));
        }
    }
    versions
        .iter()
        .filter(|(name, versions)| versions.len() > 1 && !KNOWN.contains(name))
        .map(|(name, versions)| {
            let versions = versions.iter().copied().collect::<Vec<_>>().join(" and ");
            format!("{name} is built twice, as {versions}; see `cargo tree -i {name}@VERSION`")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_versions_of_one_crate_are_told() {
        assert!(doubles("a v1.0.0\nb v1.0.0 (proc-macro)\na v1.0.0 (*)\n").is_empty());
        let told = doubles("a v1.0.0\nb v1.0.0\na v2.0.0\n");
        assert_eq!(told.len(), 1);
        assert!(told[0].contains("1.0.0 and 2.0.0"), "{told:?}");
    }
}
