//! A finished pipeline as text: what is read equals what was written, and what is not as it was written is named.

use edgraph_shared::ids::FencingToken;

use super::samples::{Sample, history};
use crate::pipeline::item::{Item, ItemIx, State};
use crate::pipeline::{Head, Millis};
use crate::tracker::Content;
use crate::tracker::finished::{Finished, Origin, Piece, Unreadable, append_item, read, read_items, write};

const ITEMS: u32 = 62;

fn finished() -> Finished {
    let Content::Created(saved) = Sample::new("p", 3).created().content else { unreachable!() };
    let head = Head {
        recorded: 7,
        restored: Some(Millis(9)),
        token_floor: FencingToken(1_003),
        items: 3,
        ..saved.head
    };
    let piece = |items| Piece { items, sha256: "ab".into() };
    let (pipeline, store) = (head.id.clone(), Some("s-1".parse().unwrap()));
    let pieces = vec![piece(2), piece(1)];
    Finished { origin: Origin { pipeline, store, epoch: 5, folder: "5-6".into(), pieces }, head }
}

fn items() -> Vec<Item> {
    // Deadlines of leases are not kept, and what has ended has none.
    let all = (0..ITEMS as usize).map(history);
    all.filter(|item| !matches!(item.state, State::Leased(_))).collect()
}

fn lines(items: &[Item]) -> Vec<u8> {
    let mut lines = Vec::new();
    (0..).map(ItemIx).zip(items).for_each(|(ix, item)| append_item(&mut lines, ix, item));
    lines
}

#[test]
fn what_is_read_is_what_was_written() {
    let finished = finished();
    assert_eq!(read(&write(&finished)), Ok(finished));
    let (items, mut seen) = (items(), Vec::new());
    let (first, second) = items.split_at(items.len() / 2);
    let half = u32::try_from(first.len()).unwrap();
    read_items(&lines(first), &mut seen).unwrap();
    let mut more = Vec::new();
    (half..).map(ItemIx).zip(second).for_each(|(ix, item)| append_item(&mut more, ix, item));
    read_items(&more, &mut seen).unwrap();
    assert_eq!(seen, items);
}

#[test]
fn whoever_knows_no_floor_leaves_what_was_brought_back() {
    let text = String::from_utf8(write(&finished())).unwrap();
    let head = text.lines().nth(2).unwrap();
    assert!(head.starts_with(r#"{"reader":2,"since":"0.3.0","#), "{head}");
}

#[test]
fn a_text_that_is_cut_anywhere_is_not_read() {
    let text = write(&finished());
    for length in 0..text.len() {
        assert!(matches!(read(&text[..length]), Err(Unreadable::Damaged(_))), "{length} bytes");
    }
    let more = [text.as_slice(), b"\n"].concat();
    assert!(read(&more).is_err());
    let (items, mut seen) = (items(), Vec::new());
    let lines = lines(&items);
    let error = read_items(&lines[..lines.len() - 2], &mut seen).unwrap_err().to_string();
    assert_eq!(error, format!("line {}: it is no item", items.len()));
    let error = read_items(&lines, &mut seen).unwrap_err().to_string();
    assert!(error.starts_with("line 1: it is item 0, and item "), "{error}");
}

#[test]
fn every_line_says_by_itself_that_it_needs_a_newer_reader() {
    let text = String::from_utf8(write(&finished())).unwrap();
    let newer = r#"{"reader":9,"since":"9.0.0","#;
    for line in text.lines() {
        let rest = line.strip_prefix(r#"{"reader":2,"since":"0.3.0","#).unwrap_or(&line[1..]);
        let text = text.replace(line, &format!("{newer}{rest}"));
        let error = read(text.as_bytes()).unwrap_err();
        assert!(matches!(error, Unreadable::Newer(_)), "{error}");
        assert!(error.to_string().contains("9.0.0 or newer"), "{error}");
        assert!(error.to_string().ends_with("update this coordinator"), "{error}");
    }
    let line = format!(r#"["a/1",{newer}"shape":"new"}},{{}}]"#) + "\n";
    let error = read_items(line.as_bytes(), &mut Vec::new()).unwrap_err();
    assert!(matches!(error, Unreadable::Newer(_)), "{error}");
}
