//! What the environment says of the network, by names that programs share: an authority's file, proxies.
//!
//! No settings of edgraph's own: those are read at the top, from arguments.

use std::env;
use std::path::PathBuf;

/// What programs are told a proxy by.
const PROXIES: [&str; 6] =
    ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

/// The file with the authorities that vouch for S3, in place of the system's.
pub fn aws_ca_bundle() -> Option<PathBuf> {
    env::var_os("AWS_CA_BUNDLE").filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// What was seen of a connection that failed, with the variables that may have led it astray.
pub fn with_proxies(seen: String) -> String {
    let is_set = |name: &&str| env::var_os(name).is_some_and(|value| !value.is_empty());
    let set: Vec<&str> = PROXIES.into_iter().filter(is_set).collect();
    if set.is_empty() { seen } else { format!("{seen} ({} set)", set.join(" and ")) }
}
