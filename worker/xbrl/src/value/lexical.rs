//! Different texts of one date, time or duration (XML Schema part 2 section 3.2), as one text. Keys, not for people.

use chrono::{Days, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime};

use crate::decimal;

/// A value of the item type `name`, such as `dateTimeItemType`; `None` when it is none.
pub(super) fn date_or_time(name: &str, text: &str) -> Option<String> {
    let (local, zone) = split_zone(text);
    Some(match name {
        "dateTimeItemType" => {
            let at = date_time(local)?;
            match zone {
                None => at.to_string(),
                Some(zone) => format!("{}Z", at.checked_sub_offset(zone)?),
            }
        }
        "timeItemType" => {
            let (time, _) = time(local)?;
            // A time alone goes round the clock with its zone.
            zone.map_or_else(|| time.to_string(), |zone| format!("{}Z", time - zone))
        }
        "dateItemType" => {
            local.parse::<NaiveDate>().ok()?;
            with_zone(local, zone)
        }
        _ => with_zone(local, zone),
    })
}

fn with_zone(local: &str, zone: Option<FixedOffset>) -> String {
    match zone {
        None => local.to_owned(),
        Some(zone) if zone.local_minus_utc() == 0 => format!("{local}Z"),
        Some(zone) => format!("{local}{zone}"),
    }
}

fn date_time(text: &str) -> Option<NaiveDateTime> {
    let (date, clock) = text.split_once('T')?;
    let date: NaiveDate = date.parse().ok()?;
    let (time, is_next_day) = time(clock)?;
    Some(if is_next_day { date.checked_add_days(Days::new(1))? } else { date }.and_time(time))
}

/// A time of day, and whether it is the midnight at its end.
fn time(text: &str) -> Option<(NaiveTime, bool)> {
    if let Some(rest) = text.strip_prefix("24:00:00") {
        let is_whole = rest.is_empty() || rest.strip_prefix('.')?.bytes().all(|byte| byte == b'0');
        return is_whole.then_some((NaiveTime::MIN, true));
    }
    Some((NaiveTime::parse_from_str(text, "%H:%M:%S%.f").ok()?, false))
}

/// Takes `Z`, `+hh:mm` or `-hh:mm` off the end.
fn split_zone(text: &str) -> (&str, Option<FixedOffset>) {
    if let Some(local) = text.strip_suffix('Z') {
        return (local, FixedOffset::east_opt(0));
    }
    let zone = |(local, zone): (&'_ str, &str)| {
        let is_zone = zone.starts_with(['+', '-']) && zone.as_bytes()[3] == b':';
        let offset = if is_zone { zone.parse::<FixedOffset>().ok() } else { None };
        offset.map(|offset| (local.len(), offset))
    };
    match text.len().checked_sub(6).and_then(|at| text.split_at_checked(at)).and_then(zone) {
        Some((end, offset)) => (&text[..end], Some(offset)),
        None => (text, None),
    }
}

/// Months and seconds: all that a duration is (XML Schema 1.1 part 2 section 3.3.6).
pub(super) fn duration(text: &str) -> Option<String> {
    let is_negative = text.starts_with('-');
    let rest = text.strip_prefix('-').unwrap_or(text).strip_prefix('P')?;
    let (date, time) = match rest.split_once('T') {
        Some((_, "")) => return None,
        Some((date, time)) => (date, time),
        None => (rest, ""),
    };
    if rest.is_empty() {
        return None;
    }
    let [years, months, days] = parts(date, ['Y', 'M', 'D'])?;
    let [hours, minutes, seconds] = parts(time, ['H', 'M', 'S'])?;
    let whole = |text: &str| if text.is_empty() { Some(0) } else { text.parse::<u64>().ok() };
    let months = whole(years)?.checked_mul(12)?.checked_add(whole(months)?)?;
    let (seconds, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
    let minutes = whole(days)?
        .checked_mul(24)?
        .checked_add(whole(hours)?)?
        .checked_mul(60)?
        .checked_add(whole(minutes)?)?;
    let seconds = minutes.checked_mul(60)?.checked_add(whole(seconds)?)?;
    let seconds = decimal::canonical(&format!("{seconds}.{fraction}"))?.into_owned();
    let sign = if is_negative && (months > 0 || seconds != "0") { "-" } else { "" };
    Some(format!("{sign}P{months}M{seconds}S"))
}

/// Numbers before these letters, each letter at most once and in this order.
fn parts<const N: usize>(mut text: &str, letters: [char; N]) -> Option<[&str; N]> {
    let mut found = [""; N];
    for (part, letter) in found.iter_mut().zip(letters) {
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        if end > 0 && text[end..].starts_with(letter) {
            (*part, text) = (&text[..end], &text[end + 1..]);
        }
    }
    text.is_empty().then_some(found)
}

/// Hexadecimal digits of one case; base 64 without blanks.
pub(super) fn binary(name: &str, text: &str) -> String {
    match name {
        "hexBinaryItemType" => text.to_ascii_uppercase(),
        _ => text.replace(' ', ""),
    }
}
