//! The SEC's own registry, 2015-08-31.

use super::table::Table;
use crate::inline::transform::rule::Transform;
use crate::inline::transform::{duration, places, quarter, words};

pub(super) const NAMES: Table = &[
    ("boolballotbox", Transform::Sec(words::ballot_box_boolean)),
    ("countrynameen", Transform::Sec(places::country)),
    ("datequarterend", Transform::Sec(quarter::end)),
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
