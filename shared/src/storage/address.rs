//! Where a store is, as one string says it: what `--store` accepts.
//!
//! ```text
//! ./data/store   /srv/edgraph   file:///srv/edgraph                                  a directory
//! s3://bucket/prefix                                                                 S3, all else from the environment
//! s3://bucket/prefix?endpoint=http://127.0.0.1:9000&region=eu-west-1&path-style=true&timeout-seconds=60&profile=x
//! ```
//!
//! Everything is taken literally, without percent-encoding, and keys have no place here: an address is logged and
//! shown. Reading it asks nobody; opening is [`super::open`].

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use super::{Error, InvalidKey, ObjectKey};

/// Beyond this a store that does not answer would hold work for longer than a lease may run.
const MAX_TIMEOUT_SECONDS: u64 = 600;
/// What there is to say besides bucket and prefix.
const OPTIONS: &str = "endpoint, region, path-style, timeout-seconds and profile";

/// A store's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// A directory on this machine.
    Directory(PathBuf),
    /// A bucket, or a part of one.
    S3(S3Config),
}

/// A bucket and how to reach it. What is `None` comes from the environment and the profile, as with any AWS program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct S3Config {
    /// The bucket's name.
    pub bucket: String,
    /// The folder all keys lie under; `None` is the whole bucket.
    pub prefix: Option<ObjectKey>,
    /// The URL of an S3 API that is not Amazon's.
    pub endpoint: Option<String>,
    /// The bucket's region.
    pub region: Option<String>,
    /// Whether the bucket goes into the path rather than the host name. `None`: when there is an `endpoint`, since
    /// few servers other than Amazon's have a host name for each bucket.
    pub path_style: Option<bool>,
    /// How long a request may take, besides the time that its bytes need.
    pub timeout: Option<Duration>,
    /// The profile in the AWS configuration files to take credentials and region from.
    pub profile: Option<String>,
}

impl S3Config {
    /// `s3://bucket` or `s3://bucket/prefix`, without options.
    pub fn uri(&self) -> String {
        match &self.prefix {
            Some(prefix) => format!("s3://{}/{prefix}", self.bucket),
            None => format!("s3://{}", self.bucket),
        }
    }
}

impl FromStr for Address {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let refuse = |reason: String| {
            // Options may hold what should not be repeated, such as a password within an endpoint.
            let store = text.split('?').next().unwrap_or_default().to_owned();
            Error::Misconfigured { store, reason }
        };
        match text.split_once("://") {
            Some(("s3", rest)) => s3(rest).map(Self::S3).map_err(refuse),
            Some(("file", path)) => directory(path).map_err(refuse),
            Some((scheme, _)) => Err(refuse(format!(
                "no store speaks {scheme}; give s3://bucket/prefix, file:///directory or a directory"
            ))),
            None if text.is_empty() => {
                Err(refuse("an empty address; give s3://bucket/prefix or a directory".to_owned()))
            }
            None if text.starts_with("s3:") => {
                Err(refuse("write s3://bucket/prefix, with two slashes".to_owned()))
            }
            None => Ok(Self::Directory(text.into())),
        }
    }
}

/// The path of a `file://` URL.
fn directory(path: &str) -> Result<Address, String> {
    if !path.starts_with('/') {
        return Err("file:// names another host; write file:///directory with three slashes".to_owned());
    }
    if path.contains('%') {
        return Err("percent-encoding is not read; give the path itself, without file://".to_owned());
    }
    Ok(Address::Directory(path.into()))
}

fn s3(text: &str) -> Result<S3Config, String> {
    let (place, options) = text.split_once('?').unwrap_or((text, ""));
    let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
    check_bucket(bucket)?;
    let prefix = match prefix.trim_end_matches('/') {
        "" => None,
        prefix => Some(prefix.parse().map_err(|error: InvalidKey| error.to_string())?),
    };
    let mut config = S3Config {
        bucket: bucket.to_owned(),
        prefix,
        endpoint: None,
        region: None,
        path_style: None,
        timeout: None,
        profile: None,
    };
    for option in options.split('&').filter(|option| !option.is_empty()) {
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        if value.is_empty() {
            return Err(format!("option {name} has no value"));
        }
        let again = match name {
            "endpoint" => config.endpoint.replace(endpoint(value)?).is_some(),
            "region" => config.region.replace(value.to_owned()).is_some(),
            "profile" => config.profile.replace(value.to_owned()).is_some(),
            "path-style" => config.path_style.replace(path_style(value)?).is_some(),
            "timeout-seconds" => config.timeout.replace(timeout(value)?).is_some(),
            _ => return Err(format!("no option {name}; there are {OPTIONS}")),
        };
        if again {
            return Err(format!("option {name} is given twice"));
        }
    }
    Ok(config)
}

/// Amazon's rules for names, as far as they can be told apart from a slip of the hand.
fn check_bucket(bucket: &str) -> Result<(), String> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-_".contains(c);
    if !(3..=63).contains(&bucket.len()) || !bucket.chars().all(allowed) {
        return Err(format!(
            "{bucket:?} is no bucket name (3 to 63 lower-case letters, digits, dots, hyphens; without a host)"
        ));
    }
    Ok(())
}

fn endpoint(value: &str) -> Result<String, String> {
    let host = value.strip_prefix("http://").or_else(|| value.strip_prefix("https://"));
    match host.map(|host| host.trim_end_matches('/')) {
        None | Some("") => Err("an endpoint is a URL such as https://host:port".to_owned()),
        Some(host) if host.contains('@') => {
            Err("an endpoint takes no user name; put keys into the environment or a profile".to_owned())
        }
        Some(_) => Ok(value.trim_end_matches('/').to_owned()),
    }
}

fn path_style(value: &str) -> Result<bool, String> {
    value.parse().map_err(|_| format!("path-style is true or false, not {value:?}"))
}

fn timeout(value: &str) -> Result<Duration, String> {
    let seconds = value.parse().ok().filter(|seconds| (1..=MAX_TIMEOUT_SECONDS).contains(seconds));
    let seconds = seconds.ok_or(format!("timeout-seconds is 1 to {MAX_TIMEOUT_SECONDS}, not {value:?}"))?;
    Ok(Duration::from_secs(seconds))
}

/// The address that reads as the same configuration.
impl fmt::Display for S3Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.uri())?;
        let path_style = self.path_style.map(|path_style| path_style.to_string());
        let timeout = self.timeout.map(|timeout| timeout.as_secs().to_string());
        let options = [
            ("endpoint", &self.endpoint),
            ("region", &self.region),
            ("path-style", &path_style),
            ("timeout-seconds", &timeout),
            ("profile", &self.profile),
        ];
        let given = options.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
        for (number, (name, value)) in given.enumerate() {
            write!(f, "{}{name}={value}", if number == 0 { '?' } else { '&' })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
