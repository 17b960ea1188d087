//! Gzip that is left on a body: some servers and caches pack what is packed already, or do not say that they did.
//!
//! Nothing that is asked for begins like gzip, so what does is unpacked, as often as it was packed.

use std::io::{self, Read};

use bytes::Bytes;
use flate2::bufread::MultiGzDecoder;

/// What gzip begins with: its two marks and the only method there is (RFC 1952 section 2.3.1).
const MAGIC: [u8; 3] = [0x1f, 0x8b, 8];
/// A body that is packed more often was made to be a burden.
const MAX_LAYERS: usize = 4;

/// Why a body is not unpacked.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// It unpacks to more bytes than are allowed.
    TooLarge,
    /// It is not whole.
    Damaged(String),
}

/// Whether there is gzip on a body.
pub(super) fn is_packed(body: &[u8]) -> bool {
    body.starts_with(&MAGIC)
}

/// The body without gzip, of at most `limit` bytes.
pub(super) fn unpacked(mut body: Bytes, limit: u64) -> Result<Bytes, Refused> {
    for _ in 0..MAX_LAYERS {
        if !is_packed(&body) {
            return Ok(body);
        }
        body = layer(&body, limit)?;
    }
    if is_packed(&body) {
        return Err(Refused::Damaged(format!("packed more than {MAX_LAYERS} times")));
    }
    Ok(body)
}

fn layer(body: &[u8], limit: u64) -> Result<Bytes, Refused> {
    let damaged = |error: io::Error| Refused::Damaged(format!("damaged gzip: {error}"));
    let mut unpacked = Vec::new();
    MultiGzDecoder::new(body).take(limit.saturating_add(1)).read_to_end(&mut unpacked).map_err(damaged)?;
    if unpacked.len() as u64 > limit { Err(Refused::TooLarge) } else { Ok(unpacked.into()) }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn packed(body: &[u8], times: usize) -> Bytes {
        let pack = |body: Vec<u8>, _| {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(&body).unwrap();
            encoder.finish().unwrap()
        };
        (0..times).fold(body.to_vec(), pack).into()
    }

    #[test]
    fn gzip_is_undone_as_often_as_it_was_done() {
        let (small, bomb) = (b"{\"a\": 1}", vec![b' '; 1_000_000]);
        for times in 0..=MAX_LAYERS {
            assert_eq!(unpacked(packed(small, times), 100).as_deref(), Ok(&small[..]), "{times}");
        }
        let two = [packed(b"{\"a\"", 1), packed(b": 1}", 1)].concat();
        assert_eq!(unpacked(two.into(), 100).as_deref(), Ok(&small[..]), "two members are one file");
        for body in [&b""[..], b"\x1f\x8b", b"\x1f\x8b\x07....", b"PK\x03\x04"] {
            assert_eq!(unpacked(Bytes::copy_from_slice(body), 100).as_deref(), Ok(body));
        }

        let cut = |body: &Bytes, bytes: usize| body.slice(..body.len() - bytes);
        let damaged = |body: Bytes| match unpacked(body, 2_000_000) {
            Err(Refused::Damaged(cause)) => cause,
            other => panic!("{other:?}"),
        };
        assert!(damaged(cut(&packed(small, 1), 1)).starts_with("damaged gzip"));
        assert!(damaged(cut(&packed(&packed(small, 1), 1), 9)).starts_with("damaged gzip"));
        assert_eq!(damaged(packed(small, MAX_LAYERS + 1)), "packed more than 4 times");
        assert_eq!(unpacked(packed(&bomb, 2), 999_999), Err(Refused::TooLarge));
        assert_eq!(unpacked(packed(&bomb, 2), 1_000_000).unwrap().len(), 1_000_000);
    }
}
