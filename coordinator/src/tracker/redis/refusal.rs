//! What a Redis that answers "no" wants: the fix for each refusal that no waiting helps.
//!
//! Decided by the words of the server, of TLS and of the client library: what happens inside a script comes wrapped,
//! and older servers wrap it without its code.

use crate::tracker::Trouble;

/// Some words, and the fix where one of them was said.
const FIXES: [(&[&str], &str); 13] = [
    (
        &["WRONGPASS", "AuthenticationFailed"],
        "give the right user and password in --redis, as redis://user:password@host",
    ),
    (&["NOAUTH"], "give the password in --redis, as redis://user:password@host"),
    (
        &["NOPERM", "can't run this command"],
        "allow the user of --redis the commands and keys that deploy/README.md lists",
    ),
    (&["MOVED", "ASK", "CROSSSLOT"], ONE_PRIMARY),
    (&["unknown command"], ONE_PRIMARY),
    (&["OOM"], "redis is full: raise its maxmemory, or delete finished pipelines with `edgraph delete`"),
    (&["MISCONF"], "redis cannot save to its disk and takes no writes: free space there"),
    (&["DB index"], "give a database in --redis that the server has"),
    (
        &["UnknownIssuer", "CaUsedAsEndEntity"],
        "give the authority of the server's certificate with --redis-ca FILE, or in SSL_CERT_FILE",
    ),
    (&["invalid peer certificate"], "give redis a certificate that is valid, and for the host in --redis"),
    (
        &["CertificateRequired", "HandshakeFailure"],
        "let redis take clients without certificates (tls-auth-clients no)",
    ),
    (
        &["InvalidContentType"],
        "the port of --redis speaks no TLS: give its TLS port, or redis:// in place of rediss://",
    ),
    (
        &["No CA certificates"],
        "give the authority of the server's certificate with --redis-ca FILE, or in SSL_CERT_FILE",
    ),
];

/// For all that is a Redis, and not one that edgraph can use.
pub(super) const ONE_PRIMARY: &str = "edgraph needs one Redis primary: give the address of a server that is no Sentinel and not one of several of a cluster";

/// What an error is, of the server at this address: its code, where it has one, and what was said.
pub(super) fn explain(address: &str, code: Option<&str>, said: &str) -> Trouble {
    let fix = fix(code.unwrap_or_default(), said);
    let text = match (code, fix) {
        (Some("READONLY"), _) => format!("redis at {address} is a replica that takes no writes: {said}"),
        (_, Some(_)) => format!("redis at {address} refuses: {said}"),
        (_, None) => format!("redis at {address}: {said}"),
    };
    Trouble { text, fix }
}

fn fix(code: &str, said: &str) -> Option<&'static str> {
    let is_said = |word: &str| word == code || holds(said, word);
    FIXES.iter().find(|(words, _)| words.iter().any(|word| is_said(word))).map(|(_, fix)| *fix)
}

/// Whether a text holds a word, and not as a part of another one.
fn holds(text: &str, word: &str) -> bool {
    let in_word = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(in_word) && !after.is_some_and(in_word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_that_lasts_has_its_fix_and_nothing_else_has_one() {
        for (code, said, expected) in [
            (
                "WRONGPASS",
                "WRONGPASS: invalid username-password pair or user is disabled.",
                Some("right user"),
            ),
            ("", "Password authentication failed - AuthenticationFailed", Some("right user")),
            ("NOAUTH", "\"NOAUTH\": Authentication required.", Some("give the password")),
            ("NOPERM", "this user has no permissions to run the 'evalsha' command", Some("deploy/README.md")),
            (
                "ERR",
                "Error running script: @user_script:12: The user executing the script can't run this command or subcommand",
                Some("deploy/README.md"),
            ),
            ("MOVED", "Moved: 3999 127.0.0.1:6381", Some("one Redis primary")),
            ("CROSSSLOT", "Keys in request don't hash to the same slot", Some("one Redis primary")),
            ("ERR", "unknown command 'SCRIPT', with args beginning with: 'LOAD'", Some("one Redis primary")),
            ("OOM", "command not allowed when used memory > 'maxmemory'.", Some("raise its maxmemory")),
            (
                "ERR",
                "Error running script (call to f_1): @user_script: 40: -OOM command not allowed",
                Some("raise its maxmemory"),
            ),
            (
                "MISCONF",
                "Redis is configured to save RDB snapshots, but it's unable to persist to disk.",
                Some("free space"),
            ),
            ("", "invalid peer certificate: UnknownIssuer", Some("--redis-ca")),
            ("", "invalid peer certificate: Expired", Some("that is valid")),
            ("", "received corrupt message of type InvalidContentType", Some("speaks no TLS")),
            ("READONLY", "You can't write against a read only replica.", None),
            ("LOADING", "Redis is loading the dataset in memory", None),
            ("CLUSTERDOWN", "The cluster is down", None),
            ("MASTERDOWN", "Link with MASTER is down and replica-serve-stale-data is set to 'no'.", None),
            ("", "Connection refused (os error 111)", None),
            ("", "timed out at ROOM 5, MASK 3", None),
        ] {
            let found = fix(code, said);
            let is_expected = match (found, expected) {
                (None, None) => true,
                (Some(found), Some(part)) => found.contains(part),
                _ => false,
            };
            assert!(is_expected, "{code} {said}: {found:?}");
        }
    }
}
