//! The desktop's packages for the systems that are not at hand: what their bundlers would be told is there and fits.

use std::{fs, path::PathBuf};

use serde_json::Value;

fn shell() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../src-tauri")
}

#[allow(clippy::unwrap_used)] // A test helper fails by panicking.
fn config() -> Value {
    serde_json::from_slice(&fs::read(shell().join("tauri.conf.json")).unwrap()).unwrap()
}

/// The pictures of an icon file: their types. (Apple's icon format: an eight-byte head, then for each
/// picture four letters and the length of the whole entry.)
#[allow(clippy::unwrap_used)] // A test helper fails by panicking.
fn pictures(icns: &[u8]) -> Vec<String> {
    let (head, mut rest) = icns.split_at(8);
    assert_eq!(&head[..4], b"icns");
    assert_eq!(u32::from_be_bytes(head[4..].try_into().unwrap()) as usize, icns.len());
    let mut found = Vec::new();
    while rest.len() >= 8 {
        found.push(String::from_utf8_lossy(&rest[..4]).into_owned());
        let length = u32::from_be_bytes(rest[4..8].try_into().unwrap()) as usize;
        rest = &rest[length..];
    }
    found
}

#[test]
fn there_is_a_package_for_every_system() {
    let config = config();
    let targets: Vec<_> =
        config["bundle"]["targets"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    for wanted in ["deb", "nsis", "msi", "app", "dmg"] {
        assert!(targets.contains(&wanted), "no {wanted} among {targets:?}");
    }
    assert_eq!(config["identifier"], "dev.jamey.desktop");
}

#[test]
fn what_a_package_names_is_there() {
    let bundle = &config()["bundle"];
    let mut named: Vec<_> = bundle["icon"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    named.extend(bundle["linux"]["deb"]["files"].as_object().unwrap().values().filter_map(Value::as_str));
    named.push(bundle["linux"]["deb"]["desktopTemplate"].as_str().unwrap());
    for file in named {
        let length = fs::metadata(shell().join(file)).unwrap_or_else(|error| panic!("{file}: {error}")).len();
        assert!(length > 0, "{file} is empty");
    }
}

#[test]
fn windows_and_macos_have_icons_in_their_own_formats() {
    let config = config();
    let icons: Vec<_> =
        config["bundle"]["icon"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let one = |ending: &str| {
        let name = icons.iter().find(|name| name.ends_with(ending)).unwrap();
        fs::read(shell().join(name)).unwrap()
    };
    let mac = pictures(&one(".icns"));
    // 128 and 512 points, which the Finder and the Dock show.
    assert!(mac.contains(&"ic07".to_owned()) && mac.contains(&"ic09".to_owned()), "{mac:?}");
    let windows = one(".ico");
    assert_eq!(&windows[..4], &[0, 0, 1, 0]);
    // A width of 0 stands for 256 pixels.
    let count = usize::from(windows[4]);
    assert!((0..count).any(|at| windows[6 + 16 * at] == 0), "no picture of 256 pixels");
}
