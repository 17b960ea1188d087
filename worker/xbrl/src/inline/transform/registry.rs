//! The names of each registry.

use super::calendars::Era;
use super::date::Part::{Day, Month, Name, Year};
use super::date::{self, Part};
use super::months::{self, Months};
use super::number::Style;
use super::rule::Transform;
use super::{duration, places, words};

/// Registries 1 to 5 and the SEC's.
const REGISTRIES: [(&str, &[(&str, Transform)]); 6] = [
    ("http://www.xbrl.org/inlineXBRL/transformation/2010-04-20", V1),
    ("http://www.xbrl.org/inlineXBRL/transformation/2011-07-31", V2_V3),
    ("http://www.xbrl.org/inlineXBRL/transformation/2015-02-26", V2_V3),
    ("http://www.xbrl.org/inlineXBRL/transformation/2020-02-12", V4_V5),
    ("http://www.xbrl.org/inlineXBRL/transformation/2022-02-16", V4_V5),
    ("http://www.sec.gov/inlineXBRL/transformation/2015-08-31", SEC),
];

pub(super) fn find(namespace: &str, local: &str) -> Option<Transform> {
    let (_, table) = REGISTRIES.iter().find(|(name, _)| *name == namespace)?;
    match table.binary_search_by(|(name, _)| name.cmp(&local)) {
        Ok(at) => Some(table[at].1),
        Err(_) if std::ptr::eq(*table, V4_V5) => in_language(local),
        Err(_) => None,
    }
}

const fn date(parts: &'static [Part]) -> Transform {
    Transform::Date(parts, Months::None)
}

const fn named(parts: &'static [Part], months: Months) -> Transform {
    Transform::Date(parts, months)
}

/// 2010-04-20, sorted.
const V1: &[(&str, Transform)] = &[
    ("datedoteu", date(&[Day, Month, Year])),
    ("datedotus", date(&[Month, Day, Year])),
    ("datelongdaymonthuk", named(&[Day, Name], months::EN)),
    ("datelongmonthdayus", named(&[Name, Day], months::EN)),
    ("datelongmonthyear", named(&[Name, Year], months::EN)),
    ("datelonguk", named(&[Day, Name, Year], months::EN)),
    ("datelongus", named(&[Name, Day, Year], months::EN)),
    ("datelongyearmonth", named(&[Year, Name], months::EN)),
    ("dateshortdaymonthuk", named(&[Day, Name], months::EN)),
    ("dateshortmonthdayus", named(&[Name, Day], months::EN)),
    ("dateshortmonthyear", named(&[Name, Year], months::EN)),
    ("dateshortuk", named(&[Day, Name, Year], months::EN)),
    ("dateshortus", named(&[Name, Day, Year], months::EN)),
    ("dateshortyearmonth", named(&[Year, Name], months::EN)),
    ("dateslashdaymontheu", date(&[Day, Month])),
    ("dateslasheu", date(&[Day, Month, Year])),
    ("dateslashmonthdayus", date(&[Month, Day])),
    ("dateslashus", date(&[Month, Day, Year])),
    ("numcomma", Transform::Number(Style::COMMA_DECIMAL)),
    ("numcommadot", Transform::Number(Style::DOT_DECIMAL)),
    ("numdash", Transform::Dash),
    ("numdotcomma", Transform::Number(Style::COMMA_DECIMAL)),
    ("numspacecomma", Transform::Number(Style::COMMA_DECIMAL)),
    ("numspacedot", Transform::Number(Style::DOT_DECIMAL)),
];

/// 2011-07-31 and 2015-02-26, sorted; the second added to the first and changed nothing.
const V2_V3: &[(&str, Transform)] = &[
    ("booleanfalse", Transform::Fixed("false")),
    ("booleantrue", Transform::Fixed("true")),
    ("calindaymonthyear", Transform::IndianNational),
    ("datedaymonth", date(&[Day, Month])),
    ("datedaymonthdk", named(&[Day, Name], months::DA)),
    ("datedaymonthen", named(&[Day, Name], months::EN)),
    ("datedaymonthyear", date(&[Day, Month, Year])),
    ("datedaymonthyeardk", named(&[Day, Name, Year], months::DA)),
    ("datedaymonthyearen", named(&[Day, Name, Year], months::EN)),
    ("datedaymonthyearin", named(&[Day, Name, Year], months::HI)),
    ("dateerayearmonthdayjp", Transform::JapaneseEra(Era::Day)),
    ("dateerayearmonthjp", Transform::JapaneseEra(Era::Month)),
    ("datemonthday", date(&[Month, Day])),
    ("datemonthdayen", named(&[Name, Day], months::EN)),
    ("datemonthdayyear", date(&[Month, Day, Year])),
    ("datemonthdayyearen", named(&[Name, Day, Year], months::EN)),
    ("datemonthyear", date(&[Month, Year])),
    ("datemonthyeardk", named(&[Name, Year], months::DA)),
    ("datemonthyearen", named(&[Name, Year], months::EN)),
    ("datemonthyearin", named(&[Name, Year], months::HI)),
    ("dateyearmonthcjk", date(&[Year, Month])),
    ("dateyearmonthday", date(&[Year, Month, Day])),
    ("dateyearmonthdaycjk", date(&[Year, Month, Day])),
    ("dateyearmonthen", named(&[Year, Name], months::EN)),
    ("nocontent", Transform::Fixed("")),
    ("numcommadecimal", Transform::Number(Style::COMMA_DECIMAL)),
    ("numdotdecimal", Transform::Number(Style::DOT_DECIMAL)),
    ("numdotdecimalin", Transform::Number(Style::DOT_DECIMAL)),
    ("numunitdecimal", Transform::Number(Style::UNIT_DECIMAL)),
    ("numunitdecimalin", Transform::Number(Style::UNIT_DECIMAL)),
    ("zerodash", Transform::Dash),
];

