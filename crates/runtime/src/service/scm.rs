//! The manager of Windows' services (SCM): makes, starts and removes the service of the machine, and is told
//! how the runtime is that it runs.

use std::{
    io,
    path::PathBuf,
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use jamey_ipc::Folders;
use jamey_protocol::{ApiError, ErrorCode};
use windows_registry::LOCAL_MACHINE;
use windows_service::{
    Error,
    service::{
        Service, ServiceAccess, ServiceAction, ServiceActionType, ServiceControl, ServiceControlAccept,
        ServiceErrorControl, ServiceExitCode, ServiceFailureActions, ServiceFailureResetPeriod, ServiceInfo,
        ServiceStartType, ServiceState, ServiceStatus, ServiceType,
    },
    service_control_handler::{self, ServiceControlHandlerResult, ServiceStatusHandle},
    service_manager::{ServiceManager, ServiceManagerAccess},
};

use super::machine::{self, AGAIN_AFTER, DESCRIPTION, FORGOTTEN_AFTER, Machine};

/// How long the service may take to begin or to end; both take a second or two.
const PATIENCE: Duration = Duration::from_secs(60);
const GLANCE: Duration = Duration::from_millis(100);
/// What Windows is told to wait for a change that was begun.
const HINT: Duration = Duration::from_secs(30);
/// How long a shutdown of the machine waits for us.
const BEFORE_SHUTDOWN: Duration = Duration::from_secs(15);

const ACCESS_DENIED: i32 = 5;
const NO_SUCH_SERVICE: i32 = 1060;
const MARKED_FOR_DELETE: i32 = 1072;

/// The name of the service that this process is, and who is told how it is.
static TOLD: OnceLock<(String, ServiceStatusHandle)> = OnceLock::new();
static CHECKPOINT: AtomicU32 = AtomicU32::new(1);

/// What became of an installation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Installed {
    /// It is there now, and runs.
    Now,
    /// It was there, just so, and runs.
    Already,
}

/// Makes the service, or changes the one that is there, and starts it. One that does not run afterwards is
/// taken away again.
///
/// # Errors
/// `Forbidden` without an administrator; else with what Windows says.
pub fn install(machine: &Machine) -> Result<(Installed, Vec<String>), ApiError> {
    let access = ServiceManagerAccess::CONNECT | ServiceManagerAccess::CREATE_SERVICE;
    let scm =
        ServiceManager::local_computer(None::<&str>, access).map_err(|error| refused("reached", &error))?;
    let all = ServiceAccess::QUERY_CONFIG
        | ServiceAccess::CHANGE_CONFIG
        | ServiceAccess::QUERY_STATUS
        | ServiceAccess::START
        | ServiceAccess::STOP
        | ServiceAccess::DELETE;
    let info = info(machine);
    let there = match scm.open_service(&machine.name, all) {
        Ok(service) => Some(service),
        Err(error) if code(&error) == Some(NO_SUCH_SERVICE) => None,
        Err(error) => return Err(refused("opened", &error)),
    };
    let was_there = there.is_some();
    let service = match there {
        Some(service) => {
            let line = service.query_config().map_err(|error| refused("read", &error))?.executable_path;
            if line.to_string_lossy() == machine.line() && state(&service)? == ServiceState::Running {
                return Ok((Installed::Already, Vec::new()));
            }
            stop(&service)?;
            service.change_config(&info).map_err(|error| refused("changed", &error))?;
            service
        }
        None => scm.create_service(&info, all).map_err(|error| refused("made", &error))?,
    };
    let missing = finish(&service);
    let started = service
        .start::<&str>(&[])
        .map_err(|error| refused("started", &error))
        .and_then(|()| reach(&service, ServiceState::Running));
    match started {
        Ok(()) => Ok((Installed::Now, missing)),
        Err(error) => {
            if !was_there {
                let _ = stop(&service);
                let _ = service.delete();
            }
            Err(error)
        }
    }
}

