//! Once a day what nothing reads any more is removed from the store: whoever leads starts a `gc` pipeline.
//!
//! The pipeline's id is made of the night's date, so that it is the same one whoever starts it how often. A night in which
//! nobody led is made up by the next leader; of several such nights only the last.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use chrono::{DateTime, NaiveTime, Utc};
use edgraph_coordinator::engine::{EngineError, EngineHandle, Seat};
use edgraph_coordinator::kinds;
use edgraph_shared::ids::PipelineId;
use edgraph_shared::kinds::gc::{CollectGarbage, NAME};
use tokio_util::sync::CancellationToken;

/// How often it is looked whether a night is due: nobody waits for it to the minute.
const LOOK_EVERY: Duration = Duration::from_secs(30);

const OFF: &str = "off";
const FORMAT: &str = "%H:%M";

/// What is done every night.
#[derive(Clone, Copy, Debug)]
pub struct Nightly {
    /// When.
    pub at: At,
    /// How long what may still be read or accepted is kept.
    pub grace: Duration,
}

/// A time of day in UTC, or never.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At(Option<NaiveTime>);

/// `HH:MM`, or `off`.
impl FromStr for At {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == OFF {
            return Ok(Self(None));
        }
        let time = NaiveTime::parse_from_str(text, FORMAT);
        time.map(|time| Self(Some(time)))
            .map_err(|_| format!("expected HH:MM in UTC, such as 03:00, or {OFF}"))
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(time) => write!(f, "{}", time.format(FORMAT)),
            None => f.write_str(OFF),
        }
    }
}

/// The pipeline that is due, unless it is the last one that was started. A night has the date of the day on which it was
/// due, and lasts until the next one is.
fn due(now: DateTime<Utc>, at: At, last: Option<&PipelineId>) -> Option<PipelineId> {
    let since_midnight = at.0?.signed_duration_since(NaiveTime::MIN);
    let night = (now - since_midnight).date_naive();
    let id: PipelineId = format!("{NAME}-{night}").parse().expect("a name and a date are an id");
    (last != Some(&id)).then_some(id)
}

/// Starts what is due whenever this coordinator leads.
pub(crate) async fn keep(nightly: Nightly, mut seat: Seat, shutdown: CancellationToken) {
    let mut last = None;
    loop {
        if let Ok(engine) = seat.engine()
            && let Some(id) = due(Utc::now(), nightly.at, last.as_ref())
            && shutdown.run_until_cancelled(is_started(&engine, &id, nightly.grace)).await == Some(true)
        {
            last = Some(id);
        }
        tokio::select! {
            known = seat.changed() => if !known { return },
            () = tokio::time::sleep(LOOK_EVERY) => {}
            () = shutdown.cancelled() => return,
        }
    }
}

/// Whether there is nothing left to start tonight.
async fn is_started(engine: &EngineHandle, id: &PipelineId, grace: Duration) -> bool {
    let parameters = CollectGarbage { grace_s: grace.as_secs() };
    let parameters = serde_json::to_string(&parameters).expect("numbers always serialise");
    match engine.start_or_find(Some(id.clone()), "", kinds::base(NAME, &parameters)).await {
        Ok((_, created)) => {
            if created {
                tracing::info!(pipeline = %id, "files that nothing reads any more are removed");
            }
            true
        }
        // Started with another grace before, or there are too many: asking again tonight helps nobody.
        Err(EngineError::Command(reason)) => {
            tracing::warn!(pipeline = %id, %reason, "files that nothing reads any more stay tonight");
            true
        }
        Err(reason) => {
            tracing::info!(pipeline = %id, %reason, "not started yet");
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due_at(now: &str, at: &str, last: Option<&str>) -> Option<String> {
        let last = last.map(|last| last.parse().unwrap());
        due(now.parse().unwrap(), at.parse().unwrap(), last.as_ref()).map(|id| id.to_string())
    }

    #[test]
    fn a_night_is_due_from_its_time_on_until_the_next_one() {
        for (now, at, expected) in [
            ("2026-11-30T03:00:00Z", "03:00", "gc-2026-11-30"),
            ("2026-11-30T23:59:59Z", "03:00", "gc-2026-11-30"),
            ("2026-12-01T02:59:59Z", "03:00", "gc-2026-11-30"),
            ("2026-12-01T03:00:00Z", "03:00", "gc-2026-12-01"),
            ("2026-12-01T00:00:00Z", "00:00", "gc-2026-12-01"),
            ("2026-12-31T23:59:00Z", "23:59", "gc-2026-12-31"),
            ("2027-01-01T23:58:59Z", "23:59", "gc-2026-12-31"),
        ] {
            assert_eq!(due_at(now, at, None).as_deref(), Some(expected), "{now} {at}");
            assert_eq!(due_at(now, at, Some(expected)), None, "{now} {at}");
        }
    }

    #[test]
    fn of_nights_that_were_missed_the_last_is_made_up() {
        let long_after = due_at("2026-12-24T12:00:00Z", "03:00", Some("gc-2026-11-30"));
        assert_eq!(long_after.as_deref(), Some("gc-2026-12-24"));
        assert_eq!(due_at("2026-12-24T12:00:00Z", "off", None), None);
    }

    #[test]
    fn times_are_read_as_they_are_shown() {
        for text in ["00:00", "03:00", "23:59", "off"] {
            assert_eq!(text.parse::<At>().unwrap().to_string(), text);
        }
        for text in ["24:00", "3", "", "03:00:00", "never", "03:60"] {
            assert!(text.parse::<At>().unwrap_err().contains("such as 03:00"), "{text}");
        }
    }
}
