//! S3, Amazon's or any other server that speaks it, as a store.
//!
//! ```text
//! connect   address, environment and profile -> bucket, and one request that proves access
//! trust     whose certificates count; probe: whether a store that is not Amazon's keeps S3's promises
//! bucket    the client, and what a request needs to know besides
//! upload    put: one request, or parts above a size; conditional puts that survive a lost reply
//! patience  how long a request may take, and how often it is tried
//! explain   what the SDK or the store says -> storage::Error
//! ```
//!
//! The SDK retries what is worth it, with jitter and few attempts ([`patience`]); what still fails is the caller's to
//! retry later. Every byte is covered by a checksum on its way there (CRC32C) and, where the store kept it, back.
//! Parts of an upload that a kill cut off stay in the bucket, unseen; the bucket's lifecycle rule
//! `AbortIncompleteMultipartUpload` removes them.

mod connect;
mod trust;
mod probe;
mod bucket;
mod put;
mod patience;
mod explain;

use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::primitives::DateTime;
use bytes::Bytes;
use tokio_retry::RetryIf;

use self::bucket::Bucket;
pub use self::connect::AccessKeys;
use self::patience::Patience;
use super::{Error, Expect, ObjectKey, ObjectMeta, S3Config, Store, Version};
use crate::failure::chain;
use crate::retry::full_jitter;

/// Further attempts at a body that broke off: the SDK retries only up to the head of an answer.
const BODY_RETRIES: usize = 2;
/// The first pause before one; see [`full_jitter`].
const BODY_BACKOFF: Duration = Duration::from_millis(200);
/// The longest pause before one.
const MAX_BODY_BACKOFF: Duration = Duration::from_secs(2);

/// A bucket, or a part of one, as an object store.
#[derive(Clone, Debug)]
pub struct S3Store {
    bucket: Bucket,
}

impl S3Store {
    /// Connects with the credentials of the environment: variables, profile, web identity, container, instance.
    ///
    /// # Errors
    /// As [`super::open`].
    pub async fn open(config: &S3Config) -> Result<Self, Error> {
        Ok(Self { bucket: connect::connect(config, None).await? })
    }

    /// Connects with these keys, whatever the environment holds.
    ///
    /// # Errors
    /// As [`super::open`].
    pub async fn open_with(config: &S3Config, keys: AccessKeys) -> Result<Self, Error> {
        Ok(Self { bucket: connect::connect(config, Some(keys)).await? })
    }

    async fn read(&self, key: &ObjectKey) -> Result<(Bytes, Version), ReadError> {
        let place = self.bucket.place("read", key);
        let sent = self
            .bucket
            .client
            .get_object()
            .bucket(&self.bucket.name)
            .key(self.bucket.full_key(key))
            .send()
            .await;
        let object = sent.map_err(|error| ReadError::Answer(place.explain(error)))?;
        let Some(etag) = object.e_tag().map(str::to_owned) else {
            return Err(ReadError::Answer(place.unavailable("the store sent no ETag")));
        };
        let bytes = body(object, self.bucket.patience)
            .await
            .map_err(|said| ReadError::Body(place.unavailable(said)))?;
        Ok((bytes, Version(etag)))
    }
}

/// Where a read failed, which decides who retries.
enum ReadError {
    /// Before or in the head of the answer: the SDK has retried it.
    Answer(Error),
    /// In the body.
    Body(Error),
}

/// Reads a body whole within the time that its size allows; the SDK checks its checksum at the end.
async fn body(object: GetObjectOutput, patience: Patience) -> Result<Bytes, String> {
    let length = object.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or_default();
    let within = patience.time_for(length);
    match tokio::time::timeout(within, object.body.collect()).await {
        Ok(Ok(bytes)) => Ok(bytes.into_bytes()),
        Ok(Err(error)) => Err(chain(&error)),
        Err(_) => Err(format!("{length} bytes did not arrive within {within:?}")),
    }
}

fn meta(key: ObjectKey, bytes: Option<i64>, modified: Option<&DateTime>) -> ObjectMeta {
    let bytes = bytes.and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or_default();
    ObjectMeta { key, bytes, modified: modified.and_then(|time| SystemTime::try_from(*time).ok()) }
}

#[async_trait]
impl Store for S3Store {
    async fn put(&self, key: &ObjectKey, bytes: Bytes) -> Result<(), Error> {
        self.bucket.upload(key, bytes, None).await
    }

    async fn put_if(&self, key: &ObjectKey, bytes: Bytes, expect: Expect) -> Result<(), Error> {
        self.bucket.upload(key, bytes, Some(expect)).await
    }

    async fn get_versioned(&self, key: &ObjectKey) -> Result<(Bytes, Version), Error> {
        let pauses = full_jitter(BODY_BACKOFF, MAX_BODY_BACKOFF).take(BODY_RETRIES);
        let broke_off = |error: &ReadError| matches!(error, ReadError::Body(_));
        let read = RetryIf::start(pauses, || self.read(key), broke_off).await;
        read.map_err(|(ReadError::Answer(error) | ReadError::Body(error))| error)
    }

    async fn head(&self, key: &ObjectKey) -> Result<Option<ObjectMeta>, Error> {
        let sent = self
            .bucket
            .client
            .head_object()
            .bucket(&self.bucket.name)
            .key(self.bucket.full_key(key))
            .send()
            .await;
        match sent.map_err(|error| self.bucket.place("look up", key).explain(error)) {
            Ok(head) => Ok(Some(meta(key.clone(), head.content_length(), head.last_modified()))),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn list(&self, prefix: &ObjectKey) -> Result<Vec<ObjectMeta>, Error> {
        let strip = self.bucket.prefix.as_ref().map_or(0, |prefix| prefix.as_str().len() + 1);
        let request = self.bucket.client.list_objects_v2().bucket(&self.bucket.name);
        let mut pages = request.prefix(format!("{}/", self.bucket.full_key(prefix))).into_paginator().send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| self.bucket.place("list", prefix).explain(error))?;
            for object in page.contents() {
                // Names that are no keys, such as the folders a console makes, are not ours.
                let key = object.key().and_then(|name| name.get(strip..)?.parse().ok());
                found.extend(key.map(|key| meta(key, object.size(), object.last_modified())));
            }
        }
        found.sort_by(|a: &ObjectMeta, b| a.key.cmp(&b.key));
        Ok(found)
    }

    async fn delete(&self, key: &ObjectKey) -> Result<(), Error> {
        let sent = self
            .bucket
            .client
            .delete_object()
            .bucket(&self.bucket.name)
            .key(self.bucket.full_key(key))
            .send()
            .await;
        match sent.map_err(|error| self.bucket.place("delete", key).explain(error)) {
            // Some servers say so; Amazon's does not.
            Ok(_) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn uri(&self, key: &ObjectKey) -> String {
        format!("{}/{key}", self.bucket.uri)
    }
}
