//! A document means the same whatever its line ends are (XML 1.0 section 2.11): the SEC's archives hold CRLF where it
//! serves LF. On the sample filings, and on every other document at hand.

use std::fs;
use std::path::{Path, PathBuf};

use edgraph_xbrl::sniff::{Kind, sniff};
use edgraph_xbrl::taxonomy;
use edgraph_xbrl::{inline, instance};

/// Where documents are: the samples, and what is at hand beside the checkout.
const PLACES: [&str; 3] = ["../../tests/fixtures/edgar", "../../../shared/edgar", "../../../shared/cases"];
/// Documents of the places beside the checkout that one test run looks at: enough of each kind.
const MAX_BYTES: u64 = 12 << 20;

fn documents(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            documents(&path, found);
        } else if path
            .extension()
            .is_some_and(|end| ["xml", "xsd", "htm", "xhtml"].iter().any(|known| end == *known))
        {
            found.push(path);
        }
    }
}

/// Everything that is read from a document, as lines without an order: maps have none.
fn read(file: &str, bytes: &[u8]) -> Option<Vec<String>> {
    let text = match sniff(bytes) {
        Kind::Instance => format!("{:#?}", instance::parse(file, bytes)),
        Kind::Inline => format!("{:#?}", inline::parse(&[(file, bytes)])),
        Kind::Schema | Kind::Linkbase => format!("{:#?}", taxonomy::parse(file, bytes)),
        Kind::Other => return None,
    };
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.sort_unstable();
    Some(lines)
}

#[test]
fn every_document_means_the_same_with_every_line_end() {
    let mut read_documents = 0;
    for place in PLACES {
        let mut found = Vec::new();
        documents(Path::new(place), &mut found);
        found.sort();
        let mut bytes_read = 0;
        for path in found {
            let bytes = fs::read(&path).unwrap();
            let Ok(text) = String::from_utf8(bytes) else { continue };
            bytes_read += text.len() as u64;
            if bytes_read > MAX_BYTES {
                break;
            }
            let plain = text.replace("\r\n", "\n").replace('\r', "\n");
            let file = path.file_name().unwrap().to_string_lossy().into_owned();
            let Some(expected) = read(&file, plain.as_bytes()) else { continue };
            for line_end in ["\r\n", "\r"] {
                let other = read(&file, plain.replace('\n', line_end).as_bytes());
                assert!(other.as_ref() == Some(&expected), "{} with {line_end:?}", path.display());
            }
            read_documents += 1;
        }
    }
    assert!(read_documents > 20, "{read_documents} documents");
}
