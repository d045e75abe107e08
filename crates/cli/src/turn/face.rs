//! What shows a turn.

use std::io;

use jamey_protocol::Event;

use super::{JsonFace, StreamFace, TextFace};

/// One way to show a turn.
#[derive(Debug)]
pub enum Face {
    /// For people, as it comes.
    Text(TextFace),
    /// For programs, one object at the end.
    Json(JsonFace),
    /// For programs, every event.
    Stream(StreamFace),
}

impl Face {
    /// Takes the next event. What it shows may wait for `flush`.
    pub async fn show(&mut self, event: &Event) -> io::Result<()> {
        match self {
            Self::Text(face) => face.show(event).await,
            Self::Json(face) => {
                face.take(event);
                Ok(())
            }
            Self::Stream(face) => {
                face.take(event);
                Ok(())
            }
        }
    }

    /// Writes what waits: nothing more is here for now.
    pub async fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Text(face) => face.flush().await,
            Self::Json(_) => Ok(()),
            Self::Stream(face) => face.flush().await,
        }
    }

    /// Writes what waits and begins a new line, for a question.
    pub async fn flush_before_question(&mut self) -> io::Result<()> {
        match self {
            Self::Text(face) => face.before_question().await,
            Self::Json(_) => Ok(()),
            Self::Stream(face) => face.flush().await,
        }
    }
}
