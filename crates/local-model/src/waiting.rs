//! How threads wait for each other while they compute.
//!
//! They meet hundreds of times for every token. Spinning until the others come is fastest on a quiet
//! computer and ruinous on a busy one, where the others are not running at all. So they spin for some
//! microseconds and then sleep. libgomp reads this from the environment before `main` begins, hence the
//! second start.

/// Spins of a few nanoseconds each. Measured with two threads on two cores: with 5,000 a quiet computer
/// generates as fast as with libgomp's own 300,000, with 1,000 about a fifth slower. Beside one busy program
/// 5,000 is a fifth slower than 300,000, beside two it is twice as fast (docs/performance.md).
#[cfg(all(target_os = "linux", feature = "openmp"))]
const SPINS: &str = "5000";

/// Starts this program again with the waiting set right, unless the environment says something already.
/// Returns if that is not needed or not possible.
pub fn settle() {
    #[cfg(all(target_os = "linux", feature = "openmp"))]
    {
        use std::os::unix::process::CommandExt;
        let decided =
            ["GOMP_SPINCOUNT", "OMP_WAIT_POLICY"].iter().any(|name| std::env::var_os(name).is_some());
        if let (false, Ok(program)) = (decided, std::env::current_exe()) {
            // The same process goes on: its id, stdin and stdout stay. On failure the old program does.
            let _ = std::process::Command::new(program)
                .args(std::env::args_os().skip(1))
                .env("GOMP_SPINCOUNT", SPINS)
                .exec();
        }
    }
}
