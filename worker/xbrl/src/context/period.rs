//! Periods: the dates of a context, as text and as what they mean (XBRL 2.1 section 4.7.2).

use chrono::{Days, NaiveDate, NaiveTime};

use crate::model::{Moment, Period};

/// The texts of a period's elements.
#[derive(Default)]
pub(super) struct Dates {
    pub(super) instant: Option<String>,
    pub(super) start: Option<String>,
    pub(super) end: Option<String>,
    pub(super) is_forever: bool,
}

/// Which end of a day a date without a time stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum DayEdge {
    /// The start, in `startDate`.
    Start,
    /// The end, in `endDate` and `instant`.
    End,
}

impl Dates {
    /// The period, or what is wrong with it.
    pub(super) fn period(&self) -> Result<Period, String> {
        let moment =
            |text: &str, edge| moment(text, edge).ok_or_else(|| format!("{:?} is no date", text.trim()));
        match (&self.instant, &self.start, &self.end) {
            (Some(instant), None, None) => Ok(Period::Instant(moment(instant, DayEdge::End)?)),
            (None, Some(start), Some(end)) => {
                let (start, end) = (moment(start, DayEdge::Start)?, moment(end, DayEdge::End)?);
                Ok(Period::Duration { start, end })
            }
            (None, None, None) if self.is_forever => Ok(Period::Forever),
            (None, None, None) => Err("it has no period".to_owned()),
            _ => Err("its period is neither an instant nor a start with an end".to_owned()),
        }
    }
}

/// An `xs:date` or `xs:dateTime`, its time zone ignored: filings give none, and a day is a day where it was reported.
pub(super) fn moment(text: &str, edge: DayEdge) -> Option<Moment> {
    let text = text.trim_matches([' ', '\t', '\r', '\n']);
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(strip_zone(time))),
        None => (strip_zone(text), None),
    };
    let date = day(date)?;
    let Some(time) = time else { return Some(Moment { date, time: None }) };
    // Midnight has two names, the end of one day and the start of the next.
    let (date, time) = match time.strip_prefix("24:00:00") {
        Some(rest) if is_no_fraction(rest) => (date.checked_add_days(Days::new(1))?, NaiveTime::MIN),
        _ => (date, NaiveTime::parse_from_str(time, "%H:%M:%S%.f").ok()?),
    };
    match (edge, time == NaiveTime::MIN) {
        (_, false) => Some(Moment { date, time: Some(time) }),
        (DayEdge::Start, true) => Some(Moment { date, time: None }),
        (DayEdge::End, true) => Some(Moment { date: date.checked_sub_days(Days::new(1))?, time: None }),
    }
}

/// Whether what is behind the seconds adds nothing: it is absent, or a fraction of zeros.
fn is_no_fraction(text: &str) -> bool {
    text.is_empty()
        || text.strip_prefix('.').is_some_and(|zeros| !zeros.is_empty() && zeros.bytes().all(|b| b == b'0'))
}

fn day(text: &str) -> Option<NaiveDate> {
    let mut parts = text.splitn(3, '-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let is_well_formed = [(year, 4), (month, 2), (day, 2)]
        .iter()
        .all(|(part, length)| part.len() == *length && part.bytes().all(|byte| byte.is_ascii_digit()));
    if !is_well_formed {
        return None;
    }
    NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

/// Without `Z`, `+hh:mm` or `-hh:mm` at the end.
fn strip_zone(text: &str) -> &str {
    if let Some(text) = text.strip_suffix('Z') {
        return text;
    }
    match text.len().checked_sub(6).and_then(|at| text.split_at_checked(at)) {
        Some((rest, zone)) if zone.starts_with(['+', '-']) && zone.as_bytes()[3] == b':' => rest,
        _ => text,
    }
}
