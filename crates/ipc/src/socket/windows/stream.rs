//! One connection; both ends have it.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use interprocess::os::windows::named_pipe::{pipe_mode::Bytes, tokio::DuplexPipeStream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A connection.
///
/// Flushing does nothing: on a pipe it would mean to wait, on a thread, until the other end has read
/// everything, and a reader that never reads would hold that thread. What was written when a connection
/// is dropped is still delivered.
#[derive(Debug)]
pub struct Stream(DuplexPipeStream<Bytes>);

impl From<DuplexPipeStream<Bytes>> for Stream {
    fn from(pipe: DuplexPipeStream<Bytes>) -> Self {
        Self(pipe)
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
