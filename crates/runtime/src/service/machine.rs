//! The runtime as a service of a whole Windows machine, for one without anybody at its desktop. What it is
//! made of; the text is made and tested everywhere, `scm` hands it to Windows.
//!
//! It runs under an account of its own that Windows makes for it and that has no password: it may not read
//! what people keep on the machine, and nobody's pipe is its pipe. So it is reached through the loopback API,
//! whose token lies in that account's folder, where administrators can read it.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use jamey_ipc::path::service_name;
use jamey_protocol::{ApiError, ErrorCode};

use super::quote;

/// How long Windows waits before each start after a crash; after the last it gives up, until a day has
/// passed without one.
pub const AGAIN_AFTER: [Duration; 3] =
    [Duration::from_secs(2), Duration::from_secs(10), Duration::from_secs(60)];
/// When earlier crashes are forgotten.
pub const FORGOTTEN_AFTER: Duration = Duration::from_secs(24 * 3600);
/// What Windows shows beside the name.
pub const DESCRIPTION: &str = "Runs Jamey, an AI assistant for this computer, without a desktop. Remove it with: jamey-runtime uninstall --system";

/// The service as it is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// The name by which Windows knows it.
    pub name: String,
    /// The program.
    pub program: PathBuf,
    /// The folder for everything, if not the one of its account.
    pub home: Option<String>,
}

impl Machine {
    /// Describes the service that runs this very program.
    ///
    /// # Errors
    /// When the program cannot be found.
    pub fn this() -> Result<Self, ApiError> {
        let program = jamey_ipc::launch::own_program().map_err(|error| {
            ApiError::new(ErrorCode::Internal, format!("this program's own file cannot be found: {error}"))
        })?;
        let home = std::env::var("JAMEY_HOME").ok().filter(|home| !home.is_empty());
        Ok(Self { name: name(), program, home })
    }

    /// Refuses a program that the service's account could not read, and that its owner could replace.
    ///
    /// # Errors
    /// `BadRequest` when it lies in somebody's own folders.
    pub fn check(&self, home: Option<&Path>) -> Result<(), ApiError> {
        let people = home.and_then(Path::parent).filter(|people| people.parent().is_some());
        if people.is_none_or(|people| !self.program.starts_with(people)) {
            return Ok(());
        }
        let message = format!(
            "{} lies in a person's own folders, where a service has no business",
            self.program.display()
        );
        Err(ApiError::new(ErrorCode::BadRequest, message)
            .hint("install it for the machine first: install.ps1 -Prefix \"$env:ProgramFiles\\Jamey\""))
    }

    /// What a person should know before it starts.
    #[must_use]
    pub fn warnings(&self, program_files: Option<&Path>) -> Vec<String> {
        let mut warnings = Vec::new();
        if program_files.is_none_or(|folder| !self.program.starts_with(folder)) {
            warnings.push(format!(
                "whoever may write to the folder of {} decides what the service does; the Program Files folder is safe",
                self.program.display()
            ));
        }
        if let Some(home) = &self.home {
            warnings.push(format!(
                "JAMEY_HOME is set, so the service keeps everything in {home}, where its account needs full access; \
                 `icacls \"{home}\" /grant \"{}:(OI)(CI)F\"` gives it that",
                self.account()
            ));
        }
        warnings
    }

    /// Its account.
    #[must_use]
    pub fn account(&self) -> String {
        format!(r"NT SERVICE\{}", self.name)
    }

    /// The words behind the program.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        let home = self.home.iter().flat_map(|home| ["--home".to_owned(), home.clone()]);
        ["service".to_owned()].into_iter().chain(home).collect()
    }

    /// The whole command line, as Windows keeps it.
    #[must_use]
    pub fn line(&self) -> String {
        let program = self.program.to_string_lossy().into_owned();
        let words: Vec<String> =
            [program].iter().chain(&self.words()).map(|word| quote::windows_word(word)).collect();
        words.join(" ")
    }

    /// All of it, for people.
    #[must_use]
    pub fn text(&self) -> String {
        let pauses: Vec<String> = AGAIN_AFTER.iter().map(|pause| format!("{} s", pause.as_secs())).collect();
        format!(
            "name           {}\n\
             command        {}\n\
             account        {}\n\
             starts         with the machine, a little after everything else\n\
             after a crash  again after {}, then no more that day\n",
            self.name,
            self.line(),
            self.account(),
            pauses.join(", "),
        )
    }
}

/// The name by which Windows knows the service.
#[must_use]
pub fn name() -> String {
    service_name("jamey-runtime")
}

/// The folder behind `--home` in a command line as Windows keeps it.
#[must_use]
pub fn home_in(line: &str) -> Option<String> {
    let (_, rest) = line.split_once(" --home ").or_else(|| line.split_once(" \"--home\" "))?;
    let rest = rest.trim();
    let inner = rest.strip_prefix('"').map(|inner| inner.strip_suffix('"').unwrap_or(inner));
    // At the end of a quoted word backslashes are written twice.
    let home = inner.map_or(rest, |inner| inner.trim_end_matches('\\'));
    (!home.is_empty()).then(|| home.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(program: &str, home: Option<&str>) -> Machine {
        Machine { name: "jamey-runtime".to_owned(), program: program.into(), home: home.map(str::to_owned) }
    }

    #[test]
    fn a_program_in_somebodys_own_folders_is_refused() {
        let home = Path::new("/users/ada");
        let error =
            machine("/users/ada/AppData/Local/Programs/Jamey/j.exe", None).check(Some(home)).unwrap_err();
        assert_eq!(error.code, ErrorCode::BadRequest);
        assert!(machine("/users/bob/j.exe", None).check(Some(home)).is_err());
        machine("/programs/Jamey/j.exe", None).check(Some(home)).unwrap();
        machine("/programs/Jamey/j.exe", None).check(Some(Path::new("/root"))).unwrap();
        machine("/programs/Jamey/j.exe", None).check(None).unwrap();
    }

    #[test]
    fn the_command_line_is_quoted_and_the_home_is_read_back() {
        for home in [r"C:\j", r"C:\my jamey", r"C:\my jamey\"] {
            let line = machine(r"C:\Program Files\Jamey\jamey-runtime.exe", Some(home)).line();
            assert!(
                line.starts_with("\"C:\\Program Files\\Jamey\\jamey-runtime.exe\" service --home "),
                "{line}"
            );
            assert_eq!(home_in(&line).unwrap().trim_end_matches('\\'), home.trim_end_matches('\\'));
        }
        assert_eq!(home_in(&machine(r"C:\jamey-runtime.exe", None).line()), None);
    }

    #[test]
    fn what_is_shown_names_command_account_and_what_follows_a_crash() {
        let text = machine(r"C:\P\jamey-runtime.exe", None).text();
        for part in [r"C:\P\jamey-runtime.exe service", r"NT SERVICE\jamey-runtime", "2 s, 10 s, 60 s"] {
            assert!(text.contains(part), "{text}");
        }
    }

    #[test]
    fn a_folder_that_others_may_write_to_and_a_home_are_pointed_out() {
        let files = Some(Path::new("/programs"));
        assert!(machine("/programs/Jamey/j.exe", None).warnings(files).is_empty());
        assert_eq!(machine("/tools/j.exe", Some("/j")).warnings(files).len(), 2);
    }
}
