//! `install.ps1` as a grammar reads it. There is no PowerShell where the tests run, so this is all that
//! is known of it here: that it is PowerShell, and pure ASCII, which every version reads alike.

use std::{fs, path::Path};

use tree_sitter::{Node, Parser};

fn faults(source: &str) -> Vec<String> {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_powershell::LANGUAGE.into()).unwrap();
    let tree = parser.parse(source, None).unwrap();
    let mut found = Vec::new();
    collect(tree.root_node(), source, &mut found);
    found
}

fn collect(node: Node, source: &str, found: &mut Vec<String>) {
    if node.is_error() || node.is_missing() {
        let text: String = source[node.byte_range()].chars().take(80).collect();
        found.push(format!("line {}: {text}", node.start_position().row + 1));
    }
    for child in node.children(&mut node.walk()) {
        collect(child, source, found);
    }
}

#[test]
fn the_installer_for_windows_is_powershell_without_a_fault() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("install.ps1");
    let source = fs::read_to_string(path).unwrap();
    assert_eq!(faults(&source), Vec::<String>::new());
    assert!(source.is_ascii(), "Windows PowerShell would read anything else in the machine's own code page");
    // Words of newer versions than the one that Windows brings along.
    for newer in [" ?? ", " && ", " || ", "?."] {
        let used = source.lines().find(|line| !line.trim_start().starts_with('#') && line.contains(newer));
        assert_eq!(used, None, "{newer}");
    }
}

#[test]
fn a_fault_would_be_seen() {
    assert!(faults("if ($true) { 1 }\n").is_empty());
    assert!(!faults("if ($true { 1 }\n").is_empty());
    assert!(!faults("function f { 'open }\n").is_empty());
}
