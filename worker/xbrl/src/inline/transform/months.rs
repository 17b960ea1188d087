//! The names of the months.

/// How months are named.
#[derive(Clone, Copy)]
pub(in crate::inline) enum Months {
    /// By number only.
    None,
    /// By Roman numeral.
    Roman,
    /// By the stems of their names, in lower case and separated by spaces; the longest that fits counts.
    Names(&'static [&'static str; 12]),
}

impl Months {
    /// The month named somewhere in `text`, from 1.
    pub(super) fn find(self, text: &str) -> Option<u32> {
        let text = text.to_lowercase();
        match self {
            Months::None => None,
            Months::Roman => {
                let roman = ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"];
                let mut numerals =
                    text.split(|c: char| !matches!(c, 'x' | 'v' | 'i')).filter(|word| !word.is_empty());
                let numeral = numerals.next()?;
                roman.iter().position(|known| *known == numeral).and_then(number)
            }
            Months::Names(names) => {
                // Names start words; stems of one language may be parts of words of it otherwise.
                let words = text.split(|c: char| c.is_whitespace() || c.is_ascii_punctuation());
                let longest = |word: &str| {
                    let stems = names.iter().enumerate().flat_map(|(index, stems)| {
                        stems
                            .split(' ')
                            .filter(|stem| word.starts_with(stem))
                            .map(move |stem| (stem.len(), index))
                    });
                    stems.max_by_key(|(length, _)| *length)
                };
                words
                    .filter_map(longest)
                    .max_by_key(|(length, _)| *length)
                    .and_then(|(_, index)| number(index))
            }
        }
    }
}

fn number(index: usize) -> Option<u32> {
    u32::try_from(index + 1).ok()
}

/// The months of a language of registries 4 and 5.
pub(super) fn language(code: &str) -> Option<Months> {
    Some(match code {
        "bg" => BG,
        "cs" => CS,
        "cy" => CY,
        "da" | "sv" => DA,
        "de" => DE,
        "el" => EL,
        "en" => EN,
        "es" => ES,
        "et" => ET,
        "fi" => FI,
        "fr" => FR,
        "hi" => HI,
        "hr" => HR,
        "hu" => HU,
        "it" => IT,
        "lt" => LT,
        "lv" => LV,
        "nl" => NL,
        "no" => NO,
        "pl" => PL,
        "pt" => PT,
        "ro" => RO,
        "sk" => SK,
        "sl" => SL,
        _ => return None,
    })
}

const BG: Months =
    Months::Names(&["ян", "фев", "мар", "апр", "май маи", "юни", "юли", "авг", "сеп", "окт", "ное", "дек"]);
/// June and July begin alike, as do their cases; abbreviations drop the vowel.
const CS: Months = Months::Names(&[
    "led",
    "úno uno únor unor",
    "bře bre",
    "dub",
    "kvě kve",
    "červen cerven červn cervn čvn cvn",
    "červenec cervenec července cervence červenci cervenci čvc cvc",
    "srp",
    "zář zar",
    "říj rij",
    "lis",
    "pro",
]);
/// Welsh words mutate at the start.
const CY: Months = Months::Names(&[
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
]);
pub(super) const DA: Months =
    Months::Names(&["jan", "feb", "mar", "apr", "maj", "jun", "jul", "aug", "sep", "okt", "nov", "dec"]);
const DE: Months = Months::Names(&[
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
]);
/// With and without accents, and with the Latin capitals that look the same.
const EL: Months = Months::Names(&[
    "ιαν ίαν iαν",
    "φεβ",
    "μάρ μαρ",
    "απρ άπρ aπρ αρίλ άρίλ αριλ άριλ aρίλ aριλ",
    "μαΐ μαι μάι μαϊ μάϊ μαΐ μαΐ",
    "ιούν ίούν ίουν ιουν iούν iουν",
    "ιούλ ίούλ ίουλ ιουλ iούλ iουλ",
    "αύγ αυγ",
    "σεπ",
    "οκτ όκτ oκτ",
    "νοέ νοε",
    "δεκ",
]);
pub(super) const EN: Months =
    Months::Names(&["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]);
const ES: Months =
    Months::Names(&["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"]);
const ET: Months = Months::Names(&[
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
]);
const FI: Months =
    Months::Names(&["tam", "hel", "maa", "huh", "tou", "kes", "hei", "elo", "syy", "lok", "mar", "jou"]);
const FR: Months = Months::Names(&[
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
]);
pub(super) const HI: Months = Months::Names(&[
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
]);
const HR: Months =
    Months::Names(&["sij", "velj", "ožu ozu", "tra", "svi", "lip", "srp", "kol", "ruj", "lis", "stu", "pro"]);
const HU: Months = Months::Names(&[
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
]);
const IT: Months =
    Months::Names(&["gen", "feb", "mar", "apr", "mag", "giu", "lug", "ago", "set", "ott", "nov", "dic"]);
const LT: Months = Months::Names(&[
    "sau", "vas", "kov", "bal", "geg", "bir", "lie", "rugp rgp", "rugs rgs", "spa spl", "lap", "gru grd",
]);
const LV: Months = Months::Names(&[
    "janv", "febr", "marts", "apr", "maijs", "jūn jun", "jūl jul", "aug", "sept", "okt", "nov", "dec",
]);
const NL: Months =
    Months::Names(&["jan", "feb", "maa mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"]);
const NO: Months =
    Months::Names(&["jan", "feb", "mar", "apr", "mai", "jun", "jul", "aug", "sep", "okt", "nov", "des"]);
const PL: Months =
    Months::Names(&["sty", "lut", "mar", "kwi", "maj", "cze", "lip", "sie", "wrz", "paź paz", "lis", "gru"]);
const PT: Months =
    Months::Names(&["jan", "fev", "mar", "abr", "mai", "jun", "jul", "ago", "set", "out", "nov", "dez"]);
const RO: Months =
    Months::Names(&["ian", "feb", "mar", "apr", "mai", "iun", "iul", "aug", "sep", "oct", "noi nov", "dec"]);
const SK: Months = Months::Names(&[
    "jan", "feb", "mar", "apr", "máj maj", "jún jun", "júl jul", "aug", "sep", "okt", "nov", "dec",
]);
const SL: Months =
    Months::Names(&["jan", "feb", "mar", "apr", "maj", "jun", "jul", "avg", "sep", "okt", "nov", "dec"]);
