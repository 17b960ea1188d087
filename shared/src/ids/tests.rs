use super::*;

fn parses<T: FromStr + fmt::Display>(text: &str) -> bool {
    match text.parse::<T>() {
        Ok(id) => {
            assert_eq!(id.to_string(), text, "what parses prints as it was");
            true
        }
        Err(_) => false,
    }
}

#[test]
fn pipeline_ids() {
    let longest = "x".repeat(63);
    for good in ["a", "sec_xbrl-2026", longest.as_str()] {
        assert!(parses::<PipelineId>(good), "{good}");
    }
    let too_long = "x".repeat(64);
    for bad in ["", "A", "a b", "a/b", "é", too_long.as_str()] {
        assert!(!parses::<PipelineId>(bad), "{bad}");
    }
}

#[test]
fn item_keys() {
    let longest = "k".repeat(256);
    for good in ["ingest/1", "process_filing/0000000000-23-000001", "é", longest.as_str()] {
        assert!(parses::<ItemKey>(good), "{good}");
    }
    let too_long = "k".repeat(257);
    for bad in ["", "a\nb", too_long.as_str()] {
        assert!(!parses::<ItemKey>(bad), "{bad}");
    }
}

#[test]
fn lease_ids() {
    assert!(parses::<LeaseId>("00000000000000ff"));
    for bad in ["ff", "+0000000000000ff", "00000000000000fg", ""] {
        assert!(!parses::<LeaseId>(bad), "{bad}");
    }
}

#[test]
fn ciks() {
    let cik: Cik = "0000000042".parse().unwrap();
    assert_eq!((cik.to_string(), cik.cik10(), cik.number()), ("42".into(), "0000000042".into(), 42));
    for bad in ["", "0", "0000000000", "12345678901", "+42", "4 2"] {
        assert!(bad.parse::<Cik>().is_err(), "{bad}");
    }
}

#[test]
fn accession_numbers() {
    let accession: AccessionNumber = "0000000042-23-000106".parse().unwrap();
    assert_eq!(accession.no_dashes(), "000000004223000106");
    assert_eq!(serde_json::to_string(&accession).unwrap(), "\"0000000042-23-000106\"");
    for bad in
        ["", "000000004223000106", "0000000042-2-3000106", "0000000042-23-00010x", "０000000042-23-000106"]
    {
        assert!(bad.parse::<AccessionNumber>().is_err(), "{bad}");
    }
}

#[test]
fn serde_refuses_what_does_not_parse() {
    assert!(serde_json::from_str::<PipelineId>("\"Not Valid\"").is_err());
    assert_eq!(serde_json::from_str::<FencingToken>("\"7\"").unwrap(), FencingToken(7));
}
