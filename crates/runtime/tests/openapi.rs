//! The description of the door is kept in the project and is what the code says. `UPDATE=1` writes it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::Path;

#[test]
fn the_kept_description_is_that_of_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let text = jamey_runtime::api::openapi::text();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(kept == text, "docs/openapi.json is out of date; run with UPDATE=1 to write it");
}

#[test]
fn every_route_that_is_served_is_described() {
    let document: serde_json::Value = serde_json::from_str(&jamey_runtime::api::openapi::text()).unwrap();
    let described: Vec<&str> = document["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    let source = include_str!("../src/api/mod.rs");
    let served = source.split(".route(\"").skip(1).filter_map(|rest| rest.split('"').next());
    for route in served {
        assert!(described.contains(&route), "{route} is not described");
    }
    assert_eq!(document["openapi"].as_str().map(|version| &version[..3]), Some("3.1"));
}
