//! Reads the head of a GGUF file: enough to refuse a bad file and to estimate memory before loading.

use std::ffi::{CStr, CString};
use std::fs::File;
use std::io::Read;
use std::path::Path;

use llama_cpp_sys_2 as sys;

/// What the head of a GGUF file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GgufFile {
    /// Bytes on disk.
    pub file_bytes: u64,
    /// The architecture name, such as `qwen2`.
    pub architecture: String,
    /// Tokens the model was trained to look back on.
    pub trained_context: u64,
    /// Bytes of key and value cache that one token of context takes (16-bit entries).
    pub cache_bytes_per_token: u64,
    /// Words in the vocabulary.
    pub vocabulary: u64,
}

/// Why a file is no usable GGUF file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GgufProblem {
    /// It cannot be opened or read.
    Unreadable(String),
    /// It does not begin as GGUF files do.
    NotGguf,
    /// Its head is damaged, or it ends before its last tensor does.
    Damaged(String),
}

impl GgufFile {
    /// Reads the head of `path` and checks that all tensors lie inside the file.
    pub fn read(path: &Path) -> Result<Self, GgufProblem> {
        let unreadable = |e: std::io::Error| GgufProblem::Unreadable(e.to_string());
        let mut file = File::open(path).map_err(unreadable)?;
        let about = file.metadata().map_err(unreadable)?;
        if !about.is_file() {
            return Err(GgufProblem::Unreadable("not a regular file".to_owned()));
        }
        let mut magic = [0_u8; 4];
        if file.read_exact(&mut magic).is_err() || &magic != b"GGUF" {
            return Err(GgufProblem::NotGguf);
        }
        let head =
            Head::open(path).ok_or_else(|| GgufProblem::Damaged("its head cannot be read".to_owned()))?;
        head.summary(about.len())
    }
}

struct Head(*mut sys::gguf_context);

impl Head {
    fn open(path: &Path) -> Option<Self> {
        let path = CString::new(path.to_str()?).ok()?;
        let params = sys::gguf_init_params { no_alloc: true, ctx: std::ptr::null_mut() };
        // SAFETY: the path is NUL-terminated; with `no_alloc` and no context only the head is read.
        let opened = unsafe { sys::gguf_init_from_file(path.as_ptr(), params) };
        (!opened.is_null()).then_some(Self(opened))
    }

    fn summary(&self, file_bytes: u64) -> Result<GgufFile, GgufProblem> {
        let ends = self.data_end();
        if ends > u128::from(file_bytes) {
            return Err(GgufProblem::Damaged(format!(
                "it has {file_bytes} bytes and should have at least {ends}"
            )));
        }
        let architecture = self
            .text("general.architecture")
            .ok_or_else(|| GgufProblem::Damaged("it does not name its architecture".to_owned()))?;
        let number = |key: &str| self.number(&format!("{architecture}.{key}"));
        let layers = number("block_count").unwrap_or(0);
        let heads = number("attention.head_count").unwrap_or(1).max(1);
        let cached_heads = number("attention.head_count_kv").unwrap_or(heads);
        let per_head = number("embedding_length").unwrap_or(0) / heads;
        let key = number("attention.key_length").unwrap_or(per_head);
        let value = number("attention.value_length").unwrap_or(per_head);
        Ok(GgufFile {
            file_bytes,
            trained_context: number("context_length").unwrap_or(0),
            cache_bytes_per_token: layers
                .saturating_mul(cached_heads)
                .saturating_mul(key.saturating_add(value))
                .saturating_mul(2),
            vocabulary: self.length("tokenizer.ggml.tokens"),
            architecture,
        })
    }

    fn data_end(&self) -> u128 {
        // SAFETY: the context is open and the index below its number of tensors.
        unsafe {
            let start = sys::gguf_get_data_offset(self.0) as u128;
            (0..sys::gguf_get_n_tensors(self.0))
                .map(|i| {
                    start
                        + sys::gguf_get_tensor_offset(self.0, i) as u128
                        + sys::gguf_get_tensor_size(self.0, i) as u128
                })
                .max()
                .unwrap_or(start)
        }
    }

    fn find(&self, key: &str) -> Option<i64> {
        let key = CString::new(key).ok()?;
        // SAFETY: the context is open, the key NUL-terminated.
        let id = unsafe { sys::gguf_find_key(self.0, key.as_ptr()) };
        (id >= 0).then_some(id)
    }

    fn text(&self, key: &str) -> Option<String> {
        let id = self.find(key)?;
        // SAFETY: the id is valid, and the value is read as text only when it is text.
        unsafe {
            (sys::gguf_get_kv_type(self.0, id) == sys::GGUF_TYPE_STRING)
                .then(|| CStr::from_ptr(sys::gguf_get_val_str(self.0, id)).to_string_lossy().into_owned())
        }
    }

    fn number(&self, key: &str) -> Option<u64> {
        let id = self.find(key)?;
        // SAFETY: the id is valid, and each value is read as the type that it has.
        unsafe {
            match sys::gguf_get_kv_type(self.0, id) {
                sys::GGUF_TYPE_UINT32 => Some(u64::from(sys::gguf_get_val_u32(self.0, id))),
                sys::GGUF_TYPE_INT32 => u64::try_from(sys::gguf_get_val_i32(self.0, id)).ok(),
                sys::GGUF_TYPE_UINT64 => Some(sys::gguf_get_val_u64(self.0, id)),
                _ => None,
            }
        }
    }

    fn length(&self, key: &str) -> u64 {
        // SAFETY: the id is valid, and the length is asked of lists only.
        self.find(key).map_or(0, |id| unsafe {
            if sys::gguf_get_kv_type(self.0, id) == sys::GGUF_TYPE_ARRAY {
                sys::gguf_get_arr_n(self.0, id) as u64
            } else {
                0
            }
        })
    }
}

impl Drop for Head {
    fn drop(&mut self) {
        // SAFETY: opened by `open`, closed once.
        unsafe { sys::gguf_free(self.0) };
    }
}
