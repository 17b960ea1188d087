//! Identifiers of graph nodes: UUIDv5 in the namespace of the program that came before edgraph, so that graphs of both
//! can be joined.
//!
//! The name hashed is `{object}:{content}`. What content is made of is said at each object's builder; two processes,
//! or two filings, that mean the same thing arrive at the same identifier.

use std::fmt;

use sha1::{Digest, Sha1};
use uuid::fmt::Hyphenated;
use uuid::{Builder, Uuid};

use crate::ids::{AccessionNumber, Cik};

const NAMESPACE: Uuid = Uuid::from_u128(0xa1b2_c3d4_e5f6_7890_abcd_ef12_3456_7890);

/// Content that is joined before it is hashed; anything but text blocks has less.
const SHORT_BYTES: usize = 1_024;

/// The scheme of EDGAR's entity identifiers.
pub const CIK_SCHEME: &str = "http://www.sec.gov/CIK";

/// The identifier of a node, in 16 bytes. Identifiers sort as their texts do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(u128);

impl NodeId {
    /// Bytes of one as text.
    pub const TEXT_BYTES: usize = Hyphenated::LENGTH;

    /// The identifier as the graph and all files have it: hexadecimal with hyphens.
    pub fn encode<'t>(&self, text: &'t mut [u8; Self::TEXT_BYTES]) -> &'t str {
        Uuid::from_u128(self.0).hyphenated().encode_lower(text)
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.encode(&mut [0; Self::TEXT_BYTES]))
    }
}

/// The identifier of a node: `object` is the kind of thing (`element`), `content` what makes it distinct.
pub fn node_id(object: &str, content: &str) -> NodeId {
    node_id_of(object, &[content])
}

/// The same of content in parts, which are taken as one text.
pub fn node_id_of(object: &str, content: &[&str]) -> NodeId {
    // UUIDs of version 5 (RFC 9562 section 5.5); hashed here because processors can, and there are thousands per filing.
    let mut hash = Sha1::new_with_prefix(NAMESPACE);
    hash.update(object);
    hash.update(":");
    // Many short parts cost more than they hold.
    if content.iter().map(|part| part.len()).sum::<usize>() <= SHORT_BYTES {
        hash.update(content.concat());
    } else {
        content.iter().for_each(|part| hash.update(part));
    }
    let mut start = [0; 16];
    start.copy_from_slice(&hash.finalize()[..16]);
    NodeId(Builder::from_sha1_bytes(start).into_uuid().as_u128())
}

/// The URI of an entity: CIKs are padded to ten digits, so one company has one.
pub fn entity_uri(scheme: &str, identifier: &str) -> String {
    let padded = match identifier.parse::<Cik>() {
        Ok(cik) if scheme == CIK_SCHEME => cik.cik10(),
        _ => identifier.to_owned(),
    };
    format!("{scheme}#{padded}")
}

/// The URI of a company.
pub fn company_uri(cik: Cik) -> String {
    format!("{CIK_SCHEME}#{}", cik.cik10())
}

/// The Entity node of a URI from [`entity_uri`] or [`company_uri`].
pub fn entity(uri: &str) -> NodeId {
    node_id("entity", uri)
}

/// The Report node of a filing.
pub fn report(accession: &AccessionNumber) -> NodeId {
    node_id("report", &accession.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values are the earlier program's own, as computed by its code.
    #[test]
    fn identifiers_are_the_predecessors() {
        #[track_caller]
        fn check(object: &str, content: &str, expected: &str) {
            assert_eq!(node_id(object, content).to_string(), expected, "{content}");
            let (start, rest) = content.split_at(content.len() / 2);
            assert_eq!(node_id_of(object, &[start, rest]), node_id(object, content));
        }
        check("entity", "http://www.sec.gov/CIK#0000320193", "b7a53d95-ba74-50d6-8849-94caa56e6c6e");
        check("element", "http://fasb.org/us-gaap/2024#Assets", "79db096b-7d49-590f-b8df-6aea3d0b0db9");
        let date_time = "http://www.w3.org/2001/XMLSchema#dateTime#";
        check("period", &(date_time.to_owned() + "2024-09-28"), "0d412878-1ae7-5806-ba01-3ab8c8477dd1");
        check(
            "period",
            &(date_time.to_owned() + "2023-10-01/2024-09-28"),
            "868dbfdb-5142-531d-87bf-ccbf0700a2f7",
        );
        check("unit", "http://www.xbrl.org/2003/iso4217#USD", "59ec1daf-7536-5568-8992-2faa9dccd52a");
        check(
            "label",
            "Total assets#http://www.xbrl.org/2003/role/totalLabel#en-US",
            "1d4ebd7e-200f-5283-a1c9-6d63f7b2ebcf",
        );
    }

    #[test]
    fn identifiers_sort_as_their_texts() {
        let mut ids: Vec<NodeId> = (0..100).map(|number| node_id("fact", &number.to_string())).collect();
        ids.sort();
        assert!(ids.iter().map(NodeId::to_string).is_sorted());
    }

    #[test]
    fn one_company_has_one_uri_however_its_cik_is_padded() {
        let padded = entity_uri(CIK_SCHEME, "0000000012");
        assert_eq!(padded, entity_uri(CIK_SCHEME, "12"));
        assert_eq!(padded, company_uri("12".parse().unwrap()));
        assert_eq!(entity_uri("http://example.org/id", "012"), "http://example.org/id#012");
    }
}
