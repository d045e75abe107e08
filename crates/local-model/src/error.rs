//! What can go wrong, in words for the person who reads it.

use thiserror::Error;

/// Why the process cannot serve. Printed as the one line on stdout.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StartError {
    /// The command line was not understood.
    #[error("{0}")]
    Arguments(String),
    /// There is no such file.
    #[error("there is no model file at {0}")]
    ModelMissing(String),
    /// The file cannot be read.
    #[error("the model file {path} cannot be read: {problem}")]
    ModelUnreadable {
        /// The file.
        path: String,
        /// What the system says.
        problem: String,
    },
    /// The file is something else.
    #[error("{0} is not a GGUF file")]
    NotGguf(String),
    /// The file is cut off or its head is broken.
    #[error("the model file {path} is damaged: {problem}")]
    ModelDamaged {
        /// The file.
        path: String,
        /// What is wrong with it.
        problem: String,
    },
    /// llama.cpp does not know this kind of model.
    #[error("models of the kind `{0}` are not supported")]
    UnsupportedArchitecture(String),
    /// This processor lacks instructions the program was built with.
    #[error("this processor has no {0}, which local models need")]
    UnsupportedProcessor(&'static str),
    /// It would not fit.
    #[error("the model needs about {needed_mb} MB of memory and {available_mb} MB are available")]
    TooLittleMemory {
        /// What loading and a small context would take.
        needed_mb: u64,
        /// What the system could give.
        available_mb: u64,
    },
    /// llama.cpp refused.
    #[error("the model could not be loaded: {0}")]
    LoadFailed(String),
    /// The socket cannot be opened.
    #[error("cannot listen on {path}: {problem}")]
    Socket {
        /// Where.
        path: String,
        /// Why.
        problem: String,
    },
}

impl StartError {
    /// The stable name of the problem.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Arguments(_) => "bad_arguments",
            Self::ModelMissing(_) => "model_missing",
            Self::ModelUnreadable { .. } => "model_unreadable",
            Self::NotGguf(_) => "not_gguf",
            Self::ModelDamaged { .. } => "model_damaged",
            Self::UnsupportedArchitecture(_) => "unsupported_architecture",
            Self::UnsupportedProcessor(_) => "unsupported_processor",
            Self::TooLittleMemory { .. } => "too_little_memory",
            Self::LoadFailed(_) => "load_failed",
            Self::Socket { .. } => "socket_failed",
        }
    }

    /// The next step.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Arguments(_) => "this program is started by jamey-runtime; see its README",
            Self::ModelMissing(_) => "download the model again, or choose another one",
            Self::ModelUnreadable { .. } => "check that the file is a regular file that you may read",
            Self::NotGguf(_) | Self::ModelDamaged { .. } => "delete the file and download the model again",
            Self::UnsupportedArchitecture(_) => "choose another model",
            Self::UnsupportedProcessor(_) => "use a remote provider on this computer",
            Self::TooLittleMemory { .. } => "close other programs, or choose a smaller model",
            Self::LoadFailed(_) => "run again with JAMEY_LOCAL_MODEL_LOG=1 to see what llama.cpp says",
            Self::Socket { .. } => "check that the folder exists and belongs to you",
        }
    }
}

/// Why one request was not answered. Sent in OpenAI's error shape.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RequestError {
    /// The request makes no sense.
    #[error("{0}")]
    BadRequest(String),
    /// The conversation does not fit.
    #[error("the conversation takes {asked} tokens and the model has room for {limit}")]
    ContextLengthExceeded {
        /// Tokens that fit, room for an answer taken off.
        limit: usize,
        /// Tokens of the request.
        asked: usize,
    },
    /// Too many wait already.
    #[error("too many requests are waiting for the model")]
    QueueFull,
    /// The client went away, or the process ends.
    #[error("the request was cancelled")]
    Cancelled,
    /// llama.cpp or the model's template failed.
    #[error("the model failed: {0}")]
    Internal(String),
}

impl RequestError {
    /// The stable name of the problem.
    pub fn code(&self) -> &'static str {
        match self {
            Self::BadRequest(_) => "bad_request",
            Self::ContextLengthExceeded { .. } => "context_length_exceeded",
            Self::QueueFull => "queue_full",
            Self::Cancelled => "cancelled",
            Self::Internal(_) => "internal_error",
        }
    }

    /// The HTTP status that says the same.
    pub fn status(&self) -> u16 {
        match self {
            Self::BadRequest(_) | Self::ContextLengthExceeded { .. } => 400,
            Self::QueueFull => 429,
            Self::Cancelled => 503,
            Self::Internal(_) => 500,
        }
    }
}
