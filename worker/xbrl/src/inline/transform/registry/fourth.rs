//! 2020-02-12, and what 2022-02-16 added. Numbers of these two may have separators anywhere and nothing before the
//! mark, and their result is canonical.

use super::table::Table;
use crate::inline::transform::calendars;
use crate::inline::transform::characters::Digits;
use crate::inline::transform::date::Layout;
use crate::inline::transform::date::Part::{self, Day, Month, Name, Year};
use crate::inline::transform::month_names::{
    BG, CS, CS_YEAR, CY, CY_SPOKEN, DA, DE, EL, EN, ES, ET, FI, FR, HI, HR, HU, IT, LT, LV, NL, NO, PL, PT,
    RO, SK, SL,
};
use crate::inline::transform::months::Months;
use crate::inline::transform::number::Style;
use crate::inline::transform::rule::Transform;
use crate::inline::transform::tail::Tail;

const fn date(parts: &'static [Part]) -> Transform {
    Transform::Date(Layout::new(parts))
}

const fn named(parts: &'static [Part], months: Months, tail: Tail) -> Transform {
    Transform::Date(Layout::new(parts).months(months).tail(tail))
}

const fn hindi(parts: &'static [Part]) -> Transform {
    Transform::Date(Layout::new(parts).months(HI).digits(Digits::Devanagari).long_years())
}

/// Everything but dates with the name of a month.
pub(super) const NAMES: Table = &[
    ("date-day-month", date(&[Day, Month])),
    ("date-day-month-year", Transform::Date(Layout::new(&[Day, Month, Year]).digits(Digits::Devanagari))),
    ("date-day-monthroman", named(&[Day, Name], Months::Roman, Tail::Nothing)),
    ("date-day-monthroman-year", named(&[Day, Name, Year], Months::Roman, Tail::Nothing)),
    ("date-ind-day-monthname-year-hi", Transform::IndianNational),
    ("date-jpn-era-year-month", Transform::Marked(calendars::era_year_month)),
    ("date-jpn-era-year-month-day", Transform::Marked(calendars::era_year_month_day)),
    ("date-month-day", date(&[Month, Day])),
    ("date-month-day-year", date(&[Month, Day, Year])),
    ("date-month-year", Transform::Date(Layout::new(&[Month, Year]).digits(Digits::Devanagari))),
    ("date-monthroman-year", named(&[Name, Year], Months::Roman, Tail::Nothing)),
    (
        "date-year-month",
        Transform::Date(Layout::new(&[Year, Month]).digits(Digits::FullWidth).tail(Tail::ANY)),
    ),
    (
        "date-year-month-day",
        Transform::Date(Layout::new(&[Year, Month, Day]).digits(Digits::FullWidth).tail(Tail::ANY)),
    ),
    ("fixed-empty", Transform::Fixed("")),
    ("fixed-false", Transform::Fixed("false")),
    ("fixed-true", Transform::Fixed("true")),
    ("fixed-zero", Transform::Fixed("0")),
    ("num-comma-decimal", Transform::Number(Style::FREE_COMMA_DECIMAL)),
    ("num-dot-decimal", Transform::Number(Style::FREE_DOT_DECIMAL)),
    ("num-unit-decimal", Transform::Number(Style::FREE_UNIT_DECIMAL)),
];

