//! The sessions that are loaded, each with its one task.
//!
//! Invariants: a session never has two tasks; memory does not grow with the number of sessions that
//! were ever touched, since those that idle and that nobody holds are let go.

use std::{
    collections::HashMap,
    ops::Deref,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use jamey_engine::session::{Parts, SessionHandle, spawn};
use jamey_protocol::{ApiError, ErrorCode, Item, Session, SessionId, SessionStatus};
use tokio::sync::Mutex as AsyncMutex;

/// So many idle sessions stay loaded, for the next prompt and for what was allowed in them.
const KEPT_IDLE: usize = 4;

/// Where a session's task begins from.
#[async_trait::async_trait]
pub trait Shelf: Send + Sync {
    /// Reads a session and its items.
    ///
    /// # Errors
    /// When there is none or it cannot be read.
    async fn load(&self, id: SessionId) -> Result<(Session, Vec<Item>), ApiError>;

    /// What a new task is given.
    fn parts(&self) -> Parts;
}

/// The loaded sessions.
pub struct Sessions {
    shelf: Arc<dyn Shelf>,
    slots: Mutex<HashMap<SessionId, Arc<Slot>>>,
    clock: AtomicU64,
    is_closing: AtomicBool,
}

#[derive(Default)]
struct Slot {
    /// Held while a task is being made or ended, so that there is never a second.
    handle: AsyncMutex<Option<SessionHandle>>,
    used: AtomicU64,
}

/// Keeps a session loaded and reaches its task.
pub struct Lease {
    handle: SessionHandle,
    slot: Option<Arc<Slot>>,
    sessions: Arc<Sessions>,
}

impl Deref for Lease {
    type Target = SessionHandle;
    fn deref(&self) -> &SessionHandle {
        &self.handle
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.slot = None;
        if self.sessions.slots().len() > KEPT_IDLE
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let sessions = Arc::clone(&self.sessions);
            runtime.spawn(async move { sessions.let_go().await });
        }
    }
}

impl Sessions {
    /// Holds no session yet.
    #[must_use]
    pub fn new(shelf: Arc<dyn Shelf>) -> Arc<Self> {
        Arc::new(Self {
            shelf,
            slots: Mutex::default(),
            clock: AtomicU64::new(0),
            is_closing: AtomicBool::new(false),
        })
    }

    /// Reaches a session, loading it if it is not.
    ///
    /// # Errors
    /// When there is none, it cannot be read, or the runtime is closing.
    pub async fn open(self: &Arc<Self>, id: SessionId) -> Result<Lease, ApiError> {
        self.lease(id, || async { self.shelf.load(id).await }).await
    }

    /// Reaches a session that was just made and has nothing to load.
    ///
    /// # Errors
    /// When the runtime is closing.
    pub async fn begin(self: &Arc<Self>, session: Session) -> Result<Lease, ApiError> {
        self.lease(session.id, || async { Ok((session, Vec::new())) }).await
    }

    async fn lease<F: Future<Output = Result<(Session, Vec<Item>), ApiError>>>(
        self: &Arc<Self>,
        id: SessionId,
        load: impl FnOnce() -> F,
    ) -> Result<Lease, ApiError> {
        let slot = Arc::clone(self.slots().entry(id).or_default());
        slot.used.store(self.clock.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
        let mut held = slot.handle.lock().await;
        if self.is_closing.load(Ordering::Acquire) {
            return Err(ApiError::new(ErrorCode::ShuttingDown, "the runtime is closing").retryable());
        }
        let handle = match &*held {
            Some(handle) => handle.clone(),
            None => match load().await {
                Ok((session, items)) => held.insert(spawn(session, items, self.shelf.parts())).clone(),
                Err(error) => {
                    drop(held);
                    self.forget_empty(id, &slot);
                    return Err(error);
                }
            },
        };
        drop(held);
        Ok(Lease { handle, slot: Some(slot), sessions: Arc::clone(self) })
    }

    /// Ends a session's task, for its removal: a running turn is interrupted.
    pub async fn close(&self, id: SessionId, reason: &str) {
        let Some(slot) = self.slots().get(&id).cloned() else { return };
        let mut held = slot.handle.lock().await;
        if let Some(handle) = held.take() {
            handle.close(reason).await;
        }
        drop(held);
        self.forget_empty(id, &slot);
    }

    /// Ends every task at once and lets no new one begin.
    pub async fn close_all(&self, reason: &str) {
        self.is_closing.store(true, Ordering::Release);
        let slots: Vec<_> = self.slots().drain().map(|(_, slot)| slot).collect();
        let closing = slots.into_iter().map(|slot| async move {
            if let Some(handle) = slot.handle.lock().await.take() {
                handle.close(reason).await;
            }
        });
        futures_util::future::join_all(closing).await;
    }

    /// How many have a turn that works, rather than waits for a person.
    pub async fn running(&self) -> usize {
        let mut running = 0;
        for handle in self.handles() {
            let session = handle.session().await;
            running += usize::from(session.is_ok_and(|session| session.status == SessionStatus::Running));
        }
        running
    }

    /// The tasks that are loaded now. One that is just being made or ended is not among them.
    #[must_use]
    pub fn handles(&self) -> Vec<SessionHandle> {
        let slots = self.slots();
        slots.values().filter_map(|slot| slot.handle.try_lock().ok()?.clone()).collect()
    }

    /// How many are loaded.
    #[must_use]
    pub fn loaded(&self) -> usize {
        self.slots().len()
    }

    /// Lets idle sessions go that nobody holds, the longest unused first.
    async fn let_go(&self) {
        let mut free: Vec<(SessionId, Arc<Slot>)> = {
            let slots = self.slots();
            let free = slots.iter().filter(|(_, slot)| Arc::strong_count(slot) == 1);
            free.map(|(id, slot)| (*id, Arc::clone(slot))).collect()
        };
        free.sort_by_key(|(_, slot)| slot.used.load(Ordering::Relaxed));
        let mut excess = free.len().saturating_sub(KEPT_IDLE);
        for (id, slot) in free {
            if excess == 0 {
                break;
            }
            let mut held = slot.handle.lock().await;
            let idle = match &*held {
                Some(handle) => {
                    handle.session().await.is_ok_and(|session| session.status == SessionStatus::Idle)
                }
                None => true,
            };
            // The map and we hold it; whoever else comes now waits for the lock and loads anew.
            if idle && Arc::strong_count(&slot) == 2 {
                if let Some(handle) = held.take() {
                    handle.close("it was idle").await;
                }
                excess -= 1;
            }
            drop(held);
            self.forget_empty(id, &slot);
        }
    }

    /// Takes a slot out of the map if it holds no task and nobody waits for it.
    fn forget_empty(&self, id: SessionId, slot: &Arc<Slot>) {
        let mut slots = self.slots();
        let is_empty = slot.handle.try_lock().is_ok_and(|held| held.is_none());
        if is_empty
            && Arc::strong_count(slot) == 2
            && slots.get(&id).is_some_and(|known| Arc::ptr_eq(known, slot))
        {
            slots.remove(&id);
        }
    }

    fn slots(&self) -> MutexGuard<'_, HashMap<SessionId, Arc<Slot>>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Sessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sessions").field("loaded", &self.loaded()).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Lease {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lease").finish_non_exhaustive()
    }
}
