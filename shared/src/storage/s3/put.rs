//! Putting an object: in one request, or in parts above a size; unconditionally or compared.
//!
//! A conditional put whose reply is lost is sent again by the SDK and then refuses itself: the object is there, since
//! we wrote it. So a conditional put carries an id in its metadata, and a refused one looks whose id the object has.

use std::collections::HashMap;

use aws_sdk_s3::config::Builder;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart};
use bytes::Bytes;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::bucket::Bucket;
use crate::storage::{Error, Expect, ObjectKey};

/// Objects above this go in parts: a broken connection then costs a part.
const MULTIPART_ABOVE: usize = 16 * 1024 * 1024;
/// Bytes in a part. S3 takes from 5 MiB, and 10,000 parts: 80 GB, more than fits into memory.
const PART: usize = 8 * 1024 * 1024;
/// Parts on their way at a time: enough to fill a link, few enough not to starve other uploads.
const PARTS_IN_FLIGHT: usize = 4;
/// The checksum that covers every byte sent: in hardware on every machine we run on.
const CHECKSUM: ChecksumAlgorithm = ChecksumAlgorithm::Crc32C;
/// The metadata in which a put carries its id.
const PUT_ID: &str = "edgraph-put";

/// One put: what goes where, and under which condition.
struct Put<'a> {
    key: &'a ObjectKey,
    bytes: Bytes,
    if_match: Option<String>,
    if_none_match: Option<String>,
    /// Tells this put from any other, where that may be asked.
    id: Option<String>,
}

impl Put<'_> {
    fn metadata(&self) -> Option<HashMap<String, String>> {
        Some(HashMap::from([(PUT_ID.to_owned(), self.id.clone()?)]))
    }
}

impl Bucket {
    /// Puts an object. What `expect` requires is checked by the store in the moment that the object appears.
    pub(super) async fn upload(
        &self,
        key: &ObjectKey,
        bytes: Bytes,
        expect: Option<Expect>,
    ) -> Result<(), Error> {
        let conditional = expect.is_some();
        let in_parts = bytes.len() > MULTIPART_ABOVE;
        let (if_match, if_none_match) = match expect {
            Some(Expect::Version(version)) => (Some(version.0), None),
            Some(Expect::Absent) => (None, Some("*".to_owned())),
            None => (None, None),
        };
        // A repeated join of parts refuses itself too: the parts are gone.
        let id = (conditional || in_parts).then(|| Uuid::new_v4().to_string());
        let put = Put { key, bytes, if_match, if_none_match, id };
        let outcome = if in_parts { self.put_parts(&put).await } else { self.put_whole(&put).await };
        match outcome {
            // The version to replace is gone, and so is the object.
            Err(Error::NotFound { .. }) if conditional => Err(Error::Conflict { key: key.clone() }),
            Err(error @ (Error::Conflict { .. } | Error::Unavailable { .. })) if put.id.is_some() => {
                if self.is_there(&put).await { Ok(()) } else { Err(error) }
            }
            outcome => outcome,
        }
    }

    async fn put_whole(&self, put: &Put<'_>) -> Result<(), Error> {
        let request = self
            .client
            .put_object()
            .bucket(&self.name)
            .key(self.full_key(put.key))
            .checksum_algorithm(CHECKSUM)
            .set_metadata(put.metadata())
            .set_if_match(put.if_match.clone())
            .set_if_none_match(put.if_none_match.clone())
            .body(ByteStream::from(put.bytes.clone()))
            .customize()
            .config_override(Builder::new().timeout_config(self.patience.timeouts(put.bytes.len())));
        request.send().await.map_err(|error| self.place("write", put.key).explain(error))?;
        Ok(())
    }

