//! A task of Windows' Task Scheduler: starts the runtime when this person logs on, and needs no
//! administrator. The text is made and tested everywhere.
//!
//! The scheduler is spoken to through `schtasks.exe`: its exit code says the same in every language, and its
//! own interface would need unsafe code here.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::{about::About, keeper, quote};

/// A task as it is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// Its name. All accounts of a machine share the names, so the account is part of it.
    pub name: String,
    /// What the scheduler reads (Task Scheduler Schema, version 1.2).
    pub xml: String,
}

impl Task {
    /// Makes it for this runtime.
    #[must_use]
    pub fn new(about: &About) -> Self {
        let words = keeper::arguments(about);
        // Windows writes the text anew in its own way; by this mark it is known again.
        let mut mark = DefaultHasher::new();
        (env!("CARGO_PKG_VERSION"), &about.keeper, &words, &about.account).hash(&mut mark);
        let arguments = match words.is_empty() {
            true => String::new(),
            false => format!("      <Arguments>{}</Arguments>\n", quote::xml(&words)),
        };
        let xml = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-16\"?>\n\
             <Task version=\"1.2\" xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\">\n\
             \x20 <RegistrationInfo>\n\
             \x20   <Author>Jamey</Author>\n\
             \x20   <Description>Starts Jamey's runtime when you log on. Written by `jamey runtime install`; \
             `jamey runtime uninstall` removes it.</Description>\n\
             \x20   <Documentation>{mark:016x}</Documentation>\n\
             \x20 </RegistrationInfo>\n\
             \x20 <Triggers>\n\
             \x20   <LogonTrigger>\n\
             \x20     <Enabled>true</Enabled>\n\
             \x20     <UserId>{account}</UserId>\n\
             \x20   </LogonTrigger>\n\
             \x20 </Triggers>\n\
             \x20 <Principals>\n\
             \x20   <Principal id=\"Author\">\n\
             \x20     <UserId>{account}</UserId>\n\
             \x20     <LogonType>InteractiveToken</LogonType>\n\
             \x20     <RunLevel>LeastPrivilege</RunLevel>\n\
             \x20   </Principal>\n\
             \x20 </Principals>\n\
             \x20 <Settings>\n\
             \x20   <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>\n\
             \x20   <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>\n\
             \x20   <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>\n\
             \x20   <AllowHardTerminate>true</AllowHardTerminate>\n\
             \x20   <StartWhenAvailable>true</StartWhenAvailable>\n\
             \x20   <RunOnlyIfNetworkAvailable>false</RunOnlyIfNetworkAvailable>\n\
             \x20   <IdleSettings>\n\
             \x20     <StopOnIdleEnd>false</StopOnIdleEnd>\n\
             \x20     <RestartOnIdle>false</RestartOnIdle>\n\
             \x20   </IdleSettings>\n\
             \x20   <AllowStartOnDemand>true</AllowStartOnDemand>\n\
             \x20   <Enabled>true</Enabled>\n\
             \x20   <Hidden>false</Hidden>\n\
             \x20   <RunOnlyIfIdle>false</RunOnlyIfIdle>\n\
             \x20   <WakeToRun>false</WakeToRun>\n\
             \x20   <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>\n\
             \x20   <Priority>5</Priority>\n\
             \x20   <RestartOnFailure>\n\
             \x20     <Interval>PT1M</Interval>\n\
             \x20     <Count>3</Count>\n\
             \x20   </RestartOnFailure>\n\
             \x20 </Settings>\n\
             \x20 <Actions Context=\"Author\">\n\
             \x20   <Exec>\n\
             \x20     <Command>{program}</Command>\n\
             {arguments}\
             \x20   </Exec>\n\
             \x20 </Actions>\n\
             </Task>\n",
            mark = mark.finish(),
            account = quote::xml(&about.account),
            program = quote::xml(&about.keeper),
        );
        Self { name: format!("{}-runtime-{}", about.name, about.account), xml }
    }

    /// What keeps a task from starting this runtime, if anything: the scheduler replaces variables in what
    /// it starts and offers no way to write a percent sign that is none.
    #[must_use]
    pub fn unfit(about: &About) -> Option<&'static str> {
        let line = keeper::line(about);
        (line.contains('%') || line.contains("$(")).then_some(
            "its path has a sign that Task Scheduler takes for a variable, so the registry's Run key is used",
        )
    }

    /// The text as the file that `schtasks.exe` reads.
    #[must_use]
    pub fn file(&self) -> Vec<u8> {
        const MARK: u16 = 0xfeff;
        [MARK].into_iter().chain(self.xml.encode_utf16()).flat_map(u16::to_le_bytes).collect()
    }
}

