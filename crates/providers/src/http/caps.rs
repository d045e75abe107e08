//! How much of a vendor's answer is read at most. A cap that is passed is an error, never a silent cut.

/// Bytes of one streamed answer.
pub const ANSWER: usize = 64 << 20;
/// Bytes of an answer that comes in one piece.
pub const WHOLE_ANSWER: usize = 16 << 20;
/// Bytes of one call's arguments.
pub const CALL_ARGUMENTS: usize = 1 << 20;
/// Calls in one answer.
pub const CALLS: usize = 128;
/// Bytes of an error's body; what is beyond cannot matter to a sentence of 300 characters.
pub const ERROR_BODY: usize = 64 << 10;
/// Bytes of a list of models.
pub const LIST: usize = 4 << 20;
/// Characters of a vendor's own words in an error of ours.
pub const MESSAGE: usize = 300;
