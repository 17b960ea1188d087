use super::*;

fn texts() -> Vec<Text> {
    let text = |concept: &str, value: &str| Text {
        fact_id: concept.to_owned(),
        concept: concept.to_owned(),
        period_start: None,
        period_end: None,
        period_instant: None,
        dimensions: Default::default(),
        dimension_labels: Default::default(),
        unit: None,
        value: Some(value.to_owned()),
        is_long: false,
    };
    vec![
        text("us-gaap:RevenueRecognitionPolicyTextBlock", "<p>When control passes.</p>"),
        text("us-gaap:EarningsPerShareTextBlock", "<p>By weighted shares.</p>"),
        text("us-gaap:EarningsPerShareBasic", "6.16"),
        text("us-gaap:EarningsPerShareDiluted", "6.13"),
        text("us-gaap:Revenues", "383285"),
        text("abc:Revenues", "1"),
    ]
}

#[test]
fn a_concept_is_found_by_its_name_or_a_part_of_it() {
    for (asked, expected) in [
        ("us-gaap:Revenues", Ok(&["us-gaap:Revenues"][..])),
        ("Revenues", Ok(&["abc:Revenues", "us-gaap:Revenues"])),
        ("us-gaap:revenues", Ok(&["us-gaap:Revenues"])),
        ("revenuerecognition", Ok(&["us-gaap:RevenueRecognitionPolicyTextBlock"])),
        // Texts come before amounts.
        ("earningspershare", Ok(&["us-gaap:EarningsPerShareTextBlock"])),
        ("dilut", Ok(&["us-gaap:EarningsPerShareDiluted"])),
        (
            "textblock",
            Err(Unclear::Several(vec![
                "us-gaap:EarningsPerShareTextBlock".to_owned(),
                "us-gaap:RevenueRecognitionPolicyTextBlock".to_owned(),
            ])),
        ),
    ] {
        let expected = expected.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
        assert_eq!(chosen(asked, &texts()), expected, "{asked}");
    }
}

#[test]
fn what_is_near_is_told_first() {
    let near = |asked| match chosen(asked, &texts()) {
        Err(Unclear::None(near)) => near,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        near("RevenueRecognitionPolicyTextBlok")[..2],
        ["us-gaap:RevenueRecognitionPolicyTextBlock", "us-gaap:EarningsPerShareTextBlock"]
    );
    // An amount is told only when it may have been meant.
    assert_eq!(near("EarningsPerShareDilutet")[0], "us-gaap:EarningsPerShareDiluted");
    assert_eq!(near("Goodwill").len(), 2);
}
