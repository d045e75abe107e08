//! Loaded weights and their vocabulary.

use std::ffi::{CStr, CString, c_void};
use std::path::Path;
use std::sync::Once;

use llama_cpp_sys_2 as sys;

/// A word piece of the model's vocabulary.
pub type Token = sys::llama_token;

/// Weights in memory. Read-only after loading.
#[derive(Debug)]
pub struct Model {
    pub(super) raw: *mut sys::llama_model,
    pub(super) vocab: *const sys::llama_vocab,
}

static BACKEND: Once = Once::new();

/// The version of the llama.cpp inside, for naming caches that depend on it.
pub fn version() -> String {
    // SAFETY: returns a static NUL-terminated string.
    let version = unsafe { CStr::from_ptr(sys::llama_version()) }.to_string_lossy();
    format!("{} {version}", env!("JAMEY_LLAMA_SOURCES"))
}

impl Model {
    /// Loads the weights of `path`, asking `go_on` now and then; `None` when it failed or was told to stop.
    pub fn load(path: &Path, go_on: &mut dyn FnMut() -> bool) -> Option<Self> {
        // SAFETY: initialises global tables, once.
        BACKEND.call_once(|| unsafe { sys::llama_backend_init() });
        let path = CString::new(path.to_str()?).ok()?;
        let mut go_on = go_on;
        // SAFETY: `go_on` outlives the call, which is the only time the callback runs.
        let raw = unsafe {
            let mut params = sys::llama_model_default_params();
            params.progress_callback = Some(ask);
            params.progress_callback_user_data = (&raw mut go_on).cast::<c_void>();
            sys::llama_model_load_from_file(path.as_ptr(), params)
        };
        if raw.is_null() {
            return None;
        }
        // SAFETY: the model is open; its vocabulary lives as long as it does.
        let vocab = unsafe { sys::llama_model_get_vocab(raw) };
        Some(Self { raw, vocab })
    }

    /// Cuts `text` into tokens. Only when `special` is set do control words in it count as control tokens.
    pub fn tokenize(&self, text: &str, special: bool) -> Vec<Token> {
        let length = i32::try_from(text.len()).unwrap_or(i32::MAX);
        let mut out = vec![0; text.len() + 4];
        // SAFETY: both buffers are passed with their lengths, and a text has at most a token a byte.
        let n = unsafe {
            sys::llama_tokenize(
                self.vocab,
                text.as_ptr().cast(),
                length,
                out.as_mut_ptr(),
                i32::try_from(out.len()).unwrap_or(i32::MAX),
                false,
                special,
            )
        };
        out.truncate(usize::try_from(n).unwrap_or(0));
        out
    }

    /// Appends the bytes of `token` to `out`; they need not be whole characters.
    pub fn write_piece(&self, token: Token, special: bool, out: &mut Vec<u8>) {
        let mut piece = [0_u8; 256];
        // SAFETY: the buffer is passed with its length; a negative answer means it was too small.
        let n = unsafe {
            sys::llama_token_to_piece(self.vocab, token, piece.as_mut_ptr().cast(), 256, 0, special)
        };
        if let Ok(n) = usize::try_from(n) {
            out.extend_from_slice(&piece[..n.min(256)]);
        }
    }

    /// Whether `token` ends an answer.
    pub fn ends_answer(&self, token: Token) -> bool {
        // SAFETY: the vocabulary is alive; unknown tokens are answered with false.
        unsafe { sys::llama_vocab_is_eog(self.vocab, token) }
    }

    /// The token with which the model ends an answer.
    pub fn ending(&self) -> Token {
        // SAFETY: the vocabulary is alive.
        unsafe { sys::llama_vocab_eos(self.vocab) }
    }

    /// The token that opens a text, for models that want one.
    pub fn opening(&self) -> Option<Token> {
        // SAFETY: the vocabulary is alive.
        unsafe { sys::llama_vocab_get_add_bos(self.vocab).then(|| sys::llama_vocab_bos(self.vocab)) }
    }

    /// How many tokens the vocabulary has.
    pub fn vocabulary(&self) -> usize {
        // SAFETY: the vocabulary is alive.
        usize::try_from(unsafe { sys::llama_vocab_n_tokens(self.vocab) }).unwrap_or(0)
    }

    /// The words that stand for control tokens, such as `<|im_end|>`.
    pub fn control_words(&self) -> Vec<String> {
        let count = i32::try_from(self.vocabulary()).unwrap_or(0);
        (0..count)
            // SAFETY: the token is inside the vocabulary.
            .filter(
                |&t| unsafe { sys::llama_vocab_get_attr(self.vocab, t) } & sys::LLAMA_TOKEN_ATTR_CONTROL != 0,
            )
            .filter_map(|t| {
                let mut word = Vec::new();
                self.write_piece(t, true, &mut word);
                String::from_utf8(word).ok().filter(|w| w.len() > 1)
            })
            .collect()
    }
}

impl Drop for Model {
    fn drop(&mut self) {
        // SAFETY: loaded by `load`, freed once; contexts borrow the model and are gone by now.
        unsafe { sys::llama_model_free(self.raw) };
    }
}

unsafe extern "C" fn ask(_progress: f32, user: *mut c_void) -> bool {
    // SAFETY: `load` passes a pointer to its `&mut dyn FnMut`, which outlives the load.
    let go_on = unsafe { &mut *user.cast::<&mut dyn FnMut() -> bool>() };
    go_on()
}