/// Dates with the name of a month, and how far a name may go on after its stem where it comes last.
pub(super) const MONTHS: Table = &[
    ("date-day-monthname-bg", named(&[Day, Name], BG, Tail::Others(6))),
    ("date-day-monthname-cs", named(&[Day, Name], CS, Tail::Stop)),
    ("date-day-monthname-da", named(&[Day, Name], DA, Tail::Others(6))),
    ("date-day-monthname-de", named(&[Day, Name], DE, Tail::Others(6))),
    ("date-day-monthname-el", named(&[Day, Name], EL, Tail::Others(8))),
    ("date-day-monthname-en", named(&[Day, Name], EN, Tail::Nothing)),
    ("date-day-monthname-es", named(&[Day, Name], ES, Tail::Others(7))),
    ("date-day-monthname-et", named(&[Day, Name], ET, Tail::Others(5))),
    ("date-day-monthname-fi", named(&[Day, Name], FI, Tail::Others(8))),
    ("date-day-monthname-fr", named(&[Day, Name], FR, Tail::Others(5))),
    ("date-day-monthname-hr", named(&[Day, Name], HR, Tail::Others(6))),
    ("date-day-monthname-it", named(&[Day, Name], IT, Tail::Others(6))),
    ("date-day-monthname-lv", named(&[Day, Name], LV, Tail::Others(6))),
    ("date-day-monthname-nl", named(&[Day, Name], NL, Tail::Others(6))),
    ("date-day-monthname-no", named(&[Day, Name], NO, Tail::Others(6))),
    ("date-day-monthname-pl", named(&[Day, Name], PL, Tail::Others(9))),
    ("date-day-monthname-pt", named(&[Day, Name], PT, Tail::Others(6))),
    ("date-day-monthname-ro", named(&[Day, Name], RO, Tail::Others(7))),
    ("date-day-monthname-sk", named(&[Day, Name], SK, Tail::Others(6))),
    ("date-day-monthname-sl", named(&[Day, Name], SL, Tail::Others(6))),
    ("date-day-monthname-sv", named(&[Day, Name], DA, Tail::Others(6))),
    ("date-day-monthname-year-bg", named(&[Day, Name, Year], BG, Tail::ANY)),
    ("date-day-monthname-year-cs", named(&[Day, Name, Year], CS, Tail::Nothing)),
    ("date-day-monthname-year-da", named(&[Day, Name, Year], DA, Tail::Nothing)),
    ("date-day-monthname-year-de", named(&[Day, Name, Year], DE, Tail::Nothing)),
    ("date-day-monthname-year-el", named(&[Day, Name, Year], EL, Tail::Nothing)),
    ("date-day-monthname-year-en", named(&[Day, Name, Year], EN, Tail::Nothing)),
    ("date-day-monthname-year-es", named(&[Day, Name, Year], ES, Tail::Nothing)),
    ("date-day-monthname-year-et", named(&[Day, Name, Year], ET, Tail::Nothing)),
    ("date-day-monthname-year-fi", named(&[Day, Name, Year], FI, Tail::Nothing)),
    ("date-day-monthname-year-fr", named(&[Day, Name, Year], FR, Tail::Nothing)),
    ("date-day-monthname-year-hi", hindi(&[Day, Name, Year])),
    ("date-day-monthname-year-hr", named(&[Day, Name, Year], HR, Tail::Nothing)),
    ("date-day-monthname-year-it", named(&[Day, Name, Year], IT, Tail::Nothing)),
    ("date-day-monthname-year-nl", named(&[Day, Name, Year], NL, Tail::Nothing)),
    ("date-day-monthname-year-no", named(&[Day, Name, Year], NO, Tail::Nothing)),
    ("date-day-monthname-year-pl", named(&[Day, Name, Year], PL, Tail::ANY)),
    ("date-day-monthname-year-pt", named(&[Day, Name, Year], PT, Tail::Nothing)),
    ("date-day-monthname-year-ro", named(&[Day, Name, Year], RO, Tail::Nothing)),
    ("date-day-monthname-year-sk", named(&[Day, Name, Year], SK, Tail::Nothing)),
    ("date-day-monthname-year-sl", named(&[Day, Name, Year], SL, Tail::Nothing)),
    ("date-day-monthname-year-sv", named(&[Day, Name, Year], DA, Tail::Nothing)),
    ("date-monthname-day-en", named(&[Name, Day], EN, Tail::Letters(2))),
    ("date-monthname-day-hu", named(&[Name, Day], HU, Tail::Nothing)),
    ("date-monthname-day-lt", named(&[Name, Day], LT, Tail::ANY)),
    ("date-monthname-day-year-en", named(&[Name, Day, Year], EN, Tail::Nothing)),
    ("date-monthname-year-bg", named(&[Name, Year], BG, Tail::ANY)),
    ("date-monthname-year-cs", named(&[Name, Year], CS_YEAR, Tail::Nothing)),
    ("date-monthname-year-da", named(&[Name, Year], DA, Tail::Nothing)),
    ("date-monthname-year-de", named(&[Name, Year], DE, Tail::Nothing)),
    ("date-monthname-year-el", named(&[Name, Year], EL, Tail::Nothing)),
    ("date-monthname-year-en", named(&[Name, Year], EN, Tail::Nothing)),
    ("date-monthname-year-es", named(&[Name, Year], ES, Tail::Nothing)),
    ("date-monthname-year-et", named(&[Name, Year], ET, Tail::Nothing)),
    ("date-monthname-year-fi", named(&[Name, Year], FI, Tail::Nothing)),
    ("date-monthname-year-fr", named(&[Name, Year], FR, Tail::Nothing)),
    ("date-monthname-year-hi", hindi(&[Name, Year])),
    ("date-monthname-year-hr", named(&[Name, Year], HR, Tail::Nothing)),
    ("date-monthname-year-it", named(&[Name, Year], IT, Tail::Nothing)),
    ("date-monthname-year-nl", named(&[Name, Year], NL, Tail::Nothing)),
    ("date-monthname-year-no", named(&[Name, Year], NO, Tail::Nothing)),
    ("date-monthname-year-pl", named(&[Name, Year], PL, Tail::ANY)),
    ("date-monthname-year-pt", named(&[Name, Year], PT, Tail::Nothing)),
    ("date-monthname-year-ro", named(&[Name, Year], RO, Tail::Nothing)),
    ("date-monthname-year-sk", named(&[Name, Year], SK, Tail::Nothing)),
    ("date-monthname-year-sl", named(&[Name, Year], SL, Tail::Nothing)),
    ("date-monthname-year-sv", named(&[Name, Year], DA, Tail::Nothing)),
    ("date-year-day-monthname-lv", named(&[Year, Day, Name], LV, Tail::ANY)),
    ("date-year-monthname-day-hu", named(&[Year, Name, Day], HU, Tail::Nothing)),
    ("date-year-monthname-day-lt", named(&[Year, Name, Day], LT, Tail::ANY)),
    ("date-year-monthname-en", named(&[Year, Name], EN, Tail::Nothing)),
    ("date-year-monthname-hu", named(&[Year, Name], HU, Tail::Others(7))),
    ("date-year-monthname-lt", named(&[Year, Name], LT, Tail::ANY)),
    ("date-year-monthname-lv", named(&[Year, Name], LV, Tail::Others(7))),
];

/// 2022-02-16: Welsh, and numbers with apostrophes as the Swiss write them.
pub(super) const ADDED: Table = &[
    ("date-day-monthname-cy", named(&[Day, Name], CY, Tail::Others(7))),
    ("date-day-monthname-year-cy", named(&[Day, Name, Year], CY, Tail::Nothing)),
    ("date-monthname-year-cy", named(&[Name, Year], CY_SPOKEN, Tail::Nothing)),
    ("num-comma-decimal-apos", Transform::Number(Style::FREE_COMMA_DECIMAL_APOS)),
    ("num-dot-decimal-apos", Transform::Number(Style::FREE_DOT_DECIMAL_APOS)),
    ("num-unit-decimal-apos", Transform::Number(Style::FREE_UNIT_DECIMAL_APOS)),
];
