//! A mirror of invented companies under the symbols of an index, whose lists hold every odd row at once.

use std::fs;
use std::path::Path;

use edgraph_worker::universe::sp500;
use serde_json::{Value, json};

/// Above the CIKs of the other fixtures.
const FIRST_CIK: u64 = 9_800_001;
/// Bytes that are no UTF-8, where the lists have this.
const LATIN: (&str, &[u8]) = ("~latin~", b"Caf\xe9");

/// What is to be found in the mirror.
pub(super) struct Expected {
    /// Sound companies, each once.
    pub(super) companies: usize,
    /// Filings of theirs that are wanted.
    pub(super) filings: usize,
    /// Every row that is lost, as its file and field are named.
    pub(super) lost: Vec<String>,
}

/// Writes the mirror: the list of companies, and the submissions of all that are sound.
pub(super) fn write(root: &Path) -> Expected {
    for folder in ["files", "submissions"] {
        fs::create_dir(root.join(folder)).unwrap();
    }
    let mut lost = write_tickers(root);
    let companies = companies();
    let mut filings = 0;
    for (at, (cik, _)) in companies.iter().enumerate() {
        let odd = odd_submissions(at, *cik);
        filings += odd.filings;
        lost.extend(odd.lost);
        write_json(root, &format!("submissions/CIK{cik:010}.json"), &odd.file);
        for (name, page) in odd.pages {
            write_json(root, &format!("submissions/{name}"), &page);
        }
    }
    Expected { companies: companies.len(), filings, lost }
}

/// Every member of the index with its CIK; the last two symbols are two classes of one company.
fn members() -> Vec<(u64, &'static str)> {
    let mut members: Vec<_> = (FIRST_CIK..).zip(sp500::tickers()).collect();
    let [.., first, second] = members.as_mut_slice() else { panic!("the index has members") };
    second.0 = first.0;
    members
}

fn companies() -> Vec<(u64, &'static str)> {
    let mut companies = members();
    companies.pop();
    companies
}

/// The list of companies: members as differently as they may be written, with odd rows between them.
fn write_tickers(root: &Path) -> Vec<String> {
    let sound = |(at, (cik, symbol)): (usize, (u64, &str))| {
        let ticker = symbol.replace('.', "-");
        let title = format!("Invented {at} Corp");
        match at % 40 {
            3 => json!({"cik_str": cik, "ticker": ticker, "title": null}),
            4 => json!({"cik_str": cik.to_string(), "ticker": ticker, "title": title}),
            5 => json!({"cik_str": format!("{cik:010}"), "ticker": ticker.to_lowercase(), "title": title}),
            6 => json!({"cik_str": cik as f64, "ticker": ticker, "title": title}),
            7 => json!({"cik_str": cik, "ticker": ticker}),
            8 => json!({"cik_str": cik, "ticker": ticker, "title": ["x"], "more": {}}),
            9 => json!({"cik_str": cik, "ticker": ticker, "title": "~latin~ SA"}),
            _ => json!({"cik_str": cik, "ticker": ticker, "title": title}),
        }
    };
    let mut rows: Vec<Value> = members().into_iter().enumerate().map(sound).collect();
    // A company that is listed again under another title is that company still.
    rows.push(json!({"cik_str": FIRST_CIK, "ticker": "AGAIN", "title": "Another Title Inc"}));
    let odd = [
        (json!({"cik_str": 9_899_001, "ticker": null, "title": "X"}), ".ticker of \"9899001\" is null"),
        (json!({"cik_str": 9_899_002, "title": "X"}), ".ticker of \"9899002\" is missing"),
        (json!({"cik_str": 9_899_003, "ticker": " ", "title": "X"}), ".ticker of \"9899003\" is \" \""),
        (json!({"cik_str": null, "ticker": "ODDA", "title": "X"}), ".cik_str of \"ODDA\" is null"),
        (json!({"ticker": "ODDB", "title": "X"}), ".cik_str of \"ODDB\" is missing"),
        (json!({"cik_str": -9_899_004, "ticker": "ODDC"}), ".cik_str of \"ODDC\" is -9899004"),
        (json!({"cik_str": 98_990_050_001_u64, "ticker": "ODDD"}), ".cik_str of \"ODDD\" is 98990050001"),
        (json!({"cik_str": 9_899_006.5, "ticker": "ODDE"}), ".cik_str of \"ODDE\" is 9899006.5"),
        (json!({"cik_str": "none", "ticker": "ODDF"}), ".cik_str of \"ODDF\" is \"none\""),
        (json!({"cik_str": {}, "ticker": "ODDG"}), ".cik_str of \"ODDG\" is {}"),
        (json!({"cik_str": 0, "ticker": "ODDH"}), ".cik_str of \"ODDH\" is 0"),
        (json!([9_899_007, "ODDI", "X"]), " is [9899007,\"ODDI\",\"X\"]"),
        (json!(null), " is null"),
        (json!("ODDJ"), " is \"ODDJ\""),
        (json!({}), ".cik_str is missing"),
        (json!({"cik_str": true, "ticker": "ODDK"}), ".cik_str of \"ODDK\" is true"),
        (json!({"cik_str": "", "ticker": "ODDL"}), ".cik_str of \"ODDL\" is \"\""),
        (json!({"cik_str": [9_899_008], "ticker": "ODDM"}), ".cik_str of \"ODDM\" is [9899008]"),
        (json!({"cik_str": 9_899_009, "ticker": ["ODDN"]}), ".ticker of \"9899009\" is [\"ODDN\"]"),
        (json!({"cik_str": 9_899_010, "ticker": {}}), ".ticker of \"9899010\" is {}"),
        (json!({"cik_str": 9_899_011, "ticker": false}), ".ticker of \"9899011\" is false"),
    ];
    let mut lost = Vec::new();
    for (nth, (row, said)) in odd.into_iter().enumerate() {
        // Between the others; those after it move on.
        let at = 20 + 20 * nth;
        rows.insert(at, row);
        lost.push(format!("company_tickers.json: {at}{said}, expected "));
    }
    let list: serde_json::Map<String, Value> =
        rows.into_iter().enumerate().map(|(at, row)| (at.to_string(), row)).collect();
    write_json(root, "files/company_tickers.json", &Value::Object(list));
    lost
}

