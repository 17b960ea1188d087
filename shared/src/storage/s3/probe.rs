//! Whether a store that speaks S3 keeps the promises that everything here builds on, asked with one small object.
//!
//! Amazon's keeps them. Others may refuse a condition, or take it and write all the same: then two workers would both
//! believe to have written, and the later one would win unseen. Or they forget checksums, and damage would be read.

use aws_sdk_s3::types::ChecksumMode;
use bytes::Bytes;
use uuid::Uuid;

use super::bucket::Bucket;
use crate::storage::{Error, Expect, ObjectKey, Version};

/// An ETag that no object has.
const NO_VERSION: &str = "\"00000000000000000000000000000000\"";

impl Bucket {
    /// Refuses a store that does not keep its promises. Where this process may not write nothing can be asked, and
    /// nothing be lost.
    pub(super) async fn prove(&self) -> Result<(), Error> {
        let key: ObjectKey = format!("probe/{}", Uuid::new_v4()).parse().expect("letters, digits and dashes");
        let proven = self.prove_with(&key).await;
        // Where it cannot be removed a few bytes stay.
        let _ = self.client.delete_object().bucket(&self.name).key(self.full_key(&key)).send().await;
        match proven {
            Err(Error::Denied { .. }) => Ok(()),
            proven => proven,
        }
    }

    async fn prove_with(&self, key: &ObjectKey) -> Result<(), Error> {
        let bytes = Bytes::from_static(b"edgraph asks whether this store keeps its promises");
        self.upload(key, bytes.clone(), Some(Expect::Absent)).await?;
        for (condition, expect) in
            [("If-None-Match", Expect::Absent), ("If-Match", Expect::Version(Version(NO_VERSION.to_owned())))]
        {
            match self.upload(key, bytes.clone(), Some(expect)).await {
                Err(Error::Conflict { .. }) => {}
                Err(error) => return Err(error),
                Ok(()) => {
                    return Err(self.unusable(&format!(
                        "it takes a put with the condition {condition} and writes though the condition does not hold"
                    )));
                }
            }
        }
        let request = self.client.get_object().bucket(&self.name).key(self.full_key(key));
        let object = request.checksum_mode(ChecksumMode::Enabled).send().await;
        let object = object.map_err(|error| self.place("read", key).explain(error))?;
        match object.checksum_crc32_c() {
            Some(_) => Ok(()),
            None => {
                Err(self
                    .unusable("it does not keep the CRC32C checksum (x-amz-checksum-crc32c) of an object"))
            }
        }
    }

    fn unusable(&self, what: &str) -> Error {
        let reason = format!(
            "edgraph cannot use this store: {what}; use a server, or a version of it, that does S3's"
        );
        Error::Misconfigured { store: self.uri.clone(), reason }
    }
}
