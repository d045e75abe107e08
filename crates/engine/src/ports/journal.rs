//! The durable event log, seen from the engine.

use jamey_protocol::{Event, EventBody, ItemId, OpId, Session, SessionId, TurnId, Usage};

/// How far a write must have gone before `append` returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// Survives the death of the process (handed to the operating system).
    Process,
    /// Also survives a power cut (synced to the disk). For accepted ops and for starts of tools.
    Disk,
}

/// The partial text of an item that is still open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenText {
    /// The item, which `ItemStarted` named before.
    pub item_id: ItemId,
    /// Text since the last flush.
    pub text: String,
}

/// Events of one session that belong together: all of them are kept, or none.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The session as it is after these events; its `head` is still that before them.
    pub session: Session,
    /// The turn they belong to.
    pub turn: Option<TurnId>,
    /// When they happened, in milliseconds since 1970.
    pub at: i64,
    /// What happened. May be empty if only `op` is to be kept.
    pub bodies: Vec<EventBody>,
    /// The op that they answer, to be remembered with them.
    pub op: Option<AcceptedOp>,
    /// The model call that they tell the end of, for the ledger.
    pub spent: Option<Spent>,
    /// How safe they must be before `append` returns.
    pub durability: Durability,
}

/// One model call that ended: a row of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spent {
    /// `provider/model` that was asked.
    pub model: String,
    /// Its tokens.
    pub used: Usage,
    /// Who says so.
    pub count: Count,
    /// What they cost in millionths of a US dollar, where the price is known.
    pub cost_micros: Option<u64>,
}

/// Who says what a model call used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Count {
    /// The vendor; all zero if it did not tell, and nobody estimated it.
    #[default]
    Told,
    /// Nobody; it is an estimate.
    Estimated,
}

/// An op that was accepted, kept so that its repeat is a no-op.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedOp {
    /// The client's id for it.
    pub op_id: OpId,
    /// The op's fingerprint, to tell a repeat from another op under the same id; empty when it is not
    /// known any more.
    pub print: String,
    /// The turn it began or concerned.
    pub turn: Option<TurnId>,
}

impl AcceptedOp {
    /// Remembers an op, given as JSON, by its fingerprint: what it says is in the events already.
    #[must_use]
    pub fn new(op_id: OpId, op: &str, turn: Option<TurnId>) -> Self {
        Self { op_id, print: Self::print(op), turn }
    }

    /// Tells whether this is the op that was accepted.
    #[must_use]
    pub fn is(&self, op: &str) -> bool {
        self.print.is_empty() || self.print == Self::print(op)
    }

    /// FNV-1a with 128 bits. It guards against a client's mistake, not against a forger.
    fn print(op: &str) -> String {
        let hash = op.bytes().fold(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d_u128, |hash, byte| {
            (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b)
        });
        format!("{:016x}", (hash >> 64) ^ (hash & u128::from(u64::MAX)))
    }
}

/// Append-only events per session, with the projections that follow from them, in one transaction.
#[async_trait::async_trait]
pub trait Journal: Send + Sync {
    /// Appends events of one session at the places after `entry.session.head` and returns them with
    /// `seq` filled in.
    ///
    /// # Errors
    /// When the store cannot take them; then nothing was kept.
    async fn append(&self, entry: Entry) -> Result<Vec<Event>, JournalError>;

    /// Finds an op of this session that was accepted before.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn accepted(&self, session: SessionId, op_id: OpId) -> Result<Option<AcceptedOp>, JournalError>;

    /// Keeps streamed text that no event holds yet, so that a crash loses at most the last 100 ms.
    /// It is forgotten when the item completes.
    ///
    /// # Errors
    /// When the store cannot take it.
    async fn keep_text(&self, session: SessionId, texts: Vec<OpenText>) -> Result<(), JournalError>;

    /// Reads all durable events of a session after `after`, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn read(&self, session: SessionId, after: u64) -> Result<Vec<Event>, JournalError>;
}

/// Why the store refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct JournalError {
    /// What failed and why, in the person's words.
    pub message: String,
    /// The next step.
    pub hint: Option<String>,
}