/// A company's lists, and what is lost of them.
struct Submissions {
    file: Value,
    pages: Vec<(String, Value)>,
    filings: usize,
    lost: Vec<String>,
}

fn accession(cik: u64, number: usize) -> String {
    format!("{cik:010}-24-{number:06}")
}

/// Columns of so many 10-Ks, the newest first.
fn columns(cik: u64, numbers: std::ops::Range<usize>) -> Value {
    let dates = || numbers.clone().map(|number| format!("2024-03-{:02}", 28 - number));
    json!({
        "accessionNumber": numbers.clone().map(|number| accession(cik, number)).collect::<Vec<_>>(),
        "filingDate": dates().collect::<Vec<_>>(),
        "reportDate": dates().map(|_| "2023-12-31").collect::<Vec<_>>(),
        "acceptanceDateTime": dates().map(|date| format!("{date}T16:30:00.000Z")).collect::<Vec<_>>(),
        "form": dates().map(|_| "10-K").collect::<Vec<_>>(),
        "isXBRL": dates().map(|_| 1).collect::<Vec<_>>(),
        "isInlineXBRL": dates().map(|_| 1).collect::<Vec<_>>(),
        "primaryDocument": dates().map(|_| "a.htm").collect::<Vec<_>>(),
    })
}

/// The lists of the company at a place of the index: three 10-Ks and, for every kind of oddness, some company that has it.
fn odd_submissions(at: usize, cik: u64) -> Submissions {
    let file = json!({
        "cik": format!("{cik:010}"), "name": format!("Invented {at} Corp"), "tickers": ["X"], "exchanges": ["NYSE"],
        "sic": "3571", "fiscalYearEnd": "1231", "formerNames": [],
        "filings": {"recent": columns(cik, 1..4), "files": []},
    });
    let mut odd = Submissions { file, pages: Vec::new(), filings: 3, lost: Vec::new() };
    let name = format!("CIK{cik:010}.json");
    let second = accession(cik, 2);
    // What costs nothing: a value of another type in a field that is not needed.
    let harmless = [
        ("/tickers", json!(null)),
        ("/exchanges", json!(null)),
        ("/exchanges", json!([null])),
        ("/name", json!(null)),
        ("/name", json!("~latin~ SA")),
        ("/sic", json!(3571)),
        ("/fiscalYearEnd", json!(1231)),
        ("/formerNames", json!(7)),
        ("/cik", json!(cik)),
        ("/filings/files", json!(null)),
        ("/filings/recent/reportDate", json!([null])),
        ("/filings/recent/isXBRL", json!([0, 0, 0])),
        ("/filings/recent/isInlineXBRL", json!(null)),
        ("/filings/recent/isInlineXBRL", json!(["0", false])),
        ("/filings/recent/primaryDocument", json!([null, 7, ""])),
    ];
    // What costs the second row.
    let costly = [
        ("accessionNumber", json!("none"), "accessionNumber[1] is \"none\"".to_owned()),
        ("accessionNumber", json!(null), "accessionNumber[1] is null".to_owned()),
        ("acceptanceDateTime", json!(null), format!("acceptanceDateTime[1] of {second} is null")),
        ("filingDate", json!(""), format!("filingDate[1] of {second} is \"\"")),
        ("filingDate", json!(20_240_326), format!("filingDate[1] of {second} is 20240326")),
        ("filingDate", json!("2024-02-30"), format!("filingDate[1] of {second} is \"2024-02-30\"")),
        ("form", json!(null), format!("form[1] of {second} is null")),
        ("form", json!(["10-K"]), format!("form[1] of {second} is [\"10-K\"]")),
    ];
    if let Some((pointer, value)) = harmless.get(at) {
        *place(&mut odd.file, pointer) = value.clone();
    } else if let Some((column, value, said)) = costly.get(at - harmless.len()) {
        place(&mut odd.file, &format!("/filings/recent/{column}"))[1] = value.clone();
        odd.filings = 2;
        odd.lost.push(format!("{name}: filings.recent.{said}, expected "));
    } else if at == 100 {
        // Columns of different lengths spoil the rows that they do not reach.
        place(&mut odd.file, "/filings/recent/form").as_array_mut().unwrap().pop();
        odd.filings = 2;
        odd.lost
            .push(format!("{name}: filings.recent.form[2] of {} is missing, expected ", accession(cik, 3)));
    } else if at == 101 {
        let page = |name: &str| json!({"name": name, "filingCount": 3, "filingFrom": "2023-01-01", "filingTo": null});
        let (gone, none, ragged) =
            ("x-gone.json".to_owned(), "x-none.json".to_owned(), "x-ragged.json".to_owned());
        *place(&mut odd.file, "/filings/files") = json!([
            null, page(&gone), {"name": null}, page(&none), {"name": "../x.json"}, page(&ragged), ["x"],
        ]);
        let mut rows = columns(cik, 4..7);
        rows["filingDate"] = json!([rows["filingDate"][0], "soon"]);
        odd.pages = vec![(none, json!({"accessionNumber": null})), (ragged, rows)];
        odd.filings = 3 + 1;
        odd.lost.extend([
            format!("{name}: filings.files[0] is null, expected "),
            format!("{name}: filings.files[2].name is null, expected "),
            format!("{name}: filings.files[4].name is \"../x.json\", expected "),
            format!("{name}: filings.files[6] is [\"x\"], expected "),
            "x-gone.json: not found; ".to_owned(),
            "x-none.json: not a submissions file: accessionNumber is null, expected ".to_owned(),
            format!("x-ragged.json: filingDate[1] of {} is \"soon\", expected ", accession(cik, 5)),
            format!("x-ragged.json: filingDate[2] of {} is missing, expected ", accession(cik, 6)),
        ]);
    }
    odd
}

