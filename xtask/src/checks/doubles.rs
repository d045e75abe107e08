//! One version of each crate, so that nothing is compiled and carried twice.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// Crates whose users have not met on one version yet. Take a name out when they have.
const KNOWN: &[&str] = &[];

/// Names each crate that is in the build of this platform in more than one version.
pub fn breaches(metadata: &Value) -> Vec<String> {
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let used: BTreeSet<&str> = nodes(metadata).filter_map(|node| node["id"].as_str()).collect();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let (Some(id), Some(name), Some(version)) =
            (package["id"].as_str(), package["name"].as_str(), package["version"].as_str())
        else {
            continue;
        };
        if used.contains(id) {
            versions.entry(name).or_default().insert(version);
        }
    }
    let is_new = |name: &str| !KNOWN.contains(&name);
    versions
        .iter()
        .filter(|(name, versions)| versions.len() > 1 && is_new(name))
        .map(|(name, versions)| {
            let versions = versions.iter().copied().collect::<Vec<_>>().join(" and ");
            format!("{name} is built twice, as {versions}; see `cargo tree -i {name}@VERSION`")
        })
        .collect()
}

fn nodes(metadata: &Value) -> impl Iterator<Item = &Value> {
    metadata["resolve"]["nodes"].as_array().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_versions_of_one_crate_are_told_unless_one_is_not_built_here() {
        let package = |version: &str| serde_json::json!({"id": format!("a {version}"), "name": "a", "version": version});
        let metadata = |used: &[&str]| {
            let nodes: Vec<_> = used.iter().map(|id| serde_json::json!({"id": id})).collect();
            serde_json::json!({"packages": [package("1.0.0"), package("2.0.0")], "resolve": {"nodes": nodes}})
        };
        assert!(breaches(&metadata(&["a 1.0.0"])).is_empty());
        let told = breaches(&metadata(&["a 1.0.0", "a 2.0.0"]));
        assert_eq!(told.len(), 1);
        assert!(told[0].contains("1.0.0 and 2.0.0"), "{told:?}");
    }
}
