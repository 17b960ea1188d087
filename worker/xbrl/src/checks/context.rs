//! Periods that end before they start (XBRL 2.1 section 4.7.2).

use chrono::{Days, NaiveDateTime, NaiveTime};

use crate::Tally;
use crate::model::{Instance, Moment, Period};

pub(super) fn check(instance: &Instance, tally: &mut Tally) {
    for context in &instance.contexts {
        let Period::Duration { start, end } = &context.period else { continue };
        if beginning(*start) >= ending(*end) {
            tally.add("period-reversed", &instance.files[context.file], context.line, || {
                let (from, to) = (start.date, end.date);
                format!("the period of context {:?} starts on {from} and ends on {to}", context.id)
            });
        }
    }
}

fn beginning(start: Moment) -> NaiveDateTime {
    start.date.and_time(start.time.unwrap_or(NaiveTime::MIN))
}

/// A date alone is the end of the day.
fn ending(end: Moment) -> NaiveDateTime {
    match end.time {
        Some(time) => end.date.and_time(time),
        None => end.date.checked_add_days(Days::new(1)).unwrap_or(end.date).and_time(NaiveTime::MIN),
    }
}