/// 2020-02-12 and 2022-02-16, sorted; dates with the name of a month are in [`in_language`].
const V4_V5: &[(&str, Transform)] = &[
    ("date-day-month", date(&[Day, Month])),
    ("date-day-month-year", date(&[Day, Month, Year])),
    ("date-day-monthroman", named(&[Day, Name], Months::Roman)),
    ("date-day-monthroman-year", named(&[Day, Name, Year], Months::Roman)),
    ("date-ind-day-monthname-year-hi", Transform::IndianNational),
    ("date-jpn-era-year-month", Transform::JapaneseEra(Era::Month)),
    ("date-jpn-era-year-month-day", Transform::JapaneseEra(Era::Day)),
    ("date-month-day", date(&[Month, Day])),
    ("date-month-day-year", date(&[Month, Day, Year])),
    ("date-month-year", date(&[Month, Year])),
    ("date-monthroman-year", named(&[Name, Year], Months::Roman)),
    ("date-year-month", date(&[Year, Month])),
    ("date-year-month-day", date(&[Year, Month, Day])),
    ("fixed-empty", Transform::Fixed("")),
    ("fixed-false", Transform::Fixed("false")),
    ("fixed-true", Transform::Fixed("true")),
    ("fixed-zero", Transform::Fixed("0")),
    ("num-comma-decimal", Transform::Number(Style::COMMA_DECIMAL)),
    ("num-comma-decimal-apos", Transform::Number(Style::COMMA_DECIMAL_APOS)),
    ("num-dot-decimal", Transform::Number(Style::DOT_DECIMAL)),
    ("num-dot-decimal-apos", Transform::Number(Style::DOT_DECIMAL_APOS)),
    ("num-unit-decimal", Transform::Number(Style::UNIT_DECIMAL)),
    ("num-unit-decimal-apos", Transform::Number(Style::UNIT_DECIMAL)),
];

/// The SEC's, sorted.
const SEC: &[(&str, Transform)] = &[
    ("boolballotbox", Transform::Sec(words::ballot_box_boolean)),
    ("countrynameen", Transform::Sec(places::country)),
    ("datequarterend", Transform::Sec(date::quarter_end)),
    ("durday", Transform::Sec(duration::days)),
    ("durhour", Transform::Sec(duration::hours)),
    ("durmonth", Transform::Sec(duration::months)),
    ("durweek", Transform::Sec(duration::weeks)),
    ("durwordsen", Transform::Sec(words::duration)),
    ("duryear", Transform::Sec(duration::years)),
    ("edgarprovcountryen", Transform::Sec(places::edgar_province_or_country)),
    ("entityfilercategoryen", Transform::Sec(places::filer_category)),
    ("exchnameen", Transform::Sec(places::exchange)),
    ("numinf", Transform::Fixed("INF")),
    ("numnan", Transform::Fixed("NaN")),
    ("numneginf", Transform::Fixed("-INF")),
    ("numwordsen", Transform::Sec(words::number)),
    ("stateprovnameen", Transform::Sec(places::state_or_province)),
    ("yesnoballotbox", Transform::Sec(words::ballot_box_yes_no)),
];

/// Dates with the name of a month in registries 4 and 5: a shape, then a language. The registries define most
/// combinations; the others mean what they say.
fn in_language(local: &str) -> Option<Transform> {
    let (shape, language) = local.rsplit_once('-')?;
    let parts: &[Part] = match shape {
        "date-day-monthname" => &[Day, Name],
        "date-day-monthname-year" => &[Day, Name, Year],
        "date-monthname-day" => &[Name, Day],
        "date-monthname-day-year" => &[Name, Day, Year],
        "date-monthname-year" => &[Name, Year],
        "date-year-day-monthname" => &[Year, Day, Name],
        "date-year-monthname" => &[Year, Name],
        "date-year-monthname-day" => &[Year, Name, Day],
        _ => return None,
    };
    Some(Transform::Date(parts, months::language(language)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_for_the_search() {
        for (namespace, table) in REGISTRIES {
            assert!(table.is_sorted_by(|(a, _), (b, _)| a < b), "{namespace}");
        }
    }
}
