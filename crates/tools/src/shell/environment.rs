//! What a command sees of the runtime's environment: what programs need to work, and never a key.
//!
//! A name has to be on the list *and* look harmless. Everything that changes how programs load code or
//! that carries a secret is left out, whoever set it.

use std::{
    ffi::{OsStr, OsString},
    path::Path,
};

/// Names that pass.
const ALLOWED: &[&str] = &[
    // who and where
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LANGUAGE",
    "TZ",
    "HOSTNAME",
    "TMPDIR",
    "TMP",
    "TEMP",
    // the desktop, so that programs with windows open where the person sits
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    "DBUS_SESSION_BUS_ADDRESS",
    "SSH_AUTH_SOCK",
    "DESKTOP_SESSION",
    // the way out
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
    // where languages keep their things
    "JAVA_HOME",
    "ANDROID_HOME",
    "GOPATH",
    "GOROOT",
    "GOPROXY",
    "NVM_DIR",
    "VIRTUAL_ENV",
    "PYENV_ROOT",
    "PNPM_HOME",
    "BUN_INSTALL",
    "DENO_DIR",
    "MANPATH",
    "INFOPATH",
    "PKG_CONFIG_PATH",
    "CC",
    "CXX",
    // Windows
    "SYSTEMROOT",
    "SYSTEMDRIVE",
    "WINDIR",
    "COMSPEC",
    "PATHEXT",
    "APPDATA",
    "LOCALAPPDATA",
    "PROGRAMDATA",
    "PROGRAMFILES",
    "PROGRAMFILES(X86)",
    "PROGRAMW6432",
    "COMMONPROGRAMFILES",
    "USERPROFILE",
    "USERNAME",
    "USERDOMAIN",
    "HOMEDRIVE",
    "HOMEPATH",
    "PUBLIC",
    "COMPUTERNAME",
    "OS",
    "PROCESSOR_ARCHITECTURE",
    "NUMBER_OF_PROCESSORS",
    "PSMODULEPATH",
];

/// Beginnings of names that pass.
const ALLOWED_FAMILIES: &[&str] =
    &["LC_", "XDG_", "CARGO_", "RUSTUP_", "HOMEBREW_", "CONDA_", "NIX_", "SDKMAN_"];

