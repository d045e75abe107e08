//! One running text: the key and value cache, and the logits after its last token.

use std::ffi::c_void;
use std::sync::Arc;

use llama_cpp_sys_2 as sys;

use super::model::{Model, Token};
use crate::cancel::Cancellation;

/// How to open a context.
#[derive(Debug, Clone, Copy)]
pub struct ContextOptions {
    /// Tokens of room.
    pub tokens: u32,
    /// Threads to compute with.
    pub threads: i32,
    /// Tokens computed in one go.
    pub batch: u32,
}

/// Why a batch was not computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecodeError {
    /// The running job was cancelled.
    Cancelled,
    /// No room is left.
    Full,
    /// llama.cpp gave up, with this number.
    Failed(i32),
}

/// A running text over a model's weights, used by one thread at a time.
#[derive(Debug)]
pub struct Context<'m> {
    raw: *mut sys::llama_context,
    pool: *mut sys::ggml_threadpool,
    model: &'m Model,
    // llama.cpp holds a pointer into this for its abort callback.
    _cancellation: Arc<Cancellation>,
}

const SEQUENCE: sys::llama_seq_id = 0;

impl<'m> Context<'m> {
    /// Opens a context; `None` when memory does not suffice.
    pub fn open(model: &'m Model, options: ContextOptions, cancellation: Arc<Cancellation>) -> Option<Self> {
        // SAFETY: the cancellation is kept by the context and so outlives the pointer in it.
        let raw = unsafe {
            let mut params = sys::llama_context_default_params();
            params.n_ctx = options.tokens;
            params.n_batch = options.batch;
            params.n_ubatch = options.batch;
            params.n_seq_max = 1;
            // Only the last token's logits are ever read; room for the others would cost hundreds of megabytes.
            params.n_outputs_max = 1;
            params.n_threads = options.threads;
            params.n_threads_batch = options.threads;
            params.abort_callback = Some(cancelled);
            params.abort_callback_data = Arc::as_ptr(&cancellation).cast_mut().cast::<c_void>();
            sys::llama_init_from_model(model.raw, params)
        };
        if raw.is_null() {
            return None;
        }
        // SAFETY: a pool of its own keeps the threads between tokens; it is freed after the context.
        let pool = unsafe {
            let mut params = sys::ggml_threadpool_params_default(options.threads);
            let pool = sys::ggml_threadpool_new(&raw mut params);
            if !pool.is_null() {
                sys::llama_attach_threadpool(raw, pool, pool);
            }
            pool
        };
        Some(Self { raw, pool, model, _cancellation: cancellation })
    }

    /// Tokens of room.
    pub fn room(&self) -> usize {
        // SAFETY: the context is open.
        unsafe { sys::llama_n_ctx(self.raw) as usize }
    }

    /// Computes `tokens` behind what is there already. On an error the cache holds an unknown part of them.
    pub fn decode(&mut self, tokens: &[Token]) -> Result<(), DecodeError> {
        let count = i32::try_from(tokens.len()).map_err(|_| DecodeError::Full)?;
        // SAFETY: llama.cpp only reads the tokens, and keeps no pointer to them.
        let answer = unsafe {
            sys::llama_decode(self.raw, sys::llama_batch_get_one(tokens.as_ptr().cast_mut(), count))
        };
        match answer {
            0 => Ok(()),
            1 => Err(DecodeError::Full),
            2 => Err(DecodeError::Cancelled),
            other => Err(DecodeError::Failed(other)),
        }
    }

    /// Keeps the first `keep` tokens of the text; false when this kind of model cannot, and all was forgotten.
    pub fn truncate(&mut self, keep: usize) -> bool {
        // SAFETY: the context is open.
        unsafe {
            let memory = sys::llama_get_memory(self.raw);
            let from = i32::try_from(keep).unwrap_or(i32::MAX);
            let kept = sys::llama_memory_seq_rm(memory, SEQUENCE, from, -1);
            if !kept {
                sys::llama_memory_clear(memory, true);
            }
            kept
        }
    }

    /// The scores of every token to come next, after a successful decode.
    pub fn logits(&self) -> &[f32] {
        // SAFETY: the last row of the last batch exists after a decode and has a score a token.
        unsafe {
            let row = sys::llama_get_logits_ith(self.raw, -1);
            if row.is_null() { &[] } else { std::slice::from_raw_parts(row, self.model.vocabulary()) }
        }
    }

    /// A copy of the cache, to be given to `restore` of an equal context later.
    pub fn save(&self) -> Option<Vec<u8>> {
        // SAFETY: the buffer has the size that was asked for.
        unsafe {
            let mut state = vec![0_u8; sys::llama_state_seq_get_size(self.raw, SEQUENCE)];
            let n = sys::llama_state_seq_get_data(self.raw, state.as_mut_ptr(), state.len(), SEQUENCE);
            (n == state.len() && n > 0).then_some(state)
        }
    }

    /// Puts a saved cache in place of the present one; false when it does not fit, and all was forgotten.
    pub fn restore(&mut self, state: &[u8]) -> bool {
        // SAFETY: the buffer is passed with its length; the caller has checked that it is undamaged.
        unsafe {
            sys::llama_memory_clear(sys::llama_get_memory(self.raw), true);
            let fits = sys::llama_state_seq_set_data(self.raw, state.as_ptr(), state.len(), SEQUENCE) != 0;
            if !fits {
                sys::llama_memory_clear(sys::llama_get_memory(self.raw), true);
            }
            fits
        }
    }
}

impl Drop for Context<'_> {
    fn drop(&mut self) {
        // SAFETY: both were opened by `open`; the pool goes after its last user.
        unsafe {
            sys::llama_free(self.raw);
            if !self.pool.is_null() {
                sys::ggml_threadpool_free(self.pool);
            }
        }
    }
}

unsafe extern "C" fn cancelled(data: *mut c_void) -> bool {
    // SAFETY: points to the `Cancellation` that the context keeps alive.
    unsafe { &*data.cast::<Cancellation>() }.current_is_cancelled()
}