#[cfg(windows)]
mod scheduler {
    //! Asking the scheduler.

    use std::{os::windows::process::CommandExt as _, process::Command};

    use jamey_ipc::launch::windows_program;
    use jamey_protocol::{ApiError, ErrorCode};

    use super::Task;

    const CREATE_NO_WINDOW: u32 = 0x0800_0000;

    impl Task {
        /// Where it is, for people.
        #[must_use]
        pub fn place(&self) -> String {
            format!("Task Scheduler: {}", self.name)
        }

        /// Whether the scheduler has it so already.
        #[must_use]
        pub fn is_there(&self) -> bool {
            let mark = |xml: &str| {
                let (_, rest) = xml.split_once("<Documentation>")?;
                Some(rest.split_once('<')?.0.to_owned())
            };
            self.body().is_some_and(|body| mark(&body).is_some() && mark(&body) == mark(&self.xml))
        }

        /// Whether the scheduler has one of this name.
        #[must_use]
        pub fn exists(&self) -> bool {
            self.body().is_some()
        }

        /// The task of this name as the scheduler has it, if it could be put back so: letters that the
        /// console's page lacks come as question marks.
        #[must_use]
        pub fn now(&self) -> Option<Self> {
            let body = self.body().filter(|body| body.is_ascii() && !body.contains('?'))?;
            let xml = format!("<?xml version=\"1.0\" encoding=\"UTF-16\"?>\n{body}");
            Some(Self { name: self.name.clone(), xml })
        }

        fn body(&self) -> Option<String> {
            let said = schtasks(&["/Query", "/TN", &self.name, "/XML"]).ok()?;
            said.find("<Task ").and_then(|from| said.get(from..)).map(str::to_owned)
        }

        /// Hands it to the scheduler, in the place of one of this name.
        ///
        /// # Errors
        /// With what the scheduler says.
        pub fn write(&self) -> Result<(), ApiError> {
            let file = std::env::temp_dir().join(format!("{}-{}.xml", self.name, std::process::id()));
            std::fs::write(&file, self.file()).map_err(|error| {
                ApiError::new(ErrorCode::Storage, format!("{} cannot be written: {error}", file.display()))
            })?;
            let done = schtasks(&["/Create", "/TN", &self.name, "/XML", &file.to_string_lossy(), "/F"]);
            // One that stays is the temporary folder's.
            let _ = std::fs::remove_file(&file);
            done.map(drop)
        }

        /// Takes it from the scheduler, if it has it.
        ///
        /// # Errors
        /// With what the scheduler says.
        pub fn remove(&self) -> Result<bool, ApiError> {
            let was = self.exists();
            match schtasks(&["/Delete", "/TN", &self.name, "/F"]) {
                Err(error) if was => Err(error),
                done => Ok(was && done.is_ok()),
            }
        }

        /// Lets the scheduler start it now.
        ///
        /// # Errors
        /// With what the scheduler says.
        pub fn run(&self) -> Result<(), ApiError> {
            schtasks(&["/Run", "/TN", &self.name]).map(drop)
        }
    }

    fn schtasks(words: &[&str]) -> Result<String, ApiError> {
        let failed = |why: &str| {
            ApiError::new(ErrorCode::Internal, format!("Task Scheduler refused ({}): {why}", words.join(" ")))
                .hint("look whether your organisation forbids tasks: taskschd.msc")
        };
        let output = Command::new(windows_program("schtasks.exe"))
            .args(words)
            .stdin(std::process::Stdio::null())
            .creation_flags(CREATE_NO_WINDOW)
            .output()
            .map_err(|error| failed(&error.to_string()))?;
        if output.status.success() {
            return Ok(text(&output.stdout));
        }
        let said = text(&output.stderr);
        Err(failed(if said.trim().is_empty() { "it gave no reason" } else { said.trim() }))
    }

    /// It writes in the console's page of letters, or in UTF-16 with its mark.
    fn text(bytes: &[u8]) -> String {
        if let Some(wide) = bytes.strip_prefix(&[0xff, 0xfe]) {
            let units: Vec<u16> = wide.as_chunks::<2>().0.iter().copied().map(u16::from_le_bytes).collect();
            return String::from_utf16_lossy(&units);
        }
        String::from_utf8_lossy(bytes).into_owned()
    }
}
