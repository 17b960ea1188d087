//! One bucket in memory, with the promises of S3 that the product builds on.
//!
//! Everything happens under one lock, so an object changes in one moment together with its ETag and checksums, and a
//! condition is checked in that moment. Bodies are read before it is taken. What a client says of checksums is
//! verified for objects and parts. Not here: versions, ranges, access lists, copies.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::{Bytes, BytesMut};
use s3s::crypto::{Checksum as _, Md5};
use s3s::dto::*;
use s3s::{S3, S3Request, S3Response, S3Result, s3_error};

use super::body::{Claimed, receive};

/// S3's own: the smallest part of an upload that is not the last.
const MIN_PART: usize = 5 * 1024 * 1024;
/// S3's own: the longest page of a listing.
const MAX_PAGE: usize = 1_000;

/// A bucket; a clone is the same one.
#[derive(Debug, Clone)]
pub(super) struct Bucket {
    name: String,
    state: Arc<Mutex<State>>,
}

/// A promise of S3 that other servers do not keep.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Lapse {
    /// All are kept.
    #[default]
    None,
    /// Conditions of puts are taken and not looked at.
    IgnoresConditions,
    /// Puts with a condition are answered 501 `NotImplemented`.
    RefusesConditions,
    /// Checksums are verified and not kept.
    ForgetsChecksums,
}

#[derive(Debug, Default)]
struct State {
    lapse: Lapse,
    objects: BTreeMap<String, Object>,
    uploads: HashMap<String, Upload>,
    next_upload: u64,
}

#[derive(Debug, Clone)]
struct Object {
    bytes: Bytes,
    etag: String,
    checksum: Checksum,
    metadata: Option<Metadata>,
    modified: std::time::SystemTime,
}

#[derive(Debug)]
struct Upload {
    key: String,
    metadata: Option<Metadata>,
    with_checksums: bool,
    parts: BTreeMap<i32, Part>,
}

#[derive(Debug)]
struct Part {
    bytes: Bytes,
    md5: [u8; 16],
}

impl Bucket {
    pub(super) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), state: Arc::default() }
    }

    pub(super) fn lapse(&self, lapse: Lapse) {
        self.state().lapse = lapse;
    }

    pub(super) fn names(&self) -> Vec<String> {
        self.state().objects.keys().cloned().collect()
    }

    pub(super) fn open_uploads(&self) -> usize {
        self.state().uploads.len()
    }

    pub(super) fn corrupt(&self, name: &str) {
        let mut state = self.state();
        let object = state.objects.get_mut(name).expect("the object is there");
        let mut bytes = BytesMut::from(&object.bytes[..]);
        bytes[0] ^= 1;
        object.bytes = bytes.freeze();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no thread panics while it holds the bucket")
    }

    /// The state, if `bucket` is this one.
    fn open(&self, bucket: &str) -> S3Result<MutexGuard<'_, State>> {
        if bucket == self.name { Ok(self.state()) } else { Err(s3_error!(NoSuchBucket)) }
    }
}

impl State {
    fn object(&self, key: &str) -> S3Result<Object> {
        self.objects.get(key).cloned().ok_or_else(|| s3_error!(NoSuchKey))
    }

    fn upload(&mut self, id: &str, key: &str) -> S3Result<&mut Upload> {
        self.uploads.get_mut(id).filter(|upload| upload.key == key).ok_or_else(|| s3_error!(NoSuchUpload))
    }

    /// S3's rule for conditional writes: 412 when the condition does not hold, 404 when there is nothing to match.
    fn check(
        &self,
        key: &str,
        if_match: Option<&ETagCondition>,
        if_none_match: Option<&ETagCondition>,
    ) -> S3Result<()> {
        match self.lapse {
            Lapse::IgnoresConditions => return Ok(()),
            Lapse::RefusesConditions if if_match.is_some() || if_none_match.is_some() => {
                return Err(s3_error!(NotImplemented));
            }
            _ => {}
        }
        let found = self.objects.get(key);
        if if_none_match.is_some_and(|condition| condition.is_any() && found.is_some()) {
            return Err(s3_error!(PreconditionFailed));
        }
        let Some(condition) = if_match else { return Ok(()) };
        let Some(found) = found else { return Err(s3_error!(NoSuchKey)) };
        let expected = condition.as_etag();
        if expected.is_some_and(|expected| expected.value() != found.etag) {
            return Err(s3_error!(PreconditionFailed));
        }
        Ok(())
    }
}

