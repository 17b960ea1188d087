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

/// Where the central directory's record of an entry begins, and the record that ends the archive.
fn directory(bytes: &[u8]) -> (usize, usize) {
    let find = |mark: &[u8]| (0..bytes.len() - 4).rev().find(|at| bytes[*at..].starts_with(mark)).unwrap();
    (find(b"PK\x01\x02"), find(b"PK\x05\x06"))
}

#[test]
fn a_directory_that_lies_costs_no_more_than_the_archive_holds() {
    let whole = archive(&[("a.xml", b"<a>one two three</a>")]);
    let (entry, end) = directory(&whole);
    let lying = |at: usize, lie: &[u8]| {
        let mut bytes = whole.clone();
        bytes[at..at + lie.len()].copy_from_slice(lie);
        bytes
    };
    let most = u32::MAX.to_le_bytes();
    let large = (200_u32 << 20).to_le_bytes();
    let mut refused = 0;
    for (what, bytes) in [
        ("entries", lying(end + 8, &[0xff; 4])),
        ("size of the directory", lying(end + 12, &most)),
        ("place of the directory", lying(end + 16, &most)),
        ("place of the directory, in itself", lying(end + 16, &u32::try_from(end).unwrap().to_le_bytes())),
        ("packed size", lying(entry + 20, &most)),
        ("unpacked size, beyond the limit", lying(entry + 24, &most)),
        ("both sizes", lying(entry + 20, &[large, large].concat())),
        ("checksum", lying(entry + 16, &most)),
        ("length of the name", lying(entry + 28, &[0xff; 2])),
        ("place of the entry", lying(entry + 42, &most)),
        (
            "place of the entry, in the directory",
            lying(entry + 42, &u32::try_from(entry).unwrap().to_le_bytes()),
        ),
    ] {
        match unpack(&bytes) {
            Err(error) => {
                let error = error.to_string();
                assert!(error.len() < 300 && !error.contains('\n'), "{what}: {error}");
                refused += 1;
            }
            // What nobody needs may say anything: the content is told by its checksum.
            Ok(files) => {
                assert_eq!(files, [("a.xml".to_owned(), Bytes::from("<a>one two three</a>"))], "{what}")
            }
        }
    }
    assert!(refused >= 8, "{refused} refused");
}

#[test]
fn entries_that_share_their_bytes_are_bounded_together() {
    // One entry of a mebibyte, listed two thousand times under other names, all at the same place.
    let content: Vec<u8> = (0..1_u32 << 20).map(|n| (n.wrapping_mul(2_654_435_761) >> 27) as u8).collect();
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("a000.xml", options).unwrap();
    writer.write_all(&content).unwrap();
    let one = writer.finish().unwrap().into_inner();
    let (entry, end) = directory(&one);
    let mut bytes = one[..entry].to_vec();
    for number in 0..MAX_ENTRIES {
        let mut record = one[entry..end].to_vec();
        record[46..54].copy_from_slice(format!("a{number:03x}.xml").as_bytes());
        bytes.extend(record);
    }
    let mut last = one[end..].to_vec();
    let count = u16::try_from(MAX_ENTRIES).unwrap().to_le_bytes();
    last[8..12].copy_from_slice(&[count, count].concat());
    last[12..16].copy_from_slice(&u32::try_from(bytes.len() - entry).unwrap().to_le_bytes());
    bytes.extend(last);
    let error = unpack(&bytes).expect_err("two gibibytes").to_string();
    assert!(error.contains("brings the archive over") || error.contains("damaged"), "{error}");
}