    async fn put_parts(&self, put: &Put<'_>) -> Result<(), Error> {
        let place = self.place("write", put.key);
        let created = self
            .client
            .create_multipart_upload()
            .bucket(&self.name)
            .key(self.full_key(put.key))
            .checksum_algorithm(CHECKSUM)
            .set_metadata(put.metadata())
            .send()
            .await
            .map_err(|error| place.explain(error))?;
        let Some(upload) = created.upload_id() else {
            return Err(place.unavailable("the store gave no id for the upload"));
        };
        let joined = match self.send_parts(put, upload).await {
            Ok(parts) => self.join_parts(put, upload, parts).await,
            Err(error) => Err(error),
        };
        if joined.is_err() {
            self.abort(put, upload).await;
        }
        joined
    }

    /// Sends all parts, a few at a time; the first failure stops the rest.
    async fn send_parts(&self, put: &Put<'_>, upload: &str) -> Result<Vec<CompletedPart>, Error> {
        let mut waiting = (0..put.bytes.len()).step_by(PART).zip(1..);
        let mut sending = JoinSet::new();
        let mut sent = Vec::new();
        loop {
            while sending.len() < PARTS_IN_FLIGHT {
                let Some((start, number)) = waiting.next() else { break };
                let bytes = put.bytes.slice(start..(start + PART).min(put.bytes.len()));
                let (bucket, key, upload) = (self.clone(), put.key.clone(), upload.to_owned());
                sending.spawn(async move { bucket.send_part(&key, &upload, number, bytes).await });
            }
            match sending.join_next().await {
                Some(Ok(part)) => sent.push(part?),
                Some(Err(panic)) => return Err(self.place("write", put.key).unavailable(panic.to_string())),
                None => break,
            }
        }
        sent.sort_by_key(CompletedPart::part_number);
        Ok(sent)
    }

    async fn send_part(
        &self,
        key: &ObjectKey,
        upload: &str,
        number: i32,
        bytes: Bytes,
    ) -> Result<CompletedPart, Error> {
        let timeouts = self.patience.timeouts(bytes.len());
        let part = self
            .client
            .upload_part()
            .bucket(&self.name)
            .key(self.full_key(key))
            .upload_id(upload)
            .part_number(number)
            .checksum_algorithm(CHECKSUM)
            .body(ByteStream::from(bytes))
            .customize()
            .config_override(Builder::new().timeout_config(timeouts))
            .send()
            .await
            .map_err(|error| self.place("write", key).explain(error))?;
        Ok(CompletedPart::builder()
            .part_number(number)
            .set_e_tag(part.e_tag)
            .set_checksum_crc32_c(part.checksum_crc32_c)
            .build())
    }

    /// Makes one object of the parts: the moment it appears.
    async fn join_parts(&self, put: &Put<'_>, upload: &str, parts: Vec<CompletedPart>) -> Result<(), Error> {
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        let request = self
            .client
            .complete_multipart_upload()
            .bucket(&self.name)
            .key(self.full_key(put.key))
            .upload_id(upload)
            .multipart_upload(parts)
            .set_if_match(put.if_match.clone())
            .set_if_none_match(put.if_none_match.clone())
            .customize()
            // The store copies while we wait.
            .config_override(Builder::new().timeout_config(self.patience.timeouts(put.bytes.len())));
        request.send().await.map_err(|error| self.place("write", put.key).explain(error))?;
        Ok(())
    }

    async fn abort(&self, put: &Put<'_>, upload: &str) {
        let request = self.client.abort_multipart_upload().bucket(&self.name).key(self.full_key(put.key));
        if let Err(error) = request.upload_id(upload).send().await {
            let error = self.place("abort the upload of", put.key).explain(error);
            tracing::warn!(%error, "parts of an upload stay in the bucket until its lifecycle rule removes them");
        }
    }

    /// Whether the object is what this put wrote. Where nobody can tell, it is not: the caller looks again.
    async fn is_there(&self, put: &Put<'_>) -> bool {
        let head = self.client.head_object().bucket(&self.name).key(self.full_key(put.key)).send().await;
        head.is_ok_and(|head| head.metadata().and_then(|metadata| metadata.get(PUT_ID)) == put.id.as_ref())
    }
}