fn md5(bytes: &[u8]) -> [u8; 16] {
    Md5::checksum(bytes)
}

#[async_trait::async_trait]
impl S3 for Bucket {
    async fn list_objects_v2(
        &self,
        req: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        let input = req.input;
        if input.delimiter.is_some() {
            return Err(s3_error!(NotImplemented));
        }
        let state = self.open(&input.bucket)?;
        let prefix = input.prefix.clone().unwrap_or_default();
        let page = usize::try_from(input.max_keys.unwrap_or(i32::MAX)).unwrap_or(0).min(MAX_PAGE);
        let after = input.continuation_token.clone().or(input.start_after.clone());
        let start = after.clone().unwrap_or_else(|| prefix.clone());
        let mut matching = state
            .objects
            .range(start..)
            .filter(|(name, _)| Some(*name) != after.as_ref())
            .take_while(|(name, _)| name.starts_with(&prefix));
        let contents: Vec<_> = matching
            .by_ref()
            .take(page)
            .map(|(name, object)| s3s::dto::Object {
                key: Some(name.clone()),
                size: Some(object.bytes.len() as i64),
                e_tag: Some(ETag::Strong(object.etag.clone())),
                last_modified: Some(object.modified.into()),
                ..Default::default()
            })
            .collect();
        let is_truncated = matching.next().is_some();
        Ok(S3Response::new(ListObjectsV2Output {
            key_count: Some(contents.len() as i32),
            max_keys: Some(page as i32),
            is_truncated: Some(is_truncated),
            next_continuation_token: contents
                .last()
                .filter(|_| is_truncated)
                .and_then(|last| last.key.clone()),
            contents: Some(contents),
            continuation_token: input.continuation_token,
            name: Some(input.bucket),
            prefix: input.prefix,
            start_after: input.start_after,
            ..Default::default()
        }))
    }

    async fn put_object(&self, req: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        let input = req.input;
        let claimed = Claimed(Checksum {
            checksum_crc32: input.checksum_crc32,
            checksum_crc32c: input.checksum_crc32c,
            checksum_sha1: input.checksum_sha1,
            checksum_sha256: input.checksum_sha256,
            checksum_crc64nvme: input.checksum_crc64nvme,
            ..Default::default()
        });
        let (bytes, checksum) = receive(input.body, claimed, req.trailing_headers).await?;
        let etag = hex::encode(md5(&bytes));
        let mut state = self.open(&input.bucket)?;
        state.check(&input.key, input.if_match.as_ref(), input.if_none_match.as_ref())?;
        let object = Object {
            bytes,
            etag: etag.clone(),
            checksum: checksum.clone(),
            metadata: input.metadata,
            modified: std::time::SystemTime::now(),
        };
        state.objects.insert(input.key, object);
        Ok(S3Response::new(PutObjectOutput {
            e_tag: Some(ETag::Strong(etag)),
            checksum_crc32c: checksum.checksum_crc32c,
            checksum_sha256: checksum.checksum_sha256,
            ..Default::default()
        }))
    }

    async fn get_object(&self, req: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        let input = req.input;
        if input.range.is_some() {
            return Err(s3_error!(NotImplemented));
        }
        let state = self.open(&input.bucket)?;
        let keeps = state.lapse != Lapse::ForgetsChecksums && input.checksum_mode.is_some();
        let object = state.object(&input.key)?;
        let checksum = if keeps { object.checksum } else { Checksum::default() };
        Ok(S3Response::new(GetObjectOutput {
            content_length: Some(object.bytes.len() as i64),
            body: Some(StreamingBlob::from(s3s::Body::from(object.bytes))),
            e_tag: Some(ETag::Strong(object.etag)),
            last_modified: Some(object.modified.into()),
            metadata: object.metadata,
            checksum_crc32: checksum.checksum_crc32,
            checksum_crc32c: checksum.checksum_crc32c,
            checksum_sha1: checksum.checksum_sha1,
            checksum_sha256: checksum.checksum_sha256,
            checksum_crc64nvme: checksum.checksum_crc64nvme,
            ..Default::default()
        }))
    }

    async fn head_object(&self, req: S3Request<HeadObjectInput>) -> S3Result<S3Response<HeadObjectOutput>> {
        let object = self.open(&req.input.bucket)?.object(&req.input.key)?;
        Ok(S3Response::new(HeadObjectOutput {
            content_length: Some(object.bytes.len() as i64),
            e_tag: Some(ETag::Strong(object.etag)),
            last_modified: Some(object.modified.into()),
            metadata: object.metadata,
            ..Default::default()
        }))
    }