/// The settings that Windows takes one by one. Gives those that it refused, for people.
fn finish(service: &Service) -> Vec<String> {
    let again = AGAIN_AFTER
        .iter()
        .map(|delay| ServiceAction { action_type: ServiceActionType::Restart, delay: *delay });
    let enough = ServiceAction { action_type: ServiceActionType::None, delay: Duration::ZERO };
    let actions = ServiceFailureActions {
        reset_period: ServiceFailureResetPeriod::After(FORGOTTEN_AFTER),
        reboot_msg: None,
        command: None,
        actions: Some(again.chain([enough]).collect()),
    };
    let done = [
        ("its description", service.set_description(DESCRIPTION)),
        ("the delayed start", service.set_delayed_auto_start(true)),
        ("the start after a crash", service.update_failure_actions(actions)),
        ("the start after a failure", service.set_failure_actions_on_non_crash_failures(true)),
        ("the time before a shutdown", service.set_preshutdown_timeout(BEFORE_SHUTDOWN)),
    ];
    done.into_iter()
        .filter_map(|(what, done)| done.err().map(|error| format!("Windows refused {what}: {}", why(&error))))
        .collect()
}

/// Ends and removes the service. Gives the command line that it had, or nothing when there is none.
///
/// # Errors
/// `Forbidden` without an administrator; else with what Windows says.
pub fn uninstall(name: &str) -> Result<Option<String>, ApiError> {
    let scm = ServiceManager::local_computer(None::<&str>, ServiceManagerAccess::CONNECT)
        .map_err(|error| refused("reached", &error))?;
    let access = ServiceAccess::QUERY_CONFIG
        | ServiceAccess::QUERY_STATUS
        | ServiceAccess::STOP
        | ServiceAccess::DELETE;
    let service = match scm.open_service(name, access) {
        Ok(service) => service,
        Err(error) if code(&error) == Some(NO_SUCH_SERVICE) => return Ok(None),
        Err(error) => return Err(refused("opened", &error)),
    };
    let line = service.query_config().map(|config| config.executable_path).unwrap_or_default();
    stop(&service)?;
    match service.delete() {
        Err(error) if code(&error) != Some(MARKED_FOR_DELETE) => Err(refused("removed", &error)),
        _ => Ok(Some(line.to_string_lossy().into_owned())),
    }
}

/// Where a service that was started with this line keeps everything; nothing when it never ran.
#[must_use]
pub fn folders(name: &str, line: &str) -> Option<Folders> {
    if let Some(home) = machine::home_in(line) {
        return Some(Folders::under(&PathBuf::from(home)));
    }
    let profile = profile(name)?;
    let local = profile.join(r"AppData\Local");
    let environment = [("LOCALAPPDATA", local), ("APPDATA", profile.join(r"AppData\Roaming"))];
    let environment = environment.map(|(name, path)| (name.to_owned(), path.to_string_lossy().into_owned()));
    Folders::resolve_with(&environment).ok()
}

/// The folder that Windows made for the account of this service, whose number begins in a way of its own.
fn profile(name: &str) -> Option<PathBuf> {
    const PROFILES: &str = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList";
    let profiles = LOCAL_MACHINE.open(PROFILES).ok()?;
    let mut of_services = profiles.keys().ok()?.filter(|key| key.starts_with("S-1-5-80-"));
    of_services.find_map(|key| {
        let path = PathBuf::from(profiles.open(key).ok()?.get_string("ProfileImagePath").ok()?);
        path.file_name()?.eq_ignore_ascii_case(name).then_some(path)
    })
}

fn info(machine: &Machine) -> ServiceInfo {
    ServiceInfo {
        name: machine.name.clone().into(),
        display_name: "Jamey runtime".into(),
        service_type: ServiceType::OWN_PROCESS,
        start_type: ServiceStartType::AutoStart,
        error_control: ServiceErrorControl::Normal,
        executable_path: machine.program.clone(),
        launch_arguments: machine.words().into_iter().map(Into::into).collect(),
        dependencies: Vec::new(),
        account_name: Some(machine.account().into()),
        account_password: None,
    }
}

fn state(service: &Service) -> Result<ServiceState, ApiError> {
    Ok(service.query_status().map_err(|error| refused("asked how it is", &error))?.current_state)
}

fn stop(service: &Service) -> Result<(), ApiError> {
    if state(service)? != ServiceState::Stopped {
        // One that ends by itself meanwhile refuses, which is as well.
        let _ = service.stop();
        reach(service, ServiceState::Stopped)?;
    }
    Ok(())
}

