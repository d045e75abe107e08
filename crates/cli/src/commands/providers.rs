//! `jamey providers`: who can be asked, and whether it works.

use jamey_protocol::{ApiError, route::Page};

use super::wait_for;
use crate::{
    exit,
    link::Link,
    render::{self, table},
};

pub fn run(link: &Link) -> Result<u8, ApiError> {
    let providers = wait_for(async { link.reach().await?.providers().await })?;
    if link.globals.json {
        render::print_json(&Page { data: providers, next: None });
        return Ok(exit::DONE);
    }
    let rows: Vec<_> = providers
        .into_iter()
        .map(|provider| {
            [
                provider.name,
                provider.kind,
                provider.state,
                provider.key_source.unwrap_or_default(),
                provider.base_url.unwrap_or_default(),
            ]
        })
        .collect();
    render::print(&table(["PROVIDER", "KIND", "STATE", "KEY FROM", "ADDRESS"], &rows));
    Ok(exit::DONE)
}
