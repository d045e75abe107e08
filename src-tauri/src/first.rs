//! Waiting for whichever of two things comes first.

use std::{future::Future, pin::pin};

use futures_util::future::{Either, select};

/// Which came first.
#[derive(Debug)]
pub enum First<A, B> {
    /// The left one; it also does when both are there.
    Left(A),
    /// The right one.
    Right(B),
}

/// Waits for the first of two and drops the other.
pub async fn first_of<A, B>(left: impl Future<Output = A>, right: impl Future<Output = B>) -> First<A, B> {
    match select(pin!(left), pin!(right)).await {
        Either::Left((came, _)) => First::Left(came),
        Either::Right((came, _)) => First::Right(came),
    }
}

/// Waits for `future` if that is wanted, else for ever.
pub async fn when<A>(wanted: bool, future: impl Future<Output = A>) -> A {
    if wanted { future.await } else { std::future::pending().await }
}