/// Parts of names that never pass.
const SECRET: &[&str] =
    &["KEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "CREDENTIAL", "AUTH_"];

/// What every command gets: nothing that waits for a person, no colours.
const FIXED: &[(&str, &str)] =
    &[("PAGER", "cat"), ("EDITOR", "true"), ("VISUAL", "true"), ("TERM", "dumb"), ("NO_COLOR", "1")];

/// Makes the environment of a command that runs in `cwd`, from that of the runtime.
pub(super) fn environment(
    from: impl Iterator<Item = (OsString, OsString)>,
    cwd: &Path,
) -> Vec<(OsString, OsString)> {
    let mut kept: Vec<(OsString, OsString)> = Vec::new();
    let mut path = None;
    for (name, value) in from {
        if name.eq_ignore_ascii_case("PATH") {
            path = absolute_only(&value);
        } else if passes(&name, &value) {
            kept.push((name, value));
        }
    }
    kept.push(("PATH".into(), path.unwrap_or_else(|| DEFAULT_PATH.into())));
    kept.extend(FIXED.iter().map(|(name, value)| (name.into(), value.into())));
    kept.push(("PWD".into(), cwd.into()));
    kept
}

#[cfg(unix)]
const DEFAULT_PATH: &str = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin";
#[cfg(not(unix))]
const DEFAULT_PATH: &str = r"C:\Windows\System32;C:\Windows";

/// Drops the entries of a search path that would find programs in whatever folder is current.
fn absolute_only(path: &OsStr) -> Option<OsString> {
    let kept: Vec<_> = std::env::split_paths(path).filter(|entry| entry.is_absolute()).collect();
    std::env::join_paths(kept).ok().filter(|path| !path.is_empty())
}

fn passes(name: &OsStr, value: &OsStr) -> bool {
    let Some(name) = name.to_str().map(str::to_ascii_uppercase) else { return false };
    let listed =
        ALLOWED.contains(&name.as_str()) || ALLOWED_FAMILIES.iter().any(|family| name.starts_with(family));
    let agent_socket = name == "SSH_AUTH_SOCK";
    let secret = SECRET.iter().any(|part| name.contains(part)) && !agent_socket;
    // http://name:password@proxy
    let login = name.ends_with("_PROXY") && value.to_string_lossy().contains('@');
    listed && !secret && !login
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn made(from: &[(&str, &str)]) -> Vec<(String, String)> {
        let from = from.iter().map(|(name, value)| (name.into(), value.into()));
        environment(from, Path::new("/work"))
            .into_iter()
            .map(|(name, value)| (name.into_string().unwrap(), value.into_string().unwrap()))
            .collect()
    }

    #[test]
    fn no_key_and_nothing_that_loads_code_reaches_a_command() {
        let hostile = [
            "OPENAI_API_KEY",
            "GITHUB_TOKEN",
            "AWS_SECRET_ACCESS_KEY",
            "DB_PASSWORD",
            "CARGO_REGISTRY_TOKEN",
            "LD_PRELOAD",
            "DYLD_INSERT_LIBRARIES",
            "GIT_SSH_COMMAND",
            "BASH_ENV",
            "ENV",
            "PROMPT_COMMAND",
            "BASH_FUNC_ls%%",
            "NODE_OPTIONS",
            "PYTHONSTARTUP",
            "PERL5OPT",
            "IFS",
            "PS4",
            "JAMEY_HOME",
            "openai_api_key",
            "XDG_SESSION_SECRET",
            "HOMEBREW_GITHUB_API_TOKEN",
        ];
        let from: Vec<_> = hostile.iter().map(|name| (*name, "canary")).collect();
        let seen = made(&from);
        assert!(seen.iter().all(|(_, value)| value != "canary"), "{seen:?}");
        let proxy = made(&[("HTTPS_PROXY", "http://me:pw@proxy:1"), ("https_proxy", "http://proxy:1")]);
        assert!(!proxy.iter().any(|(_, value)| value.contains('@')));
        assert!(proxy.contains(&("https_proxy".into(), "http://proxy:1".into())));
    }

    #[test]
    fn what_programs_need_is_there_and_nothing_waits_for_a_person() {
        let bin = if cfg!(windows) { r"C:\bin" } else { "/bin" };
        let seen = made(&[("HOME", "/home/me"), ("LC_ALL", "C"), ("EDITOR", "vim"), ("PATH", bin)]);
        for (name, value) in [
            ("HOME", "/home/me"),
            ("LC_ALL", "C"),
            ("EDITOR", "true"),
            ("PAGER", "cat"),
            ("PATH", bin),
            ("PWD", "/work"),
        ] {
            assert_eq!(seen.iter().filter(|(n, v)| n == name && v == value).count(), 1, "{name}");
        }
        assert_eq!(seen.iter().filter(|(name, _)| name == "EDITOR").count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn programs_are_never_looked_for_in_the_current_folder() {
        let path = |from: &str| made(&[("PATH", from)]).into_iter().find(|(n, _)| n == "PATH").unwrap().1;
        assert_eq!(path(".:/bin::bin:/usr/bin"), "/bin:/usr/bin");
        assert_eq!(path("."), DEFAULT_PATH);
    }

    proptest! {
        #[test]
        fn a_name_with_a_secret_part_never_passes(front in "[A-Z_]{0,6}", back in "[A-Z_]{0,6}", part in 0..SECRET.len()) {
            let name = format!("XDG_{front}{}{back}", SECRET[part]);
            prop_assert!(!passes(name.as_ref(), "x".as_ref()));
        }
    }
}
