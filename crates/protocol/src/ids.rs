//! Names for things: UUIDv7 newtypes, strings on the wire, sortable by the time they were made.
//!
//! An id of one kind can never be passed where another kind is meant.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String, format = Uuid))]
        #[cfg_attr(feature = "specta", derive(specta::Type))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// Makes a new id from the clock of this machine.
            #[must_use]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(s: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(s).map(Self)
            }
        }
    };
}

id!(/// One conversation.
    SessionId);
impl SessionId {
    /// The id of no session, for what belongs to none.
    pub const NONE: Self = Self(Uuid::nil());
}

id!(/// One prompt and everything that follows from it.
    TurnId);
id!(/// One thing that the person sees and the model remembers.
    ItemId);
id!(/// One file that was given along with a message.
    AttachmentId);
id!(/// One tool call. Ours, never the vendor's, so that a vendor's duplicates cannot collide.
    CallId);
id!(/// One question to the person.
    ApprovalId);
id!(/// Made by the client for each op; a repeat of the same id is a no-op.
    OpId);
