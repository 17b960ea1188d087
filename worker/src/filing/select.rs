//! Which of a company's filings to process. Pure.

use std::collections::{BTreeMap, HashSet};

use edgraph_shared::kinds::sec_xbrl::FilingFilter;
use edgraph_shared::manifest::FilingMetadata;

use crate::edgar::submissions::{Filing, OlderPage};

/// The marker of an amendment at the end of a form.
const AMENDMENT: &str = "/A";
/// EDGAR took no XBRL before the SEC's voluntary programme of 2005, so older pages and indexes are not asked for.
pub(crate) const FIRST_XBRL: &str = "2005-01-01";
/// Forms named among what was left out: results stay small.
const NAMED_FORMS: usize = 12;

/// Filings chosen, and how many were left out for what reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Newest first.
    pub chosen: Vec<FilingMetadata>,
    /// Filings of other forms count only if they have XBRL: nobody expects the rest.
    pub left_out: BTreeMap<String, u64>,
}

/// Chooses filings.
pub fn select(filings: Vec<Filing>, filter: &FilingFilter) -> Selection {
    let mut selection = Selection::default();
    let mut seen = HashSet::new();
    let mut other_forms: BTreeMap<String, u64> = BTreeMap::new();
    for filing in filings {
        if !seen.insert(filing.metadata.accession) {
            continue;
        }
        match reason_against(&filing, filter) {
            None => selection.chosen.push(filing.metadata),
            Some(Reason::Form) if !filing.has_xbrl => {}
            Some(Reason::Form) => *other_forms.entry(filing.metadata.form).or_default() += 1,
            Some(reason) => *selection.left_out.entry(reason.text().to_owned()).or_default() += 1,
        }
    }
    selection.left_out.extend(named(other_forms));
    let newest_first =
        |filing: &FilingMetadata| (filing.filing_date.clone(), filing.accepted_at.clone(), filing.accession);
    selection.chosen.sort_by_key(|filing| std::cmp::Reverse(newest_first(filing)));
    let max = filter.max_filings_per_entity.map_or(usize::MAX, |max| max as usize);
    if selection.chosen.len() > max {
        let beyond = (selection.chosen.len() - max) as u64;
        selection.left_out.insert(Reason::Beyond.text().to_owned(), beyond);
        selection.chosen.truncate(max);
    }
    selection
}

/// Whether filings of a form are wanted at all.
pub fn wants_form(filter: &FilingFilter, form: &str) -> bool {
    reason_against_form(form, filter).is_none()
}

/// Whether an older page can hold filings that would be chosen, knowing those found so far.
pub fn reaches(filter: &FilingFilter, page: &OlderPage, found: &[Filing]) -> bool {
    let since = filter.since.as_deref().unwrap_or(FIRST_XBRL).max(FIRST_XBRL);
    let before_until = filter.until.as_ref().is_none_or(|until| page.from.as_str() <= until.as_str());
    let enough = filter.max_filings_per_entity.is_some_and(|max| {
        // Only what is newer than the whole page; the same day may be in both.
        let newer = |filing: &&Filing| {
            filing.metadata.filing_date > page.to && reason_against(filing, filter).is_none()
        };
        found.iter().filter(newer).count() >= max as usize
    });
    page.to.as_str() >= since && before_until && !enough
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reason {
    Form,
    Amendment,
    NoXbrl,
    Before,
    After,
    Beyond,
}

impl Reason {
    fn text(self) -> &'static str {
        match self {
            Self::Form => "other forms",
            Self::Amendment => "amendment",
            Self::NoXbrl => "no XBRL",
            Self::Before => "before --since",
            Self::After => "after --until",
            Self::Beyond => "beyond --max-filings-per-entity",
        }
    }
}

/// Forms that were not asked for, by name: annual and quarterly ones first, since whoever asks for 10-Ks may miss a
/// 10-KT, then those with most filings; what goes beyond a limit is counted together.
fn named(forms: BTreeMap<String, u64>) -> BTreeMap<String, u64> {
    let mut forms: Vec<(String, u64)> = forms.into_iter().collect();
    forms.sort_by_key(|(form, filings)| (!form.starts_with("10-"), std::cmp::Reverse(*filings)));
    let beyond: u64 = forms.iter().skip(NAMED_FORMS).map(|(_, filings)| filings).sum();
    forms.truncate(NAMED_FORMS);
    let rest = (beyond > 0).then(|| (Reason::Form.text().to_owned(), beyond));
    forms.into_iter().map(|(form, filings)| (format!("form {form}"), filings)).chain(rest).collect()
}

fn reason_against_form(form: &str, filter: &FilingFilter) -> Option<Reason> {
    let wanted = |form: &str| filter.forms.iter().any(|wanted| wanted.trim().eq_ignore_ascii_case(form));
    match form.strip_suffix(AMENDMENT) {
        _ if wanted(form) => None,
        Some(base) if wanted(base) && filter.amendments => None,
        Some(base) if wanted(base) => Some(Reason::Amendment),
        _ => Some(Reason::Form),
    }
}

