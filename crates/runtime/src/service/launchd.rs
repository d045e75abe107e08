//! An agent of macOS' launchd: started at log-in, started anew after a crash. The text is made and
//! tested everywhere; what talks to launchd is compiled for macOS and was not run there.

use std::path::PathBuf;

use jamey_ipc::launch::KEEPER;

use super::{about::About, files::Planned, quote};

/// The agent's file for this runtime (launchd.plist(5)).
#[must_use]
pub fn agent(about: &About, label: &str, path: PathBuf) -> Planned {
    let pair = |name: &str, value: &str| {
        format!("        <key>{}</key>\n        <string>{}</string>\n", quote::xml(name), quote::xml(value))
    };
    let mut environment: String = about.environment.iter().map(|(name, value)| pair(name, value)).collect();
    environment.push_str(&pair(KEEPER, &format!("launchd:{label}")));
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \
         \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n\
         <!-- Written by `jamey runtime install`; `jamey runtime uninstall` removes it. -->\n\
         <plist version=\"1.0\">\n<dict>\n\
         \x20   <key>Label</key>\n    <string>{label}</string>\n\
         \x20   <key>ProgramArguments</key>\n    <array>\n\
         \x20       <string>{program}</string>\n\
         \x20       <string>start</string>\n        <string>--foreground</string>\n    </array>\n\
         \x20   <key>EnvironmentVariables</key>\n    <dict>\n{environment}    </dict>\n\
         \x20   <key>RunAtLoad</key>\n    <true/>\n\
         \x20   <key>KeepAlive</key>\n    <dict>\n        <key>SuccessfulExit</key>\n        <false/>\n    </dict>\n\
         \x20   <key>ExitTimeOut</key>\n    <integer>15</integer>\n\
         \x20   <key>ProcessType</key>\n    <string>Interactive</string>\n\
         </dict>\n</plist>\n",
        label = quote::xml(label),
        program = quote::xml(&about.program),
    );
    Planned { path, text }
}

/// Lets launchd run it now and at every log-in.
///
/// # Errors
/// With what launchd says.
#[cfg(target_os = "macos")]
pub fn activate(agent: &Planned) -> Result<(), jamey_protocol::ApiError> {
    let _ = deactivate();
    launchctl(&["bootstrap", &domain(), &agent.path.to_string_lossy()])
}

/// Ends it and lets launchd forget it.
///
/// # Errors
/// With what launchd says.
#[cfg(target_os = "macos")]
pub fn deactivate() -> Result<(), jamey_protocol::ApiError> {
    launchctl(&["bootout", &format!("{}/{}", domain(), jamey_ipc::launch::agent::label())])
}

/// Whether launchd knows it.
#[cfg(target_os = "macos")]
#[must_use]
pub fn is_active() -> bool {
    launchctl(&["print", &format!("{}/{}", domain(), jamey_ipc::launch::agent::label())]).is_ok()
}

#[cfg(target_os = "macos")]
fn domain() -> String {
    format!("gui/{}", rustix::process::geteuid().as_raw())
}

#[cfg(target_os = "macos")]
fn launchctl(words: &[&str]) -> Result<(), jamey_protocol::ApiError> {
    use jamey_protocol::{ApiError, ErrorCode};
    let failed =
        |why: &str| ApiError::new(ErrorCode::Internal, format!("launchctl {}: {why}", words.join(" ")));
    let output = std::process::Command::new("/bin/launchctl")
        .args(words)
        .output()
        .map_err(|error| failed(&error.to_string()))?;
    if output.status.success() {
        return Ok(());
    }
    Err(failed(String::from_utf8_lossy(&output.stderr).trim()))
}
