use std::path::Path;

use super::*;
use crate::config;

fn config(text: &str) -> Config {
    let mut values = config::defaults();
    values.extend(config::parse(Path::new("runtime.toml"), text).unwrap().0);
    Config::of(values)
}

fn entry(entries: Vec<Entry>, name: &str) -> Option<Entry> {
    entries.into_iter().find(|entry| entry.name() == name)
}

#[test]
fn a_key_alone_makes_each_vendor_usable_wherever_it_lies() {
    for vendor in vendors::VENDORS {
        let text = if vendor.name == "azure" {
            "[providers.azure]\nbase_url = \"https://a.openai.azure.com\"\n"
        } else {
            ""
        };
        let config = config(text);
        let address = vendor.base_url.unwrap_or("https://a.openai.azure.com");
        for variable in vendor.variables {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join(".env");
            std::fs::write(&file, format!("{variable}=k-1\n")).unwrap();
            let (in_file, _) = Environment::of(&[]).with_file(&file);
            let kept = Kept::with(vendor.name, "k-1", &keys::origin(address).unwrap());
            for (place, environment, kept, source) in [
                (
                    "environment",
                    Environment::of(&[(variable, "k-1")]),
                    Kept::default(),
                    format!("environment {variable}"),
                ),
                (".env", in_file, Kept::default(), format!(".env {variable}")),
                ("keychain", Environment::of(&[]), kept, "keychain".to_owned()),
            ] {
                let found = entry(configured(&config, &environment, &kept, &[]), vendor.name);
                let found = found.unwrap_or_else(|| panic!("no {} with a key in: {place}", vendor.name));
                assert!(found.has_key() && found.provider.is_ok(), "{} {place}", vendor.name);
                assert_eq!(found.key_source(), Some(source.as_str()), "{}", vendor.name);
                assert_eq!(found.view().state, "ready", "{} {place}", vendor.name);
            }
        }
    }
}

#[test]
fn models_of_ones_own_are_waited_for_longer_than_vendors() {
    let config = config(
        "[providers.ollama]\nbase_url = \"https://ollama.example\"\n\
         [providers.mine]\nbase_url = \"http://127.0.0.1:1234/v1\"\n\
         [providers.big]\nbase_url = \"https://vllm.example/v1\"\n\
         [providers.lan]\nbase_url = \"http://192.0.2.7:8080/v1\"\nplain_http = true\n\
         [providers.claude]\nkind = \"anthropic\"\nbase_url = \"https://proxy.example\"\n",
    );
    let keys =
        ["OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "GROQ_API_KEY"].map(|name| (name, "k"));
    let entries = configured(&config, &Environment::of(&keys), &Kept::default(), &[]);
    let own = ["ollama", "mine", "big", "lan"];
    let vendors = ["openai", "anthropic", "gemini", "groq", "claude"];
    for (names, timeouts) in [(&own[..], Timeouts::local()), (&vendors[..], Timeouts::default())] {
        for name in names {
            let found = entries.iter().find(|entry| entry.name() == *name);
            assert_eq!(found.map(|entry| entry.spec.options().timeouts), Some(timeouts), "{name}");
        }
    }
    let nearby = Entry::nearby("lmstudio", "http://127.0.0.1:1234/v1", Dialect::Chat);
    assert_eq!(nearby.spec.options().timeouts, Timeouts::local());
    assert!(
        Timeouts::default().first_byte >= std::time::Duration::from_secs(300),
        "reasoning models are silent first"
    );
}
