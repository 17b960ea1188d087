//! Dates with the name of a month in the languages of registries 4 and 5.

use super::{V4, V5, check};

#[test]
fn english() {
    for namespace in [V4, V5] {
        check(
            namespace,
            &[
                ("date-monthname-day-en", "September 27", Some("--09-27")),
                ("date-monthname-day-en", "September 27th", Some("--09-27")),
                ("date-monthname-day-en", "September 27 ult", None),
                ("date-monthname-day-en", "september 27", None),
                ("date-monthname-day-en", "February 30", None),
                ("date-monthname-day-year-en", "Sep 27, 2024", Some("2024-09-27")),
                ("date-monthname-day-year-en", "DECEMBER 31, 2024", Some("2024-12-31")),
                ("date-monthname-day-year-en", "December\u{a0}31,\n2024", Some("2024-12-31")),
                ("date-monthname-day-year-en", "DECember 31, 2024", Some("2024-12-31")),
                ("date-monthname-day-year-en", "December 31, 20244", None),
                ("date-monthname-day-year-en", "December 31, 2024.", None),
                ("date-monthname-day-year-en", "February 29, 2023", None),
                ("date-monthname-year-en", "May 2024", Some("2024-05")),
                ("date-monthname-year-en", "may 2024", None),
                ("date-year-monthname-en", "2024 May", Some("2024-05")),
                ("date-day-monthname-en", "1st of May", Some("--05-01")),
                ("date-day-monthname-en", "1 May.", None),
                ("date-day-monthname-year-en", "1st day of MAY, 2024", Some("2024-05-01")),
            ],
        );
    }
}

#[test]
fn what_the_languages_ask_for() {
    for namespace in [V4, V5] {
        check(
            namespace,
            &[
                ("date-day-monthname-de", "31. märz", Some("--03-31")),
                ("date-day-monthname-de", "31. MÄRZ", Some("--03-31")),
                ("date-day-monthname-de", "31. mÄrz", None),
                ("date-day-monthname-de", "31. March", Some("--03-31")),
                ("date-day-monthname-de", "31. Oktoberfestzelt", None),
                ("date-day-monthname-year-es", "31 de marzo de 2024", Some("2024-03-31")),
                ("date-day-monthname-year-es", "31 de marzo o abril de 2024", None),
                ("date-day-monthname-year-fr", "1er août 2024", Some("2024-08-01")),
                ("date-day-monthname-cs", "5. července", Some("--07-05")),
                ("date-day-monthname-cs", "5. červen", None),
                ("date-day-monthname-cs", "5. čvc.", Some("--07-05")),
                ("date-day-monthname-cs", "5. lis..", None),
                ("date-monthname-year-cs", "červen 2024", Some("2024-06")),
                ("date-monthname-year-cs", "červenec 2024", Some("2024-07")),
                ("date-monthname-year-cs", "prosinci 2024", Some("2024-12")),
                ("date-monthname-year-cs", "prosincem 2024", None),
                // Stems of these begin words: "mar" is no month in "kummarin".
                ("date-day-monthname-year-fi", "31. maaliskuuta 2024", Some("2024-03-31")),
                ("date-day-monthname-fi", "5 kummar", None),
                ("date-day-monthname-pl", "5października", None),
                ("date-day-monthname-pl", "5 października", Some("--10-05")),
                ("date-day-monthname-year-bg", "31 март 2024 г.", Some("2024-03-31")),
                ("date-day-monthname-year-de", "31. März 2024 n.", None),
                ("date-year-monthname-day-hu", "2024. március 31", Some("2024-03-31")),
                ("date-year-monthname-day-hu", "2024. március 31.", None),
                ("date-monthname-day-hu", "március 31", Some("--03-31")),
                ("date-year-monthname-hu", "2024. szeptember", Some("2024-09")),
                ("date-year-monthname-day-lt", "2024 m. kovo 31 d.", Some("2024-03-31")),
                ("date-monthname-day-lt", "kovo 31 d.", Some("--03-31")),
                ("date-year-monthname-lt", "2024 m. rugsėjo mėn.", Some("2024-09")),
                ("date-year-day-monthname-lv", "2024. gada 31. marts", Some("2024-03-31")),
                ("date-year-monthname-lv", "2024. gada decembris", Some("2024-12")),
            ],
        );
    }
    check(
        V5,
        &[
            ("date-day-monthname-cy", "31 Mawrth", Some("--03-31")),
            ("date-day-monthname-cy", "30 Tachwedd", Some("--11-30")),
            ("date-day-monthname-year-cy", "31 Mawrth 2024", Some("2024-03-31")),
            ("date-day-monthname-year-cy", "31 o Fawrth 2024", None),
            ("date-monthname-year-cy", "Fawrth 2024", Some("2024-03")),
        ],
    );
}

/// The names of the months after a day, as people print them.
const AFTER_A_DAY: [(&str, &str); 21] = [
    ("bg", "януари февруари март април май юни юли август септември октомври ноември декември"),
    ("cs", "ledna února března dubna května června července srpna září října listopadu prosince"),
    ("da", "januar februar marts april maj juni juli august september oktober november december"),
    ("de", "Januar Februar März April Mai Juni Juli August September Oktober November Dezember"),
    (
        "el",
        "Ιανουαρίου Φεβρουαρίου Μαρτίου Απριλίου Μαΐου Ιουνίου Ιουλίου Αυγούστου Σεπτεμβρίου Οκτωβρίου \
         Νοεμβρίου Δεκεμβρίου",
    ),
    ("en", "January February March April May June July August September October November December"),
    ("es", "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"),
    ("et", "jaanuar veebruar märts aprill mai juuni juuli august september oktoober november detsember"),
    (
        "fi",
        "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta \
         lokakuuta marraskuuta joulukuuta",
    ),
    ("fr", "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"),
    ("hi", "जनवरी फरवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर"),
    (
        "hr",
        "siječnja veljače ožujka travnja svibnja lipnja srpnja kolovoza rujna listopada studenoga prosinca",
    ),
    ("it", "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre"),
    ("nl", "januari februari maart april mei juni juli augustus september oktober november december"),
    ("no", "januar februar mars april mai juni juli august september oktober november desember"),
    (
        "pl",
        "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    ),
    ("pt", "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro"),
    (
        "ro",
        "ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie",
    ),
    ("sk", "januára februára marca apríla mája júna júla augusta septembra októbra novembra decembra"),
    ("sl", "januarja februarja marca aprila maja junija julija avgusta septembra oktobra novembra decembra"),
    ("sv", "januari februari mars april maj juni juli augusti september oktober november december"),
];

/// No stem of a language is part of the name of another of its months, whatever the case.
#[test]
fn every_month_of_every_language() {
    for (language, names) in AFTER_A_DAY {
        assert_eq!(names.split(' ').count(), 12, "{language}");
        for (month, name) in (1..).zip(names.split(' ')) {
            let with_year = format!("date-day-monthname-year-{language}");
            let date = format!("2024-{month:02}-01");
            check(V4, &[(&*with_year, &format!("1. {name} 2024"), Some(&*date))]);
            check(V5, &[(&*with_year, &format!("1. {} 2024", name.to_uppercase()), Some(&*date))]);
            if language != "hi" {
                let day = format!("--{month:02}-01");
                let without = format!("date-day-monthname-{language}");
                check(V4, &[(&*without, &format!("1. {name}"), Some(&*day))]);
            }
            if language != "cs" {
                let year = format!("date-monthname-year-{language}");
                check(V4, &[(&*year, &format!("{name} 24"), Some(&date[..7]))]);
            }
        }
    }
}