    async fn delete_object(
        &self,
        req: S3Request<DeleteObjectInput>,
    ) -> S3Result<S3Response<DeleteObjectOutput>> {
        self.open(&req.input.bucket)?.objects.remove(&req.input.key);
        Ok(S3Response::new(DeleteObjectOutput::default()))
    }

    async fn create_multipart_upload(
        &self,
        req: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
        let input = req.input;
        let mut state = self.open(&input.bucket)?;
        state.next_upload += 1;
        let id = format!("upload-{}", state.next_upload);
        let upload = Upload {
            key: input.key.clone(),
            metadata: input.metadata,
            with_checksums: input.checksum_algorithm.is_some(),
            parts: BTreeMap::new(),
        };
        state.uploads.insert(id.clone(), upload);
        Ok(S3Response::new(CreateMultipartUploadOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            upload_id: Some(id),
            checksum_algorithm: input.checksum_algorithm,
            ..Default::default()
        }))
    }

    async fn upload_part(&self, req: S3Request<UploadPartInput>) -> S3Result<S3Response<UploadPartOutput>> {
        let input = req.input;
        let claimed = Claimed(Checksum {
            checksum_crc32: input.checksum_crc32,
            checksum_crc32c: input.checksum_crc32c,
            checksum_sha1: input.checksum_sha1,
            checksum_sha256: input.checksum_sha256,
            checksum_crc64nvme: input.checksum_crc64nvme,
            ..Default::default()
        });
        let (bytes, checksum) = receive(input.body, claimed, req.trailing_headers).await?;
        let md5 = md5(&bytes);
        let mut state = self.open(&input.bucket)?;
        state.upload(&input.upload_id, &input.key)?.parts.insert(input.part_number, Part { bytes, md5 });
        Ok(S3Response::new(UploadPartOutput {
            e_tag: Some(ETag::Strong(hex::encode(md5))),
            checksum_crc32c: checksum.checksum_crc32c,
            checksum_sha256: checksum.checksum_sha256,
            ..Default::default()
        }))
    }

    async fn complete_multipart_upload(
        &self,
        req: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        let input = req.input;
        let mut state = self.open(&input.bucket)?;
        state.check(&input.key, input.if_match.as_ref(), input.if_none_match.as_ref())?;
        let upload = state.upload(&input.upload_id, &input.key)?;
        let named = input.multipart_upload.and_then(|upload| upload.parts).unwrap_or_default();
        let (mut bytes, mut sums) = (BytesMut::new(), Vec::new());
        for (number, completed) in named.iter().enumerate() {
            let part = completed.part_number.and_then(|number| upload.parts.get(&number));
            let part = part.ok_or_else(|| s3_error!(InvalidPart))?;
            let etag = completed.e_tag.as_ref().map(ETag::value);
            if etag != Some(hex::encode(part.md5).as_str()) {
                return Err(s3_error!(InvalidPart));
            }
            if upload.with_checksums && completed.checksum_crc32c.is_none() {
                return Err(s3_error!(
                    InvalidRequest,
                    "a part is named without the checksum it was sent with"
                ));
            }
            if number + 1 < named.len() && part.bytes.len() < MIN_PART {
                return Err(s3_error!(EntityTooSmall));
            }
            bytes.extend_from_slice(&part.bytes);
            sums.extend_from_slice(&part.md5);
        }
        if named.is_empty() || named.len() != upload.parts.len() {
            return Err(s3_error!(InvalidPart));
        }
        let etag = format!("{}-{}", hex::encode(md5(&sums)), named.len());
        let object = Object {
            bytes: bytes.freeze(),
            etag: etag.clone(),
            checksum: Checksum::default(),
            metadata: upload.metadata.take(),
            modified: std::time::SystemTime::now(),
        };
        state.uploads.remove(&input.upload_id);
        state.objects.insert(input.key.clone(), object);
        Ok(S3Response::new(CompleteMultipartUploadOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            e_tag: Some(ETag::Strong(etag)),
            ..Default::default()
        }))
    }

    async fn abort_multipart_upload(
        &self,
        req: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
        let mut state = self.open(&req.input.bucket)?;
        state.upload(&req.input.upload_id, &req.input.key)?;
        state.uploads.remove(&req.input.upload_id);
        Ok(S3Response::new(AbortMultipartUploadOutput::default()))
    }
}
