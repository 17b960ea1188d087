//! 2011-07-31, and what 2015-02-26 added.

use super::table::Table;
use crate::inline::transform::calendars;
use crate::inline::transform::characters::Digits;
use crate::inline::transform::date::Layout;
use crate::inline::transform::date::Part::{self, Day, Month, Name, NativeMonth, Year};
use crate::inline::transform::month_names::{DA, EN, HI};
use crate::inline::transform::number::Style;
use crate::inline::transform::rule::Transform;
use crate::inline::transform::tail::Tail;

const fn date(parts: &'static [Part]) -> Transform {
    Transform::Date(Layout::new(parts))
}

const fn english(parts: &'static [Part]) -> Layout {
    Layout::new(parts).months(EN)
}

const fn hindi(parts: &'static [Part]) -> Layout {
    Layout::new(parts).months(HI).digits(Digits::Devanagari).long_years()
}

pub(super) const NAMES: Table = &[
    ("booleanfalse", Transform::Fixed("false")),
    ("booleantrue", Transform::Fixed("true")),
    ("datedaymonth", date(&[Day, Month])),
    ("datedaymonthen", Transform::Date(english(&[Day, Name]))),
    ("datedaymonthyear", date(&[Day, Month, Year])),
    ("datedaymonthyearen", Transform::Date(english(&[Day, Name, Year]))),
    ("dateerayearmonthdayjp", Transform::Marked(calendars::era_year_month_day)),
    ("dateerayearmonthjp", Transform::Marked(calendars::era_year_month)),
    ("datemonthday", date(&[Month, Day])),
    ("datemonthdayen", Transform::Date(english(&[Name, Day]).tail(Tail::Letters(2)))),
    ("datemonthdayyear", date(&[Month, Day, Year])),
    ("datemonthdayyearen", Transform::Date(english(&[Name, Day, Year]))),
    ("datemonthyearen", Transform::Date(english(&[Name, Year]))),
    ("dateyearmonthcjk", Transform::Marked(calendars::year_month)),
    ("dateyearmonthdaycjk", Transform::Marked(calendars::year_month_day)),
    ("dateyearmonthen", Transform::Date(english(&[Year, Name]))),
    ("nocontent", Transform::Fixed("")),
    ("numcommadecimal", Transform::Number(Style::COMMA_DECIMAL)),
    ("numdotdecimal", Transform::Number(Style::DOT_DECIMAL)),
    ("numunitdecimal", Transform::Number(Style::UNIT_DECIMAL)),
    ("zerodash", Transform::Dash),
];

pub(super) const ADDED: Table = &[
    ("calindaymonthyear", Transform::IndianNational),
    ("datedaymonthdk", Transform::Date(Layout::new(&[Day, Name]).months(DA).tail(Tail::Others(6)))),
    ("datedaymonthyeardk", Transform::Date(Layout::new(&[Day, Name, Year]).months(DA))),
    (
        "datedaymonthyearin",
        Transform::EitherDate(hindi(&[Day, Name, Year]), hindi(&[Day, NativeMonth, Year])),
    ),
    ("datemonthyear", date(&[Month, Year])),
    ("datemonthyeardk", Transform::Date(Layout::new(&[Name, Year]).months(DA))),
    ("datemonthyearin", Transform::Date(hindi(&[Name, Year]))),
    (
        "dateyearmonthday",
        Transform::Date(Layout::new(&[Year, Month, Day]).digits(Digits::FullWidth).tail(Tail::ANY)),
    ),
    ("numdotdecimalin", Transform::Number(Style::DOT_DECIMAL_INDIAN)),
    ("numunitdecimalin", Transform::Number(Style::UNIT_DECIMAL_INDIAN)),
];
