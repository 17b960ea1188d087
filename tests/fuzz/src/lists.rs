//! EDGAR's archives and lists.
//!
//! No input panics; an input read twice gives the same; what is wrong is said in one line; and what comes out is bounded
//! by what goes in.

use std::collections::BTreeSet;

use edgraph_shared::kinds::sec_xbrl::Damage;
use edgraph_worker::edgar::{daily_index, folder, submissions, tickers};
use edgraph_worker::filing::{archive, index as folder_index};

/// Most characters of a message.
const MAX_MESSAGE_CHARS: usize = 300;
/// Below a mebibyte an entry may unpack to anything.
const RATIO_COUNTS_FROM: usize = 1 << 20;
/// Beyond it, 250 times its packed size.
const MAX_RATIO: usize = 251;

/// A filing's zip.
pub fn archive(bytes: &[u8]) {
    let files = match archive::unpack(bytes) {
        Ok(files) => files,
        Err(error) => {
            check_line(&error.to_string());
            return assert_eq!(archive::unpack(bytes).unwrap_err().to_string(), error.to_string());
        }
    };
    let names: BTreeSet<&str> = files.iter().map(|(name, _)| &**name).collect();
    assert!(names.iter().copied().eq(files.iter().map(|(name, _)| &**name)), "sorted, none twice: {names:?}");
    assert!(names.iter().all(|name| !name.contains(['/', '\\', '\0']) && *name != ".."), "{names:?}");
    let total: usize = files.iter().map(|(_, content)| content.len()).sum();
    assert!(files.len() <= archive::MAX_ENTRIES && total as u64 <= archive::MAX_TOTAL_BYTES);
    assert!(total <= files.len() * (RATIO_COUNTS_FROM + MAX_RATIO * bytes.len()));
    let packed = archive::pack(files.clone());
    assert_eq!(archive::unpack(&packed).expect("what was packed here"), files);
}

/// The index of a filing's folder, of a quarter's days, and of filings.
pub fn index(bytes: &[u8]) {
    match folder::parse("index.json", bytes) {
        Ok(folder) => {
            check_damage(&folder.damage);
            assert!(daily_index::days(folder.clone()).len() <= bytes.len());
            match folder_index::choose(folder.entries, "a.htm") {
                Ok(wanted) => assert!(wanted.files().all(|name| name.len() <= bytes.len())),
                Err(message) => check_line(&message),
            }
        }
        Err(error) => check_line(&error.to_string()),
    }
    let filings = |bytes: &[u8]| {
        let mut found = Vec::new();
        let outcome = daily_index::for_each("master.idx", bytes, |entry| {
            assert!(!entry.form.contains('\n'));
            found.push((entry.cik, entry.form.to_owned(), entry.filed));
        });
        (found, outcome.map_err(|error| error.to_string()))
    };
    let (found, outcome) = filings(bytes);
    assert!(found.len() <= bytes.len());
    match &outcome {
        Ok(damage) => check_damage(damage),
        Err(message) => check_line(message),
    }
    let Some(text) = std::str::from_utf8(bytes).ok().filter(|text| !text.contains('\r')) else { return };
    assert_eq!(filings(text.replace('\n', "\r\n").as_bytes()), (found, outcome), "with other line ends");
}

/// A company's submissions, and a page of older ones.
pub fn submissions(bytes: &[u8]) {
    match submissions::parse(bytes) {
        Ok(read) => {
            check_damage(&read.damage);
            let rows = read.filings.len() + read.damage.rows as usize + read.older_pages.len();
            assert!(rows <= bytes.len());
            assert_eq!(read.company.newest.is_some(), !read.filings.is_empty());
            assert_eq!(Ok(read), submissions::parse(bytes).map_err(|_| ()));
        }
        Err(error) => check_line(&error.to_string()),
    }
    match submissions::parse_page("page.json", bytes) {
        Ok(page) => check_damage(&page.damage),
        Err(error) => check_line(&error.to_string()),
    }
}

/// The list of companies with tickers.
pub fn tickers(bytes: &[u8]) {
    match tickers::parse(bytes) {
        Ok(list) => {
            check_damage(&list.damage);
            assert!(list.listings.len() + list.damage.rows as usize <= bytes.len());
            assert!(list.listings.iter().all(|listing| !listing.ticker.trim().is_empty()));
            assert_eq!(Ok(list), tickers::parse(bytes).map_err(|_| ()));
        }
        Err(error) => check_line(&error.to_string()),
    }
}

/// What a list has lost: counted, and named in lines.
#[track_caller]
fn check_damage(damage: &Damage) {
    assert!(damage.named.len() as u64 <= damage.rows);
    damage.named.iter().for_each(|message| check_line(message));
}

#[track_caller]
fn check_line(message: &str) {
    assert!(
        message.chars().count() <= MAX_MESSAGE_CHARS,
        "{} characters: {message}",
        message.chars().count()
    );
    assert!(
        !message.contains(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')),
        "{message:?}"
    );
}
