//! A provider's list of models, kept for a while: those of vendors change rarely, and listing them asks every one.

use std::{
    future::Future,
    time::{Duration, Instant},
};

use jamey_engine::ports::ProviderError;
use jamey_protocol::Model;
use tokio::sync::Mutex;

/// So long a vendor's list holds.
pub(super) const HOLDS: Duration = Duration::from_secs(300);

/// The list of one provider. It goes with the provider when a key or a setting of it changes.
#[derive(Debug, Default)]
pub(super) struct Listed {
    holds: Duration,
    kept: Mutex<Option<(Instant, Vec<Model>)>>,
    /// When a turn last looked whether it says anything of its model.
    looked: Mutex<Option<Instant>>,
}

impl Listed {
    /// A list that holds so long; with zero it is asked for each time.
    pub(super) fn for_a(holds: Duration) -> Self {
        Self { holds, ..Self::default() }
    }

    /// The list, asked for if the one that is kept is too old. Those who want it at once ask once; a failure is not
    /// kept.
    pub(super) async fn get<A>(
        &self,
        now: Instant,
        ask: impl FnOnce() -> A,
    ) -> Result<Vec<Model>, ProviderError>
    where
        A: Future<Output = Result<Vec<Model>, ProviderError>>,
    {
        if self.holds.is_zero() {
            return ask().await;
        }
        let mut kept = self.kept.lock().await;
        if let Some((at, models)) = &*kept
            && now.saturating_duration_since(*at) < self.holds
        {
            return Ok(models.clone());
        }
        let models = ask().await?;
        *kept = Some((now, models.clone()));
        Ok(models)
    }

    /// Looks for a turn, unless that was done within [`HOLDS`], whatever came of it. Others that want to look wait
    /// meanwhile: what is found is theirs too.
    pub(super) async fn look<A: Future<Output = ()>>(&self, now: Instant, look: impl FnOnce() -> A) {
        let mut looked = self.looked.lock().await;
        if looked.is_none_or(|at| now.saturating_duration_since(at) >= HOLDS) {
            look().await;
            *looked = Some(now);
        }
    }

    /// Lets the list be asked for again.
    pub(super) async fn forget(&self) {
        *self.kept.lock().await = None;
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use jamey_engine::ports::ErrorKind;

    use super::*;

    #[tokio::test]
    async fn a_list_is_asked_for_once_until_it_is_old_or_forgotten() {
        let (listed, asked, now) = (Listed::for_a(HOLDS), Cell::new(0), Instant::now());
        let one = || async {
            asked.set(asked.get() + 1);
            Ok(vec![Model { id: format!("p/{}", asked.get()), ..Model::default() }])
        };
        let failed = || async { Err(ProviderError::new(ErrorKind::Timeout, "no")) };
        assert!(listed.get(now, failed).await.is_err(), "a failure is not kept");
        for (after, wanted) in [(0, "p/1"), (299, "p/1"), (300, "p/2"), (500, "p/2")] {
            let models = listed.get(now + Duration::from_secs(after), one).await.unwrap();
            assert_eq!(models[0].id, wanted, "after {after} s");
        }
        listed.forget().await;
        assert_eq!(listed.get(now + Duration::from_secs(500), one).await.unwrap()[0].id, "p/3");
        let looks = Cell::new(0);
        for (after, wanted) in [(0, 1), (299, 1), (300, 2)] {
            let look = || async { looks.set(looks.get() + 1) };
            listed.look(now + Duration::from_secs(after), look).await;
            assert_eq!(looks.get(), wanted, "after {after} s");
        }
        let fresh = Listed::for_a(Duration::ZERO);
        assert_eq!(fresh.get(now, one).await.unwrap()[0].id, "p/4");
        assert_eq!(fresh.get(now, one).await.unwrap()[0].id, "p/5");
    }
}
