//! Which companies a pipeline starts from: names in, CIKs out.
//!
//! [`matching`] is pure. [`resolve`] gets the SEC's list first when names need it; the command line calls it before
//! anything is downloaded, the handler of `discover_companies` when the pipeline runs.

pub mod matching;
pub mod sp500;
pub mod own_list;
mod name;
mod symbols;
mod error;
mod sec_list;
mod nearest;
mod called;
mod at_hand;
pub mod news;

use std::sync::Arc;

use edgraph_shared::kinds::sec_xbrl::{DiscoverCompanies, Universe};

use matching::select;
use name::is_number;

pub use error::{Hint, Known, ResolveError, Unknown};
pub use matching::{Company, Resolved};
pub use sec_list::SecList;

/// Finds the companies of a pipeline. CIKs are taken as they are, without asking anybody.
///
/// # Errors
/// [`ResolveError::Unknown`] unless the parameters say to skip unknown names.
pub async fn resolve(list: &SecList, wanted: &DiscoverCompanies) -> Result<Resolved, ResolveError> {
    let needs_list = match &wanted.universe {
        Universe::Ciks(_) => false,
        Universe::Tickers(names) => !names.iter().all(|name| is_number(name)),
        Universe::Sp500 | Universe::All => true,
    };
    let known = if needs_list { list.list(wanted.lists_max_age_s()).await? } else { Arc::default() };
    let mut resolved = select(&wanted.universe, &known.listings, wanted.max_companies);
    resolved.damage.clone_from(&known.damage);
    // Companies merge and change their tickers between two versions of the program: nobody's typing error.
    let tolerated = wanted.skip_unknown || wanted.universe == Universe::Sp500;
    if !resolved.unknown.is_empty() && !tolerated {
        list.identify(&mut resolved.unknown).await;
        return Err(ResolveError::Unknown(resolved.unknown));
    }
    Ok(resolved)
}