/// Waits until the service is so.
fn reach(service: &Service, wanted: ServiceState) -> Result<(), ApiError> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let status = service.query_status().map_err(|error| refused("asked how it is", &error))?;
        if status.current_state == wanted {
            return Ok(());
        }
        if status.current_state == ServiceState::Stopped {
            let how = match status.exit_code {
                ServiceExitCode::ServiceSpecific(code) => format!("its own code {code}"),
                ServiceExitCode::Win32(code) => format!("code {code} of Windows"),
            };
            return Err(ApiError::new(
                ErrorCode::Internal,
                format!("the service ended while starting, with {how}"),
            )
            .hint("look at start.log and runtime.log in the logs folder of its account"));
        }
        if Instant::now() >= deadline {
            let message =
                format!("the service is still {:?} after {} s", status.current_state, PATIENCE.as_secs());
            return Err(ApiError::new(ErrorCode::Internal, message).hint("look at it: services.msc"));
        }
        std::thread::sleep(GLANCE);
    }
}

fn code(error: &Error) -> Option<i32> {
    match error {
        Error::Winapi(error) => error.raw_os_error(),
        _ => None,
    }
}

fn why(error: &Error) -> String {
    match error {
        Error::Winapi(error) => error.to_string(),
        error => error.to_string(),
    }
}

fn refused(what: &str, error: &Error) -> ApiError {
    if code(error) == Some(ACCESS_DENIED) {
        return ApiError::new(ErrorCode::Forbidden, "a service of the whole machine needs an administrator")
            .hint(
                "open a terminal with \"Run as administrator\" and repeat this there, or leave --system away",
            );
    }
    ApiError::new(ErrorCode::Internal, format!("the service cannot be {what}: {}", why(error)))
        .hint("look at it: services.msc")
}

/// Begins to be the service of this name; `end` is called when Windows wants it to end.
///
/// # Errors
/// When Windows does not know of it.
pub fn begin(name: &str, end: impl Fn() + Send + 'static) -> io::Result<()> {
    let heard = move |control: ServiceControl| match control {
        ServiceControl::Stop | ServiceControl::Shutdown | ServiceControl::Preshutdown => {
            stopping();
            end();
            ServiceControlHandlerResult::NoError
        }
        ServiceControl::Interrogate => ServiceControlHandlerResult::NoError,
        _ => ServiceControlHandlerResult::NotImplemented,
    };
    let told =
        service_control_handler::register(name, heard).map_err(|error| io::Error::other(why(&error)))?;
    let _ = TOLD.set((name.to_owned(), told));
    tell(ServiceState::StartPending, ServiceExitCode::NO_ERROR);
    Ok(())
}

/// The name of the service that this process is, if it is one.
#[must_use]
pub fn own_name() -> Option<&'static str> {
    TOLD.get().map(|(name, _)| name.as_str())
}

/// Says that the socket answers.
pub fn ready() {
    tell(ServiceState::Running, ServiceExitCode::NO_ERROR);
}

/// Says that the end has begun.
pub fn stopping() {
    tell(ServiceState::StopPending, ServiceExitCode::NO_ERROR);
}

/// Says that it has ended; a code other than 0 makes Windows start it again.
pub fn stopped(code: u8) {
    let code = match code {
        0 => ServiceExitCode::NO_ERROR,
        code => ServiceExitCode::ServiceSpecific(code.into()),
    };
    tell(ServiceState::Stopped, code);
}

fn tell(state: ServiceState, exit_code: ServiceExitCode) {
    let Some((_, told)) = TOLD.get() else { return };
    let is_pending = matches!(state, ServiceState::StartPending | ServiceState::StopPending);
    let controls_accepted = match state {
        ServiceState::Running => {
            ServiceControlAccept::STOP | ServiceControlAccept::SHUTDOWN | ServiceControlAccept::PRESHUTDOWN
        }
        _ => ServiceControlAccept::empty(),
    };
    let status = ServiceStatus {
        service_type: ServiceType::OWN_PROCESS,
        current_state: state,
        controls_accepted,
        exit_code,
        checkpoint: if is_pending { CHECKPOINT.fetch_add(1, Ordering::Relaxed) } else { 0 },
        wait_hint: if is_pending { HINT } else { Duration::ZERO },
        process_id: None,
    };
    if let Err(error) = told.set_service_status(status) {
        tracing::warn!("Windows could not be told how the service is: {}", why(&error));
    }
}
