//! How EDGAR is reached, and the SEC's rules, checked once at the start.

use edgraph_shared::model::HostFamily;
use url::Url;

use crate::download::{self, Agent, BadBase, Base, Rate, Timeouts, is_sec, names_contact};

/// The most the SEC is ever asked per second: it allows ten, and blocks have been reported at 9.7.
const MAX_SEC_RATE: f64 = 9.5;
/// Sent to mirrors without TLS when the user names nobody.
pub(crate) const DEFAULT_AGENT: &str = concat!("edgraph/", env!("CARGO_PKG_VERSION"));

/// How EDGAR is reached.
#[derive(Clone, Debug)]
pub struct EdgarConfig {
    /// Has `files/` and `Archives/`: an http(s) address, `file:///directory` or a directory.
    pub archives: String,
    /// Has `submissions/` and `api/`.
    pub data: String,
    /// Who asks, with an e-mail address or a URL to complain to.
    pub user_agent: Option<String>,
    /// Requests per second over both bases.
    pub rate: Rate,
    /// How long the parts of an exchange may take.
    pub timeouts: Timeouts,
}

impl Default for EdgarConfig {
    /// The SEC itself.
    fn default() -> Self {
        Self {
            archives: "https://www.sec.gov".into(),
            data: "https://data.sec.gov".into(),
            user_agent: None,
            rate: Rate::default(),
            timeouts: Timeouts::default(),
        }
    }
}

impl EdgarConfig {
    /// Both bases at one place: a mirror or a directory in EDGAR's layout.
    pub fn at(base: impl Into<String>) -> Self {
        let base = base.into();
        Self { archives: base.clone(), data: base, ..Self::default() }
    }

    /// Where the bases are. The SEC's are asked over https only.
    pub(super) fn bases(&self) -> Result<(Base, Base), ConfigError> {
        let bases = (Base::parse(&self.archives)?, Base::parse(&self.data)?);
        let plain = [&bases.0, &bases.1].into_iter().filter_map(sec_url).find(|url| url.scheme() != "https");
        match plain {
            Some(url) => Err(ConfigError::PlainSec(url.to_string())),
            None => Ok(bases),
        }
    }

    /// Whose limit counts.
    pub(super) fn family(&self) -> Result<HostFamily, ConfigError> {
        let (archives, data) = self.bases()?;
        let is_secs = [&archives, &data].into_iter().any(|base| sec_url(base).is_some());
        Ok(if is_secs { HostFamily::Sec } else { HostFamily::Mirror })
    }

    /// The rules for a process that is alone with its hosts.
    ///
    /// # Errors
    /// [`ConfigError`] says which rule of the SEC's is broken.
    pub fn check_rules(&self) -> Result<(), ConfigError> {
        let (archives, data) = self.bases()?;
        let on_web: Vec<&Url> = [&archives, &data].into_iter().filter_map(Base::web).collect();
        if self.family()? == HostFamily::Sec {
            let allowed = matches!(self.rate, Rate::PerSecond(rate) if rate <= MAX_SEC_RATE);
            if !allowed {
                return Err(ConfigError::Rate(self.rate));
            }
            if !self.user_agent.as_deref().is_some_and(names_contact) {
                return Err(ConfigError::NoContact(self.user_agent.clone()));
            }
        }
        let over_tls = on_web.iter().find(|url| url.scheme() == "https");
        if let (Some(url), None) = (over_tls, &self.user_agent) {
            return Err(ConfigError::NoUserAgent(url.to_string()));
        }
        self.agent().map(drop)
    }

    /// Who asks.
    ///
    /// # Errors
    /// [`ConfigError::UserAgent`] if the text cannot be a header.
    pub fn agent(&self) -> Result<Agent, ConfigError> {
        let text = self.user_agent.as_deref().unwrap_or(DEFAULT_AGENT);
        Agent::parse(text).ok_or_else(|| ConfigError::UserAgent(text.to_owned()))
    }
}

fn sec_url(base: &Base) -> Option<&Url> {
    base.web().filter(|url| url.host_str().is_some_and(is_sec))
}

/// Why EDGAR cannot be reached as configured.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A base that is no place.
    #[error(transparent)]
    Base(#[from] BadBase),
    /// The SEC without a contact.
    #[error(
        "the SEC requires automated tools to name a contact in their User-Agent and blocks those that do not{}: \
         set --user-agent \"Name mail@example.com\" (your name or company and an e-mail address or URL)",
        .0.as_ref().map(|agent| format!(", and `{agent}` names none")).unwrap_or_default()
    )]
    NoContact(Option<String>),
    /// An https mirror without a User-Agent.
    #[error("{0} is to know who asks: set --user-agent \"Name mail@example.com\"")]
    NoUserAgent(String),
    /// A text that is no header.
    #[error("`{0}` cannot be a User-Agent: expected printable ASCII such as \"Name mail@example.com\"")]
    UserAgent(String),
    /// Too fast for the SEC.
    #[error(
        "a request rate of {0} is not allowed for sec.gov, whose limit is 10/s for all machines together: \
             set --edgar-rate to {MAX_SEC_RATE} or less"
    )]
    Rate(Rate),
    /// The SEC without TLS.
    #[error("{0}: the SEC is asked over https only")]
    PlainSec(String),
    /// The system offers no TLS.
    #[error(transparent)]
    Tls(#[from] download::Error),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_of_the_sec_hold_for_the_sec_and_only_there() {
        let folder = tempfile::tempdir().unwrap();
        let local = folder.path().display().to_string();
        let contact = Some("Name mail@example.com");
        let (http, https) = ("http://127.0.0.1:1", "https://mirror.example");
        let www = "https://www.sec.gov";
        type Case<'a> = (&'a str, &'a str, Option<&'a str>, Rate, Result<(), &'a str>);
        let cases: [Case<'_>; 12] = [
            (www, www, contact, Rate::PerSecond(8.0), Ok(())),
            (www, www, contact, Rate::PerSecond(9.5), Ok(())),
            (www, www, contact, Rate::PerSecond(9.6), Err("9.5 or less")),
            (www, www, contact, Rate::Off, Err("not allowed for sec.gov")),
            (www, www, None, Rate::PerSecond(8.0), Err("--user-agent \"Name mail@example.com\"")),
            (www, www, Some("curl/8"), Rate::PerSecond(8.0), Err("`curl/8` names none")),
            (&local, www, contact, Rate::Off, Err("not allowed for sec.gov")),
            ("http://www.sec.gov", http, contact, Rate::PerSecond(8.0), Err("https only")),
            (http, http, None, Rate::Off, Ok(())),
            (https, http, None, Rate::Off, Err("https://mirror.example/ is to know who asks")),
            (&local, &local, None, Rate::Off, Ok(())),
            (http, http, Some("Name\n"), Rate::Off, Ok(())),
        ];
        for (archives, data, agent, rate, expected) in cases {
            let config = EdgarConfig {
                archives: archives.into(),
                data: data.into(),
                user_agent: agent.map(str::to_owned),
                rate,
                ..EdgarConfig::default()
            };
            match (config.check_rules(), expected) {
                (Ok(_), Ok(())) => {}
                (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{error}"),
                (outcome, _) => panic!("{archives} {data} {agent:?} {rate}: {outcome:?}"),
            }
        }
    }
}
