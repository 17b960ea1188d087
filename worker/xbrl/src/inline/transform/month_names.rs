//! The names of the months in the languages of the registries, from which [`super::months`] finds them: for each
//! month the stems that begin its name, separated by spaces.

use super::months::{Months, Names};

/// Registry 1 tells the full names from the short ones, and is strict about case.
pub(super) const EN_LONG: Months = Months::Named(&Names::exact(&[
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]));
pub(super) const EN_SHORT: Months = Months::Named(&Names::exact(&[
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
]));
/// Never in small letters.
pub(super) const EN: Months = Months::Named(&Names::titled(&[
    "january jan",
    "february feb",
    "march mar",
    "april apr",
    "may",
    "june jun",
    "july jul",
    "august aug",
    "september sep",
    "october oct",
    "november nov",
    "december dec",
]));
pub(super) const BG: Months = Months::Named(&Names::stems(&[
    "ян",
    "фев",
    "мар",
    "апр",
    "май маи",
    "юни",
    "юли",
    "авг",
    "сеп",
    "окт",
    "ное",
    "дек",
]));
/// In the genitive after a day; with and without accents.
pub(super) const CS: Months = Months::Named(&Names::whole(&[
    "ledna led",
    "února unora úno uno",
    "března brezna bře bre",
    "dubna dub",
    "května kvetna kvě kve",
    "června cervna čvn cvn",
    "července cervence čvc cvc",
    "srpna srp",
    "září zari zář zar",
    "října rijna říj rij",
    "listopadu lis",
    "prosince pro",
]));
/// Before a year in three cases.
pub(super) const CS_YEAR: Months = Months::Named(&Names::whole(&[
    "leden ledna lednu led",
    "únor unor února unora únoru unoru úno uno",
    "březen brezen března brezna březnu breznu bře bre",
    "duben dubna dubnu dub",
    "květen kveten května kvetna květnu kvetnu kvě kve",
    "červen cerven června cervna červnu cervnu čvn cvn",
    "červenec cervenec července cervence červenci cervenci čvc cvc",
    "srpen srpna srpnu srp",
    "září zari zář zar",
    "říjen rijen října rijna říjnu rijnu říj rij",
    "listopad listopadu lis",
    "prosinec prosince prosinci pro",
]));
/// After a day.
pub(super) const CY: Months = Months::Named(&Names::words(&[
    "ion", "chwe", "maw", "ebr", "mai", "meh", "gor", "aws", "med", "hyd", "tach", "rhag",
]));
/// Before a year as mutated by the word before.
pub(super) const CY_SPOKEN: Months = Months::Named(&Names::stems(&[
    "ion",
    "chwe",
    "maw faw",
    "ebr",
    "mai fai",
    "meh feh",
    "gor ngor",
    "aws",
    "med fed",
    "hyd",
    "tach dach nhach thach",
    "rhag rag",
]));
/// Danish, and Swedish alike.
pub(super) const DA: Months = Months::Named(&Names::stems(&[
    "jan", "feb", "mar", "apr", "maj", "jun", "jul", "aug", "sep", "okt", "nov", "dec",
]));
pub(super) const DE: Months = Months::Named(&Names::stems(&[
    "jan jän jaen",
    "feb",
    "mär maer mar",
    "apr",
    "mai",
    "jun",
    "jul",
    "aug",
    "sep",
    "okt",
    "nov",
    "dez",
]));
/// With and without accents, and with the Latin capitals that look the same.
pub(super) const EL: Months = Months::Named(&Names::stems(&[
    "ιαν ίαν iαν",
    "φεβ",
    "μάρ μαρ",
    "απρ άπρ aπρ αρίλ άρίλ αριλ άριλ aρίλ aριλ",
    "μαΐ μαι μάι μαϊ μάϊ",
    "ιούν ίούν ίουν ιουν iούν iουν",
    "ιούλ ίούλ ίουλ ιουλ iούλ iουλ",
    "αύγ αυγ",
    "σεπ",
    "οκτ όκτ oκτ",
    "νοέ νοε",
    "δεκ",
]));
pub(super) const ES: Months = Months::Named(&Names::stems(&[
    "ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic",
]));
pub(super) const ET: Months = Months::Named(&Names::stems(&[
    "jaan",
    "veebr",
    "märts marts",
    "apr",
    "mai",
    "juuni",
    "juuli",
    "aug",
    "sept",
    "okt",
    "nov",
    "dets",
]));
pub(super) const FI: Months = Months::Named(&Names::words(&[
    "tam", "hel", "maa", "huh", "tou", "kes", "hei", "elo", "syy", "lok", "mar", "jou",
]));
pub(super) const FR: Months = Months::Named(&Names::stems(&[
    "janv",
    "févr fevr",
    "mars",
    "avr",
    "mai",
    "juin",
    "juil",
    "août aout",
    "sept",
    "oct",
    "nov",
    "déc dec",
]));
pub(super) const HI: Months = Months::Named(&Names::exact(&[
    "जनवरी",
    "फरवरी",
    "मार्च",
    "अप्रैल",
    "मई",
    "जून",
    "जुलाई",
    "अगस्त",
    "सितंबर",
    "अक्टूबर",
    "नवंबर",
    "दिसंबर",
]));
pub(super) const HR: Months = Months::Named(&Names::stems(&[
    "sij", "velj", "ožu ozu", "tra", "svi", "lip", "srp", "kol", "ruj", "lis", "stu", "pro",
]));
pub(super) const HU: Months = Months::Named(&Names::stems(&[
    "jan",
    "feb",
    "márc marc",
    "ápr apr",
    "máj maj",
    "jún jun",
    "júl jul",
    "aug",
    "szept",
    "okt",
    "nov",
    "dec",
]));
pub(super) const IT: Months = Months::Named(&Names::stems(&[
    "gen", "feb", "mar", "apr", "mag", "giu", "lug", "ago", "set", "ott", "nov", "dic",
]));
pub(super) const LT: Months = Months::Named(&Names::words(&[
    "sau", "vas", "kov", "bal", "geg", "bir", "lie", "rugp rgp", "rugs rgs", "spa spl", "lap", "gru grd",
]));
pub(super) const LV: Months = Months::Named(&Names::stems(&[
    "janv", "febr", "marts", "apr", "maijs", "jūn jun", "jūl jul", "aug", "sept", "okt", "nov", "dec",
]));
pub(super) const NL: Months = Months::Named(&Names::stems(&[
    "jan", "feb", "maa mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec",
]));
pub(super) const NO: Months = Months::Named(&Names::stems(&[
    "jan", "feb", "mar", "apr", "mai", "jun", "jul", "aug", "sep", "okt", "nov", "des",
]));
pub(super) const PL: Months = Months::Named(&Names::words(&[
    "sty", "lut", "mar", "kwi", "maj", "cze", "lip", "sie", "wrz", "paź paz", "lis", "gru",
]));
pub(super) const PT: Months = Months::Named(&Names::stems(&[
    "jan", "fev", "mar", "abr", "mai", "jun", "jul", "ago", "set", "out", "nov", "dez",
]));
pub(super) const RO: Months = Months::Named(&Names::stems(&[
    "ian", "feb", "mar", "apr", "mai", "iun", "iul", "aug", "sep", "oct", "noi nov", "dec",
]));
pub(super) const SK: Months = Months::Named(&Names::stems(&[
    "jan", "feb", "mar", "apr", "máj maj", "jún jun", "júl jul", "aug", "sep", "okt", "nov", "dec",
]));
pub(super) const SL: Months = Months::Named(&Names::stems(&[
    "jan", "feb", "mar", "apr", "maj", "jun", "jul", "avg", "sep", "okt", "nov", "dec",
]));
