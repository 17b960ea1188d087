//! Values by tables: the type and what was written, what is shown and what it shares with its equals.

use super::*;
use crate::{instance, taxonomy};

const SCHEMA: &str = r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="http://t"
    xmlns:xbrli="http://www.xbrl.org/2003/instance" targetNamespace="http://t">
  <xs:complexType name="codeItemType"><xs:simpleContent><xs:restriction base="xbrli:tokenItemType">
    <xs:enumeration value="10-K"/></xs:restriction></xs:simpleContent></xs:complexType>
  <xs:complexType name="tidyItemType"><xs:simpleContent><xs:restriction base="xbrli:stringItemType">
    <xs:whiteSpace value="collapse"/></xs:restriction></xs:simpleContent></xs:complexType>
  <xs:complexType name="noLangStringItemType"><xs:simpleContent><xs:restriction base="xbrli:stringItemType"/>
    </xs:simpleContent></xs:complexType>
  ELEMENTS
</xs:schema>"#;

/// The value shown of a fact of type `item_type` with the text `written`, and its canonical text.
fn read(item_type: &str, written: &str) -> (String, Option<String>) {
    let element = format!(
        r#"<xs:element name="F" type="{item_type}" substitutionGroup="xbrli:item" xbrli:periodType="duration"/>"#
    );
    let schema = SCHEMA.replace("ELEMENTS", &element);
    let dts = taxonomy::tests::dts(&[("t.xsd", &schema)]);
    let xml = format!(
        r#"<xbrl xmlns="http://www.xbrl.org/2003/instance" xmlns:t="http://t" xml:lang="en">
           <context id="c"><entity><identifier scheme="s">1</identifier></entity><period><forever/></period></context>
           <t:F contextRef="c">{}</t:F></xbrl>"#,
        written.replace('\n', "&#10;").replace('\t', "&#9;")
    );
    let (mut instance, _) = instance::parse("i.xml", xml.as_bytes()).expect("parses");
    by_type(&mut instance, &dts);
    let fact = &instance.facts[0];
    (fact.value.as_str().to_owned(), fact.canonical.as_deref().map(str::to_owned))
}

#[test]
fn white_space_goes_by_type() {
    for (item_type, shown) in [
        ("xbrli:stringItemType", " a \n b\t"),
        ("xbrli:normalizedStringItemType", " a   b "),
        ("xbrli:tokenItemType", "a b"),
        ("t:codeItemType", "a b"),
        ("t:tidyItemType", "a b"),
        ("t:noLangStringItemType", " a \n b\t"),
        ("xbrli:anyURIItemType", "a b"),
        // Nothing is known of a type that no document declares.
        ("t:nowhereItemType", " a \n b\t"),
    ] {
        assert_eq!(read(item_type, " a \n b\t").0, shown, "{item_type}");
    }
}

#[test]
fn text_is_in_a_language_and_has_no_canonical_form() {
    for item_type in ["string", "normalizedString", "token"] {
        assert_eq!(read(&format!("xbrli:{item_type}ItemType"), "x").1, None, "{item_type}");
    }
    assert_eq!(read("t:codeItemType", "10-K").1, None);
    for item_type in
        ["xbrli:NCNameItemType", "xbrli:languageItemType", "xbrli:anyURIItemType", "t:noLangStringItemType"]
    {
        assert_eq!(read(item_type, "x").1.as_deref(), Some("x"), "{item_type}");
    }
}

/// Texts of a type that are equal, and one that is not.
#[track_caller]
fn equal(item_type: &str, texts: &[&str], other: &str) {
    let item_type = format!("xbrli:{item_type}ItemType");
    let keys: Vec<_> = texts.iter().map(|text| read(&item_type, text).1.expect("typed")).collect();
    assert!(keys.iter().all(|key| *key == keys[0]), "{texts:?} have {keys:?}");
    assert_ne!(read(&item_type, other).1.as_ref(), Some(&keys[0]), "{other:?}");
}

#[test]
fn values_are_equal_when_they_mean_the_same() {
    equal("boolean", &["true", "1", " true\n"], "false");
    equal("boolean", &["0", "false"], "FALSE");
    equal("date", &["2024-12-31", "\n2024-12-31 "], "2024-12-31Z");
    equal("date", &["2024-12-31Z", "2024-12-31+00:00", "2024-12-31-00:00"], "2024-12-31+01:00");
    let midnights = ["2024-12-31T24:00:00", "2025-01-01T00:00:00", "2025-01-01T00:00:00.000"];
    equal("dateTime", &midnights, "2024-12-31T00:00:00");
    equal("dateTime", &["2024-12-31T23:30:00-01:00", "2025-01-01T00:30:00Z"], "2025-01-01T00:30:00");
    equal("time", &["24:00:00", "00:00:00.0"], "00:00:01");
    equal("time", &["01:00:00+01:00", "00:00:00Z"], "00:00:00");
    equal("gMonthDay", &["--12-31", " --12-31"], "--12-30");
    equal("duration", &["P1Y", "P12M", "P0Y12M0D"], "P365D");
    equal("duration", &["P1D", "PT24H", "PT1440M", "PT86400.0S"], "-P1D");
    equal("duration", &["P0M", "-PT0S"], "P1M");
    equal("hexBinary", &["0fa7", "0FA7"], "0fa8");
    equal("base64Binary", &["QUJD RA==", "QUJDRA=="], "QUJDRQ==");
}

#[test]
fn what_is_no_value_of_its_type_is_kept_and_equals_itself() {
    for (item_type, text) in [
        ("boolean", "maybe"),
        ("date", "2024-02-31"),
        ("dateTime", "2024-12-31"),
        ("dateTime", "9999999-12-31T24:00:00"),
        ("time", "25:00:00"),
        ("duration", "P"),
        ("duration", "P1YT"),
        ("duration", "P1.5Y"),
        ("duration", "P99999999999999999999Y"),
        ("date", "é"),
    ] {
        let (shown, canonical) = read(&format!("xbrli:{item_type}ItemType"), text);
        assert_eq!((shown.as_str(), canonical.as_deref()), (text, Some(text)), "{item_type}");
    }
}