fn reason_against(filing: &Filing, filter: &FilingFilter) -> Option<Reason> {
    let FilingMetadata { form, filing_date, .. } = &filing.metadata;
    if let Some(reason) = reason_against_form(form, filter) {
        return Some(reason);
    }
    if !filing.has_xbrl {
        return Some(Reason::NoXbrl);
    }
    if filter.since.as_ref().is_some_and(|since| filing_date < since) {
        return Some(Reason::Before);
    }
    if filter.until.as_ref().is_some_and(|until| filing_date > until) {
        return Some(Reason::After);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_named_those_that_are_nearly_asked_for_first() {
        let forms = [("8-K", 30), ("4", 90), ("10-KT", 1)].map(|(form, filings)| (form.to_owned(), filings));
        let expected = [("form 10-KT", 1), ("form 4", 90), ("form 8-K", 30)];
        assert_eq!(named(forms.into()), expected.map(|(form, filings)| (form.to_owned(), filings)).into());
        let many = (0..40).map(|n| (format!("S-{n}"), 1)).chain([("10-KT".to_owned(), 1)]).collect();
        let named = named(many);
        assert_eq!((named["form 10-KT"], named["other forms"], named.len()), (1, 29, NAMED_FORMS + 1));
    }

    fn filing(number: u32, form: &str, date: &str, has_xbrl: bool) -> Filing {
        let metadata = FilingMetadata {
            accession: format!("0000000042-24-{number:06}").parse().unwrap(),
            form: form.into(),
            filing_date: date.into(),
            report_date: String::new(),
            accepted_at: format!("{date}T16:30:00.000Z"),
            primary_document: "a.htm".into(),
        };
        Filing { metadata, has_xbrl }
    }

    fn filings() -> Vec<Filing> {
        vec![
            filing(1, "10-K", "2022-02-01", true),
            filing(6, "8-K", "2023-12-01", true),
            filing(5, "10-K", "2024-02-01", true),
            filing(4, "10-Q", "2023-11-01", true),
            filing(3, "10-K/A", "2023-03-01", true),
            filing(2, "10-Q", "2023-05-01", false),
            filing(7, "4", "2023-12-02", false),
            filing(5, "10-K", "2024-02-01", true),
        ]
    }

    fn filter() -> FilingFilter {
        FilingFilter {
            forms: vec!["10-K".into(), "10-Q".into()],
            amendments: false,
            since: None,
            until: None,
            max_filings_per_entity: None,
        }
    }

    #[test]
    fn filters_choose_newest_first_and_say_what_they_left_out() {
        let date = |text: &str| Some(text.to_owned());
        let forms = |forms: &[&str]| forms.iter().map(|form| (*form).to_owned()).collect::<Vec<_>>();
        const OTHER: (&str, u64) = ("form 8-K", 1);
        type Case = (FilingFilter, &'static [u64], &'static [(&'static str, u64)]);
        let cases: [Case; 6] = [
            (filter(), &[5, 4, 1], &[("amendment", 1), OTHER, ("no XBRL", 1)]),
            (FilingFilter { amendments: true, ..filter() }, &[5, 4, 3, 1], &[OTHER, ("no XBRL", 1)]),
            (
                FilingFilter { max_filings_per_entity: Some(1), ..filter() },
                &[5],
                &[("amendment", 1), ("beyond --max-filings-per-entity", 2), OTHER, ("no XBRL", 1)],
            ),
            (
                FilingFilter { since: date("2023-11-01"), until: date("2023-12-31"), ..filter() },
                &[4],
                &[("after --until", 1), ("amendment", 1), ("before --since", 1), OTHER, ("no XBRL", 1)],
            ),
            (
                FilingFilter { forms: forms(&["10-k/a"]), ..filter() },
                &[3],
                &[("form 10-K", 2), ("form 10-Q", 1), ("form 8-K", 1)],
            ),
            (
                FilingFilter { max_filings_per_entity: Some(0), forms: forms(&["8-K"]), ..filter() },
                &[],
                &[
                    ("beyond --max-filings-per-entity", 1),
                    ("form 10-K", 2),
                    ("form 10-K/A", 1),
                    ("form 10-Q", 1),
                ],
            ),
        ];
        for (filter, chosen, left_out) in cases {
            let selection = select(filings(), &filter);
            let numbers =
                selection.chosen.iter().map(|filing| filing.accession.no_dashes()[12..].parse().unwrap());
            assert_eq!(numbers.collect::<Vec<u64>>(), chosen, "{filter:?}");
            let reasons: Vec<_> =
                selection.left_out.iter().map(|(reason, count)| (reason.as_str(), *count)).collect();
            assert_eq!(reasons, left_out, "{filter:?}");
        }
    }

    #[test]
    fn older_pages_are_followed_only_where_the_filter_reaches() {
        let page = |from: &str, to: &str| OlderPage {
            name: "p".into(),
            from: from.into(),
            to: to.into(),
            count: None,
        };
        let date = |text: &str| Some(text.to_owned());
        let cases = [
            (filter(), page("2015-01-01", "2021-12-31"), true),
            (filter(), page("1994-01-01", "2004-12-31"), false),
            (FilingFilter { since: date("2021-12-31"), ..filter() }, page("2015-01-01", "2021-12-31"), true),
            (FilingFilter { since: date("2022-01-01"), ..filter() }, page("2015-01-01", "2021-12-31"), false),
            (FilingFilter { until: date("2014-12-31"), ..filter() }, page("2015-01-01", "2021-12-31"), false),
            (FilingFilter { until: date("2015-01-01"), ..filter() }, page("2015-01-01", "2021-12-31"), true),
            (
                FilingFilter { max_filings_per_entity: Some(3), ..filter() },
                page("2015-01-01", "2021-12-31"),
                false,
            ),
            (
                FilingFilter { max_filings_per_entity: Some(4), ..filter() },
                page("2015-01-01", "2021-12-31"),
                true,
            ),
            (
                FilingFilter { max_filings_per_entity: Some(3), ..filter() },
                page("2015-01-01", "2022-02-01"),
                true,
            ),
        ];
        let found: Vec<Filing> = filings().into_iter().take(7).collect();
        for (filter, page, expected) in cases {
            assert_eq!(reaches(&filter, &page, &found), expected, "{filter:?} {page:?}");
        }
    }
}
