//! Registry 1.

use super::{V1, check};

#[test]
fn numbers() {
    check(
        V1,
        &[
            ("numcommadot", "1,234,567.89", Some("1234567.89")),
            ("numcommadot", "123", Some("123")),
            ("numcommadot", "1234", None),
            ("numcommadot", "12,31", None),
            ("numcommadot", "1 234", None),
            ("numcommadot", ".5", None),
            ("numcommadot", "5.", None),
            ("numcommadot", "-5", None),
            ("numspacedot", "1 234 567.89", Some("1234567.89")),
            ("numspacedot", "1\n  234", Some("1234")),
            ("numspacedot", "1,234", None),
            ("numspacedot", "12 31", None),
            ("numdotcomma", "1.234,5", Some("1234.5")),
            ("numdotcomma", "1234,5", None),
            ("numdotcomma", "1,234.5", None),
            ("numspacecomma", "1\u{a0}234,5", Some("1234.5")),
            ("numspacecomma", "1\u{2009}234,5", None),
            ("numcomma", "1234,5", Some("1234.5")),
            ("numcomma", "1.234,5", None),
            ("numcomma", "1,234,5", None),
            ("numcomma", "१२", None),
            ("numdash", " - ", Some("0")),
            ("numdash", "—", None),
            ("numdash", "--", None),
            ("numdash", "0", None),
        ],
    );
}

#[test]
fn dates() {
    check(
        V1,
        &[
            ("dateslashus", "3/9/98", Some("2098-03-09")),
            ("dateslashus", "3/9/8", Some("2008-03-09")),
            ("dateslashus", "3-9-2008", None),
            ("dateslashus", "3/9/198", None),
            ("dateslashus", "13/1/2010", None),
            ("dateslashus", "2/29/2009", None),
            ("dateslashus", "3/9/0000", None),
            ("dateslasheu", "31/12/2010", Some("2010-12-31")),
            ("dateslasheu", "31 / 12 / 2010", None),
            ("datedotus", "12.31.2010", Some("2010-12-31")),
            ("datedoteu", "31.12.2010", Some("2010-12-31")),
            ("datedoteu", "31.13.2010", None),
            ("datedoteu", "31.04.2010", None),
            ("datedoteu", "31/12/2010", None),
            ("datedoteu", "0.12.2010", None),
            ("datelongus", "January 5, 2010", Some("2010-01-05")),
            ("datelongus", "January\n5, 2010", Some("2010-01-05")),
            ("datelongus", "January 5 2010", None),
            ("datelongus", "JANUARY 5, 2010", None),
            ("datelongus", "Jan 5, 2010", None),
            ("datelongus", "January 5, 9", None),
            ("datelongus", "January 05th, 2010", None),
            ("dateshortus", "Jan 5, 2010", Some("2010-01-05")),
            ("dateshortus", "January 5, 2010", None),
            ("dateshortuk", "5 Jan 10", Some("2010-01-05")),
            ("dateshortuk", "5-Jan-10", None),
            ("datelonguk", "05 January 2010", Some("2010-01-05")),
            ("datelonguk", "31 February 2010", None),
            ("datelongdaymonthuk", "28 February", Some("--02-28")),
            ("datelongdaymonthuk", "30 February", None),
            ("datelongmonthdayus", "June 30", Some("--06-30")),
            ("dateshortdaymonthuk", "1 Sep", Some("--09-01")),
            ("dateshortdaymonthuk", "1 Sept", None),
            ("dateshortmonthdayus", "Feb 29", Some("--02-29")),
            ("dateslashdaymontheu", "31/12", Some("--12-31")),
            ("dateslashmonthdayus", "31/12", None),
            ("datelongyearmonth", "2010 March", Some("2010-03")),
            ("datelongmonthyear", "March 10", Some("2010-03")),
            ("datelongmonthyear", "March, 2010", None),
            ("dateshortmonthyear", "Mar 2010", Some("2010-03")),
            ("dateshortyearmonth", "10 Mar", Some("2010-03")),
        ],
    );
}
