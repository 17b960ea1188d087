//! What a store says of an object it holds, and what a put may require of it.

use std::time::SystemTime;

use sha2::{Digest, Sha256};

use super::key::ObjectKey;

/// What a listing or a head says of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectMeta {
    /// The object's name.
    pub key: ObjectKey,
    /// Its size in bytes.
    pub bytes: u64,
    /// When it was written last, by the store's clock; `None` where the store does not say.
    pub modified: Option<SystemTime>,
}

/// The version of an object that a conditional put compares: opaque to callers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version(pub(super) String);

impl Version {
    /// The version of an object in a store that keeps none by itself: the hash of its bytes.
    pub(super) fn of_content(bytes: &[u8]) -> Self {
        Self(hex::encode(Sha256::digest(bytes)))
    }
}

/// What a conditional put requires of the object it replaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expect {
    /// No object of that name.
    Absent,
    /// Exactly the version that was read.
    Version(Version),
}
