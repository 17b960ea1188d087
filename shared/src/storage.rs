//! Where everything durable lies: an object store, either S3 or a local directory.
//!
//! The contract is the smallest that a fleet needs: an object appears whole or not at all, a conditional put is
//! atomic, and names are validated once. What an object means is not this module's business (see [`layout`]).

mod key;
mod object;
mod error;
mod store;
pub mod layout;
mod identity;
mod address;
mod local;
#[cfg(feature = "s3")]
mod s3;

use std::sync::Arc;

use crate::ids::StoreId;
use crate::retry;

pub use address::{Address, S3Config};
pub use error::Error;
pub use identity::id_of;
pub use key::{InvalidKey, ObjectKey};
pub use local::LocalStore;
pub use object::{Expect, ObjectMeta, Version};
#[cfg(feature = "s3")]
pub use s3::{AccessKeys, S3Store};
pub use store::{SharedStore, Store};

/// Opens the store at an address (see [`Address`]) and proves that it can be reached.
///
/// # Errors
/// [`Error::Misconfigured`] for an address that is none or a bucket that does not exist, [`Error::Denied`] without
/// credentials or access, [`Error::Unavailable`] if the store does not answer.
pub async fn open(address: &str) -> Result<SharedStore, Error> {
    Ok(match address.parse()? {
        Address::Directory(root) => Arc::new(LocalStore::open(root)?),
        #[cfg(feature = "s3")]
        Address::S3(config) => Arc::new(S3Store::open(&config).await?),
        #[cfg(not(feature = "s3"))]
        Address::S3(config) => {
            let says = "this program is built without S3 (edgraph-shared's feature `s3`)";
            return Err(Error::Misconfigured { store: config.uri(), reason: says.to_owned() });
        }
    })
}

/// The same for a process that cannot begin without its store: one that does not answer is waited for, with a warning.
///
/// # Errors
/// As [`open`], but never [`Error::Unavailable`].
pub async fn open_when_up(address: &str) -> Result<SharedStore, Error> {
    let is_away = |error: &Error| matches!(error, Error::Unavailable { .. });
    retry::until_it_can("the store", || open(address), is_away).await
}

/// The same, with the store's id (see [`id_of`]).
///
/// # Errors
/// As [`open_when_up`].
pub async fn open_by_id(address: &str) -> Result<(SharedStore, StoreId), Error> {
    let store = open_when_up(address).await?;
    let is_away = |error: &Error| matches!(error, Error::Unavailable { .. });
    let id = retry::until_it_can("the store", || id_of(&store), is_away).await?;
    Ok((store, id))
}
