//! The body of a request and what its sender claims of it: every claim is verified, and none at all is an error.
//!
//! A claim comes in a header before the body or in a trailer after it.

use bytes::{Bytes, BytesMut};
use futures::TryStreamExt;
use s3s::checksum::ChecksumHasher;
use s3s::crypto::{Checksum as _, Crc32, Crc32c, Crc64Nvme, Sha1, Sha256};
use s3s::dto::{Checksum, StreamingBlob};
use s3s::{S3Error, S3ErrorCode, S3Result, TrailingHeaders, s3_error};

/// What a client says the checksums of a body are.
pub(super) struct Claimed(pub(super) Checksum);

impl Claimed {
    /// Hashers for what is claimed. Trailers come after the body, so those that are announced only are all tried.
    fn hasher(&self, trailing: bool) -> ChecksumHasher {
        ChecksumHasher {
            crc32: (trailing || self.0.checksum_crc32.is_some()).then(Crc32::new),
            crc32c: (trailing || self.0.checksum_crc32c.is_some()).then(Crc32c::new),
            sha1: (trailing || self.0.checksum_sha1.is_some()).then(Sha1::new),
            sha256: (trailing || self.0.checksum_sha256.is_some()).then(Sha256::new),
            crc64nvme: (trailing || self.0.checksum_crc64nvme.is_some()).then(Crc64Nvme::new),
        }
    }

    fn add_trailers(&mut self, trailers: Option<TrailingHeaders>) {
        let Some(trailers) = trailers.and_then(|trailers| trailers.take()) else { return };
        for (name, claimed) in [
            ("x-amz-checksum-crc32", &mut self.0.checksum_crc32),
            ("x-amz-checksum-crc32c", &mut self.0.checksum_crc32c),
            ("x-amz-checksum-sha1", &mut self.0.checksum_sha1),
            ("x-amz-checksum-sha256", &mut self.0.checksum_sha256),
            ("x-amz-checksum-crc64nvme", &mut self.0.checksum_crc64nvme),
        ] {
            let value = trailers.get(name).and_then(|value| value.to_str().ok());
            *claimed = value.map(str::to_owned).or(claimed.take());
        }
    }
}

/// Reads a body and verifies what is claimed of it; a body of which nothing is claimed is refused, since the product
/// claims something of every body.
pub(super) async fn receive(
    body: Option<StreamingBlob>,
    mut claimed: Claimed,
    trailers: Option<TrailingHeaders>,
) -> S3Result<(Bytes, Checksum)> {
    let mut hasher = claimed.hasher(trailers.is_some());
    let mut bytes = BytesMut::new();
    let mut body = body.ok_or_else(|| s3_error!(IncompleteBody))?;
    while let Some(chunk) =
        body.try_next().await.map_err(|error| S3Error::with_source(S3ErrorCode::IncompleteBody, error))?
    {
        hasher.update(&chunk);
        bytes.extend_from_slice(&chunk);
    }
    claimed.add_trailers(trailers);
    let (claimed, found) = (claimed.0, hasher.finalize());
    let pairs = [
        (&claimed.checksum_crc32, &found.checksum_crc32),
        (&claimed.checksum_crc32c, &found.checksum_crc32c),
        (&claimed.checksum_sha1, &found.checksum_sha1),
        (&claimed.checksum_sha256, &found.checksum_sha256),
        (&claimed.checksum_crc64nvme, &found.checksum_crc64nvme),
    ];
    let mut said = pairs.iter().filter(|(claimed, _)| claimed.is_some()).peekable();
    if said.peek().is_none() {
        return Err(s3_error!(InvalidRequest, "the body comes without a checksum"));
    }
    if said.any(|(claimed, found)| claimed != found) {
        return Err(s3_error!(BadDigest));
    }
    Ok((bytes.freeze(), claimed))
}
