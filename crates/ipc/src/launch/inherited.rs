//! Descriptors that a caller leaked to a process which outlives it.

/// Closes every descriptor above standard error that this program was started with. To be called
/// first in a resident program's `main`: a lock that a script holds on descriptor 9 would else be
/// held as long as the program lives.
///
/// What Rust opens by itself is marked not to be inherited and is left alone. Only Linux lists what
/// is open; elsewhere this does nothing.
pub fn close_inherited() {
    #[cfg(target_os = "linux")]
    for descriptor in inherited() {
        // One that is gone by now needs no closing.
        let _ = nix::unistd::close(descriptor);
    }
}

/// In the kernel's octal notation of a descriptor's flags.
#[cfg(target_os = "linux")]
const CLOSE_ON_EXEC: u32 = 0o2_000_000;

#[cfg(target_os = "linux")]
fn inherited() -> Vec<i32> {
    let Ok(open) = std::fs::read_dir("/proc/self/fdinfo") else { return Vec::new() };
    let numbers = open.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    numbers.filter(|fd| *fd > 2 && flags(*fd).is_some_and(|flags| flags & CLOSE_ON_EXEC == 0)).collect()
}

#[cfg(target_os = "linux")]
fn flags(fd: i32) -> Option<u32> {
    let text = std::fs::read_to_string(format!("/proc/self/fdinfo/{fd}")).ok()?;
    let flags = text.lines().find_map(|line| line.strip_prefix("flags:"))?;
    u32::from_str_radix(flags.trim(), 8).ok()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    /// Tells the inner run of the test below from the outer one.
    const INNER: &str = "JAMEY_TEST_CLOSES_INHERITED";

    #[test]
    fn a_leaked_descriptor_is_closed_and_our_own_files_stay() {
        if std::env::var_os(INNER).is_some() {
            let own = std::fs::File::open("/dev/null").unwrap();
            assert!(inherited().contains(&9));
            close_inherited();
            assert_eq!(inherited(), Vec::<i32>::new());
            own.metadata().unwrap();
            return;
        }
        let name = "launch::inherited::tests::a_leaked_descriptor_is_closed_and_our_own_files_stay";
        let status = std::process::Command::new("sh")
            .args(["-c", "exec \"$0\" --exact \"$1\" 9>/dev/null"])
            .arg(std::env::current_exe().unwrap())
            .arg(name)
            .env(INNER, "1")
            .output()
            .unwrap();
        assert!(status.status.success(), "{}", String::from_utf8_lossy(&status.stdout));
    }
}