fn place<'a>(file: &'a mut Value, pointer: &str) -> &'a mut Value {
    file.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer} is not there"))
}

fn write_json(root: &Path, name: &str, value: &Value) {
    let (placeholder, latin) = LATIN;
    let text = value.to_string();
    let parts: Vec<&[u8]> = text.split(placeholder).map(str::as_bytes).collect();
    fs::write(root.join(name), parts.join(latin)).unwrap();
}

/// Writes the indexes of two days on which a company each filed, with odd lines and an odd list of days; says what is
/// lost.
pub(super) fn write_indexes(root: &Path) -> Vec<String> {
    let folder = root.join("Archives/edgar/daily-index/2024/QTR1");
    fs::create_dir_all(&folder).unwrap();
    let list = json!({"directory": {"item": [
        {"name": "master.20240326.idx", "size": null, "last-modified": 7}, {"name": null}, null,
        {"name": "master.20240327.idx"}, "master.20240328.idx",
    ]}});
    fs::write(folder.join("index.json"), list.to_string()).unwrap();
    let rule = "-".repeat(80);
    let index = |rows: &[&[u8]]| [&[rule.as_bytes()][..], rows, &[&b""[..]][..]].concat().join(&b"\n"[..]);
    let line = |cik: u64, name: &str, day: &str| format!("{cik}|{name}|10-K|{day}|edgar/data/x.txt");
    let (first, second) = (FIRST_CIK, FIRST_CIK + 1);
    let latin = [format!("{first}|").as_bytes(), b"Caf\xe9 | SA|10-K|20240326|x.txt"].concat();
    let rows: [&[u8]; 7] = [
        b"no line at all",
        &latin,
        b"none|X|10-K|20240326|x.txt",
        b"9899001|X|10-K|20240399|x.txt",
        b"9899001||10-K|x.txt",
        b"98990010001|X|10-K|20240326|x.txt",
        b"9899001|X||20240326|x.txt",
    ];
    fs::write(folder.join("master.20240326.idx"), index(&rows)).unwrap();
    let sound = line(second, "Invented", "20240327");
    fs::write(folder.join("master.20240327.idx"), index(&[sound.as_bytes()])).unwrap();
    let quarter = "daily-index/2024/QTR1";
    let entries = ["[1].name is null", "[2] is null", "[4] is \"master.20240328.idx\""];
    let entries = entries.map(|said| format!("{quarter}/index.json: directory.item{said}, expected "));
    let lines = [2, 4, 5, 6, 7, 8].map(|line| format!("{quarter}/master.20240326.idx: line {line} is "));
    entries.into_iter().chain(lines).collect()
}
