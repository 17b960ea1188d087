//! The bucket that requests go to: what every one of them needs to know.

use aws_sdk_s3::Client;

use super::explain::Place;
use super::patience::Patience;
use crate::storage::ObjectKey;

/// A bucket, or a part of one, and the client to reach it with. Clones are cheap and share the client.
#[derive(Clone, Debug)]
pub(super) struct Bucket {
    pub(super) client: Client,
    /// Its name, as the store knows it.
    pub(super) name: String,
    /// The folder that all keys lie under.
    pub(super) prefix: Option<ObjectKey>,
    pub(super) patience: Patience,
    /// `s3://bucket/prefix`.
    pub(super) uri: String,
}

impl Bucket {
    /// The name that an object has within the bucket.
    pub(super) fn full_key(&self, key: &ObjectKey) -> String {
        match &self.prefix {
            Some(prefix) => format!("{prefix}/{key}"),
            None => key.to_string(),
        }
    }

    /// What is being done to an object, for when it fails.
    pub(super) fn place<'a>(&'a self, action: &'static str, key: &'a ObjectKey) -> Place<'a> {
        Place { store: &self.uri, action, key: Some(key) }
    }
}
