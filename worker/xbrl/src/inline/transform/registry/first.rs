//! 2010-04-20. Names are long or short in English, separators are exactly those of the name, and a group of digits
//! never goes without one.

use super::table::Table;
use crate::inline::transform::date::Layout;
use crate::inline::transform::date::Part::{self, Day, Month, Name, Year};
use crate::inline::transform::month_names::{EN_LONG, EN_SHORT};
use crate::inline::transform::months::Months;
use crate::inline::transform::number::Style;
use crate::inline::transform::rule::Transform;

const fn date(parts: &'static [Part], separators: &'static [&'static str]) -> Transform {
    Transform::Date(Layout::new(parts).separated(separators))
}

const fn named(parts: &'static [Part], separators: &'static [&'static str], months: Months) -> Transform {
    Transform::Date(Layout::new(parts).separated(separators).months(months).long_years())
}

pub(super) const NAMES: Table = &[
    ("datedoteu", date(&[Day, Month, Year], &[".", "."])),
    ("datedotus", date(&[Month, Day, Year], &[".", "."])),
    ("datelongdaymonthuk", named(&[Day, Name], &[" "], EN_LONG)),
    ("datelongmonthdayus", named(&[Name, Day], &[" "], EN_LONG)),
    ("datelongmonthyear", named(&[Name, Year], &[" "], EN_LONG)),
    ("datelonguk", named(&[Day, Name, Year], &[" ", " "], EN_LONG)),
    ("datelongus", named(&[Name, Day, Year], &[" ", ", "], EN_LONG)),
    ("datelongyearmonth", named(&[Year, Name], &[" "], EN_LONG)),
    ("dateshortdaymonthuk", named(&[Day, Name], &[" "], EN_SHORT)),
    ("dateshortmonthdayus", named(&[Name, Day], &[" "], EN_SHORT)),
    ("dateshortmonthyear", named(&[Name, Year], &[" "], EN_SHORT)),
    ("dateshortuk", named(&[Day, Name, Year], &[" ", " "], EN_SHORT)),
    ("dateshortus", named(&[Name, Day, Year], &[" ", ", "], EN_SHORT)),
    ("dateshortyearmonth", named(&[Year, Name], &[" "], EN_SHORT)),
    ("dateslashdaymontheu", date(&[Day, Month], &["/"])),
    ("dateslasheu", date(&[Day, Month, Year], &["/", "/"])),
    ("dateslashmonthdayus", date(&[Month, Day], &["/"])),
    ("dateslashus", date(&[Month, Day, Year], &["/", "/"])),
    ("numcomma", Transform::Number(Style::COMMA)),
    ("numcommadot", Transform::Number(Style::COMMA_DOT)),
    ("numdash", Transform::Hyphen),
    ("numdotcomma", Transform::Number(Style::DOT_COMMA)),
    ("numspacecomma", Transform::Number(Style::SPACE_COMMA)),
    ("numspacedot", Transform::Number(Style::SPACE_DOT)),
];
