//! Which hosts may be asked, also after redirects.

use url::Url;

/// Hosts that may be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hosts {
    authorities: Vec<String>,
}

impl Hosts {
    /// These hosts, each `host` or `host:port`; with one host of the SEC, all of its hosts.
    pub fn new(authorities: impl IntoIterator<Item = String>) -> Self {
        Self { authorities: authorities.into_iter().collect() }
    }

    /// The hosts of these addresses.
    pub fn of<'a>(urls: impl IntoIterator<Item = &'a Url>) -> Self {
        Self::new(urls.into_iter().map(authority))
    }

    /// Whether a document may be asked of this address.
    pub fn allow(&self, url: &Url) -> bool {
        let asked = authority(url);
        let listed = self.authorities.contains(&asked);
        let family = is_sec(&asked) && self.authorities.iter().any(|listed| is_sec(listed));
        url.username().is_empty() && url.password().is_none() && (listed || family)
    }

    /// Whether a redirect may be followed: within the hosts, and never from https to http.
    pub(super) fn allow_redirect(&self, from: &Url, to: &Url) -> bool {
        let scheme = to.scheme() == "https" || (to.scheme() == "http" && from.scheme() == "http");
        scheme && self.allow(to)
    }
}

/// Where a redirect leads: a host that was asked over https is not asked in the clear afterwards.
pub(super) fn upgraded(from: &Url, mut to: Url) -> Url {
    if from.scheme() == "https" && to.scheme() == "http" && to.port().is_none() {
        // Both schemes are special ones, between which a change is always possible.
        let _ = to.set_scheme("https");
    }
    to
}

/// Whether a host belongs to the SEC, whose request limit counts over all of its hosts.
pub fn is_sec(host: &str) -> bool {
    let host = host.trim_end_matches('.');
    host.eq_ignore_ascii_case("sec.gov") || host.to_ascii_lowercase().ends_with(".sec.gov")
}

/// `host` or `host:port`, the port only when it is not the scheme's own.
pub(crate) fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_stay_within_the_hosts_and_their_scheme() {
        let hosts = Hosts::new(["www.sec.gov".into(), "mirror.example:8080".into()]);
        let cases = [
            ("https://www.sec.gov/a", "https://www.sec.gov/b", true),
            ("https://www.sec.gov/a", "https://data.sec.gov/b", true),
            ("https://www.sec.gov/a", "http://www.sec.gov/b", true),
            ("https://www.sec.gov/a", "http://www.sec.gov:8080/b", false),
            ("https://www.sec.gov/a", "https://www.sec.gov:8443/b", false),
            ("https://www.sec.gov/a", "https://evilsec.gov/b", false),
            ("https://www.sec.gov/a", "https://sec.gov.evil.example/b", false),
            ("https://www.sec.gov/a", "https://name@www.sec.gov/b", false),
            ("https://www.sec.gov/a", "file:///etc/passwd", false),
            ("http://mirror.example:8080/a", "http://mirror.example:8080/b", true),
            ("http://mirror.example:8080/a", "https://mirror.example/b", false),
        ];
        for (from, to, expected) in cases {
            let (from, to) = (Url::parse(from).unwrap(), Url::parse(to).unwrap());
            let to = upgraded(&from, to);
            assert!(from.scheme() == "http" || to.scheme() != "http" || !expected, "{from} -> {to}");
            assert_eq!(hosts.allow_redirect(&from, &to), expected, "{from} -> {to}");
        }
    }
}
