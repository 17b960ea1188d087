//! Faults by script: which request meets which misbehaviour.
//!
//! A fault is a value, so a test can say what it injected and then find it in the request log.

use std::sync::Mutex;
use std::time::Duration;

/// One way of not getting what was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// This status with a page of HTML, and `Retry-After` in whole seconds.
    Status { code: u16, retry_after: Option<Duration> },
    /// The right answer, late.
    Delay(Duration),
    /// The right `Content-Length`, but the connection closes after `keep` bytes of the body.
    CutBody { keep: usize },
    /// A `Content-Length` too small by `missing` bytes, and a body of that length: nothing looks broken.
    ShortLength { missing: usize },
    /// The connection is reset before an answer.
    Reset,
    /// Status 200 with a page of HTML in place of the data: throttling in disguise.
    Html,
    /// Status 200 with nothing in it.
    Empty,
    /// `Content-Encoding: gzip` over bytes that are not gzip.
    BadGzip,
    /// Status 403 with the document that S3 sends for what is not there: EDGAR's answer for an index of tomorrow.
    AccessDenied,
    /// Status 302 to this address, whatever it is.
    Redirect { to: String },
}

/// Which of the requests to a path meet a fault; counted from one, per rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// This one only.
    Nth(usize),
    /// The first so many.
    First(usize),
    /// Every one.
    Always,
}

impl When {
    fn holds(self, nth: usize) -> bool {
        match self {
            Self::Nth(n) => nth == n,
            Self::First(n) => nth <= n,
            Self::Always => true,
        }
    }
}

/// The script of one server. The first rule that applies to a request decides; every rule whose pattern matches
/// counts the request.
#[derive(Debug, Default)]
pub(super) struct FaultPlan {
    rules: Mutex<Vec<Rule>>,
}

#[derive(Debug)]
struct Rule {
    pattern: String,
    when: When,
    fault: Fault,
    seen: usize,
}

impl FaultPlan {
    pub(super) fn add(&self, pattern: &str, when: When, fault: Fault) {
        let rule = Rule { pattern: pattern.to_owned(), when, fault, seen: 0 };
        self.rules.lock().expect("no thread panics while it holds the plan").push(rule);
    }

    pub(super) fn next(&self, path: &str) -> Option<Fault> {
        let mut rules = self.rules.lock().expect("no thread panics while it holds the plan");
        let mut met = None;
        for rule in rules.iter_mut().filter(|rule| matches(&rule.pattern, path)) {
            rule.seen += 1;
            if met.is_none() && rule.when.holds(rule.seen) {
                met = Some(rule.fault.clone());
            }
        }
        met
    }
}

/// Whether `path` contains the parts of `pattern` between its asterisks, in their order.
fn matches(pattern: &str, path: &str) -> bool {
    let mut rest = path;
    pattern.split('*').all(|part| match rest.find(part) {
        Some(at) => {
            rest = &rest[at + part.len()..];
            true
        }
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_parts_in_order() {
        for (pattern, path, expected) in [
            ("index.json", "/Archives/edgar/data/1/2/index.json", true),
            ("/data/*.zip", "/Archives/edgar/data/1/2/x-xbrl.zip", true),
            (".zip*/data/", "/Archives/edgar/data/1/2/x-xbrl.zip", false),
            ("", "/anything", true),
            ("submissions", "/files/company_tickers.json", false),
        ] {
            assert_eq!(matches(pattern, path), expected, "{pattern} in {path}");
        }
    }

    #[test]
    fn rules_count_for_themselves_and_the_first_decides() {
        let plan = FaultPlan::default();
        plan.add("/a", When::Nth(2), Fault::Reset);
        plan.add("/", When::First(3), Fault::Empty);
        let met: Vec<_> = ["/a", "/a", "/b", "/a"].map(|path| plan.next(path)).into();
        assert_eq!(met, [Some(Fault::Empty), Some(Fault::Reset), Some(Fault::Empty), None]);
    }
}
