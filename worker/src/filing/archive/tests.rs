use super::*;

fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        writer.start_file(*name, options).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Replaces a name by another of the same length, in both places it stands: what a writer refuses to write.
fn renamed(mut bytes: Vec<u8>, from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let places: Vec<usize> =
        (0..=bytes.len() - from.len()).filter(|at| bytes[*at..].starts_with(from.as_bytes())).collect();
    assert_eq!(places.len(), 2, "local and central header");
    for at in places {
        bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
    }
    bytes
}

#[test]
fn files_come_out_sorted_and_whole() {
    let files = unpack(&archive(&[("b.xml", b"<b/>"), ("a.xsd", b"")])).unwrap();
    assert_eq!(files, [("a.xsd".to_owned(), Bytes::new()), ("b.xml".to_owned(), Bytes::from("<b/>"))]);
}

#[test]
fn hostile_entries_are_refused_by_name() {
    let bomb = vec![b' '; 2 << 20];
    let cases = [
        (archive(&[("a/b.xml", b"x")]), "entry \"a/b.xml\" is in a folder"),
        (archive(&[("a\\b.xml", b"x")]), "is in a folder"),
        (
            renamed(archive(&[("aaaa.xml", b"x")]), "aaaa.xml", "../a.xml"),
            "entry \"../a.xml\" leads out of its folder",
        ),
        (
            renamed(archive(&[("aaaa.xml", b"x")]), "aaaa.xml", "/aaa.xml"),
            "entry \"/aaa.xml\" has an absolute name",
        ),
        (renamed(archive(&[("aaaa.xml", b"x")]), "aaaa.xml", "C:aa.xml"), "has an absolute name"),
        (
            renamed(archive(&[("aaaa.xml", b"x")]), "aaaa.xml", "aa\0a.xml"),
            "has a name that no file can have",
        ),
        (archive(&[("a.xml", b"x"), ("A.XML", b"y")]), "is there twice"),
        (renamed(archive(&[("a.xml", b"x"), ("b.xml", b"y")]), "b.xml", "a.xml"), "twice"),
        (archive(&[("a.xml", &bomb)]), "entry \"a.xml\" unpacks "),
    ];
    for (bytes, part) in cases {
        let error = unpack(&bytes).unwrap_err();
        assert!(error.to_string().contains(part), "{error}, expected {part}");
    }
    let names: Vec<String> = (0..=MAX_ENTRIES).map(|n| n.to_string()).collect();
    let entries: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), b"".as_slice())).collect();
    assert!(matches!(unpack(&archive(&entries)), Err(Error::TooMany { entries: 2_001 })));
}

#[test]
fn a_torn_archive_is_damage_wherever_it_is_torn() {
    let whole = archive(&[("a.xml", b"<a>one two three</a>"), ("b.xml", b"<b/>")]);
    for end in [0, 1, 30, whole.len() / 2, whole.len() - 1] {
        assert!(unpack(&whole[..end]).unwrap_err().is_damage(), "cut at {end}");
    }
    let mut flipped = whole.clone();
    // In the packed bytes, after the local header of 30 bytes and the name.
    flipped[38] ^= 0x55;
    assert!(unpack(&flipped).unwrap_err().is_damage());
}

#[test]
fn packing_the_same_files_gives_the_same_bytes() {
    let (a, b) = (("a.xsd".to_owned(), Bytes::from("<a/>")), ("b.xml".to_owned(), Bytes::from("<b/>")));
    let packed = pack(vec![b.clone(), a.clone()]);
    assert_eq!(packed, pack(vec![a.clone(), b.clone()]));
    assert_eq!(unpack(&packed).unwrap(), [a, b]);
}
