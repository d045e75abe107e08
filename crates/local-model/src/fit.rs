//! Whether a model fits this computer, decided before loading it.

use crate::error::StartError;
use crate::llama::GgufFile;

/// The smallest context worth starting with.
pub const LEAST_CONTEXT: u64 = 512;
/// What is taken when the caller leaves the choice to us.
pub const USUAL_CONTEXT: u64 = 8192;
/// Code, tables, compute buffers and the conversation itself.
const OVERHEAD_BYTES: u64 = 250 << 20;
const MB: u64 = 1 << 20;

/// The context to open: what was asked, unless the model or the memory allow only less. 0 asks for the usual.
pub fn context_for(model: &GgufFile, asked: u64, available_bytes: u64) -> Result<u32, StartError> {
    let asked = if asked == 0 { USUAL_CONTEXT } else { asked };
    let trained = if model.trained_context == 0 { USUAL_CONTEXT } else { model.trained_context };
    let wanted = asked.min(trained).max(LEAST_CONTEXT.min(trained));
    let fixed = model.file_bytes.saturating_add(OVERHEAD_BYTES);
    let per_token = model.cache_bytes_per_token.max(1);
    let affordable = available_bytes.saturating_sub(fixed) / per_token;
    if affordable < LEAST_CONTEXT.min(wanted) {
        let needed = fixed.saturating_add(per_token.saturating_mul(LEAST_CONTEXT.min(wanted)));
        return Err(StartError::TooLittleMemory {
            needed_mb: needed.div_ceil(MB),
            available_mb: available_bytes / MB,
        });
    }
    Ok(u32::try_from(wanted.min(affordable)).unwrap_or(u32::MAX))
}

/// Bytes that could be had without swapping, within the limits of a container.
pub fn available_memory() -> u64 {
    // Where it cannot be known, trying is better than refusing.
    let Ok(mut system) = sysinfo::System::new() else { return u64::MAX };
    system.refresh_memory();
    let free = system.available_memory();
    system.cgroup_limits().map_or(free, |limits| free.min(limits.free_memory))
}

/// Threads to compute with: one a physical core, for a second one on a core only waits for the first.
pub fn usual_threads() -> usize {
    let allowed = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    sysinfo::System::physical_core_count().map_or(allowed, |cores| cores.min(allowed)).max(1)
}

/// Refuses a processor that would die of an illegal instruction.
pub fn check_processor() -> Result<(), StartError> {
    #[cfg(target_arch = "x86_64")]
    {
        // What ggml is built with unless told otherwise.
        let needs = [
            ("AVX2", std::arch::is_x86_feature_detected!("avx2")),
            ("FMA", std::arch::is_x86_feature_detected!("fma")),
            ("F16C", std::arch::is_x86_feature_detected!("f16c")),
            ("BMI2", std::arch::is_x86_feature_detected!("bmi2")),
        ];
        if let Some((missing, _)) = needs.into_iter().find(|(_, present)| !present) {
            return Err(StartError::UnsupportedProcessor(missing));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model() -> GgufFile {
        GgufFile {
            file_bytes: 1_100 * MB,
            architecture: "qwen2".to_owned(),
            trained_context: 32_768,
            cache_bytes_per_token: 28 * 1024,
            vocabulary: 151_936,
        }
    }

    #[test]
    fn a_modest_wish_is_granted() {
        assert_eq!(context_for(&model(), 4096, 8192 * MB), Ok(4096));
        assert_eq!(context_for(&model(), 0, 8192 * MB), Ok(8192));
    }

    #[test]
    fn an_absurd_context_is_cut_to_what_the_model_was_trained_for() {
        assert_eq!(context_for(&model(), 200_000_000, 64 * 1024 * MB), Ok(32_768));
        assert_eq!(context_for(&model(), u64::MAX, 64 * 1024 * MB), Ok(32_768));
    }

    #[test]
    fn a_context_beyond_the_memory_is_cut_to_the_memory() {
        let context = context_for(&model(), 32_768, 1_600 * MB).unwrap();
        assert!((1_000..32_768).contains(&context), "{context}");
    }

    #[test]
    fn a_tiny_context_is_raised_to_a_usable_one() {
        assert_eq!(context_for(&model(), 1, 8192 * MB), Ok(512));
    }

    #[test]
    fn too_little_memory_is_said_in_numbers() {
        let refused = context_for(&model(), 4096, 1_000 * MB);
        assert_eq!(refused, Err(StartError::TooLittleMemory { needed_mb: 1364, available_mb: 1000 }));
    }

    #[test]
    fn hostile_numbers_in_the_file_do_not_overflow() {
        let hostile = GgufFile {
            file_bytes: u64::MAX,
            trained_context: u64::MAX,
            cache_bytes_per_token: u64::MAX,
            ..model()
        };
        assert!(context_for(&hostile, u64::MAX, u64::MAX).is_err());
    }
}
