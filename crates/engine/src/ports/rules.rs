//! Where allowances that outlive a session are kept.

use jamey_protocol::{ApiError, ErrorCode};

use crate::policy::Rule;

/// What a person allowed for good.
///
/// An adapter must say yes to nothing but what was kept word for word, and must say no where it cannot tell.
#[async_trait::async_trait]
pub trait Rules: Send + Sync {
    /// Tells whether exactly this was allowed for good.
    async fn allows(&self, rule: &Rule) -> bool;

    /// Keeps an allowance for good. Returns whether it was not kept before.
    ///
    /// # Errors
    /// When it cannot be kept; then nothing is allowed by it.
    async fn keep(&self, rule: Rule) -> Result<bool, ApiError>;

    /// Takes back what `keep` has just kept, since the answer that allowed it could not be journaled. An adapter that
    /// cannot do so must tell the person.
    async fn forget(&self, rule: Rule);
}

/// A host that keeps no such allowances.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoRules;

#[async_trait::async_trait]
impl Rules for NoRules {
    async fn allows(&self, _rule: &Rule) -> bool {
        false
    }

    async fn keep(&self, _rule: Rule) -> Result<bool, ApiError> {
        Err(ApiError::new(ErrorCode::BadRequest, "nothing can be allowed for good here")
            .hint("allow it once or for this session"))
    }

    async fn forget(&self, _rule: Rule) {}
}
