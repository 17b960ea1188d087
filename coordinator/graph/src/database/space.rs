//! Memory addresses: a database reserves many more than it uses, and where a process may not, it fails in the middle of
//! the work. So the limit is looked at before.

use rustix::process::{Resource, getrlimit};

use crate::error::Error;

/// Addresses for one database: the binding's own default of 4 GiB would end a load in the middle. Reserved, not used; small
/// enough that a hundred databases fit one process.
pub(super) const MAX_DATABASE_BYTES: u64 = 1 << 40;

/// Whether this process may reserve the addresses of a database.
///
/// # Errors
/// [`Error::Space`] with the limit, if not.
pub(super) fn check() -> Result<(), Error> {
    match getrlimit(Resource::As).current {
        Some(limit) if limit <= MAX_DATABASE_BYTES => Err(Error::Space { limit, needed: MAX_DATABASE_BYTES }),
        _ => Ok(()),
    }
}
