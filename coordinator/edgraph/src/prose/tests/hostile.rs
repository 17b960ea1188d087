//! Markup made to take long, to fill memory, or to go too deep. Where time or memory grew with the square of the length,
//! these tests would not end; nobody's clock is asked.

use super::super::plain;

#[track_caller]
fn check(markup: &str, words: usize) {
    let text = plain(markup);
    assert_eq!(text.split_whitespace().count(), words);
    // Blanks between columns are no more than words are worth.
    assert!(text.len() < 64 * markup.len() + 100_000, "{} bytes", text.len());
}

#[test]
fn deep_nesting_ends() {
    check(&format!("<p>a</p>{}b", "<div>".repeat(100_000)), 2);
    for tag in ["<b a>", "<table><tr><td>", "<ul><li>", "<svg>", "<x>", "<font color='a'><p>"] {
        check(&format!("<p>a</p>{}b", tag.repeat(10_000)), if tag == "<ul><li>" { 3 } else { 2 });
    }
    let unlike: String = (0..10_000).map(|number| format!("<b a='{number}'>")).collect();
    check(&format!("{unlike}a{}", "<p>b".repeat(10_000)), 10_001);
}

#[test]
fn long_texts_end() {
    check(&format!("<p>{}</p>", "word ".repeat(400_000)), 400_000);
    check(&format!("<table><tr><td>{}<td>1<tr><td>a<td>b</table>", "word ".repeat(200_000)), 200_003);
    check(&format!("{}<p>a", "<x".repeat(100_000)), 1);
    check(&"<".repeat(1_000_000), 1);
}

#[test]
fn tables_that_are_mostly_blank_stay_small() {
    let long = "w".repeat(200_000);
    check(&format!("<table><tr><td>{long}<td>1{}</table>", "<tr><td>a<td>b".repeat(5_000)), 10_002);
    let wide = format!("<table><tr>{}", "<td>wwwwwwwwwwwwwwwwwww".repeat(900));
    check(&format!("{wide}{}</table>", "<tr><td colspan='899'><td>x".repeat(10_000)), 10_900);
    check(
        &format!("<table>{}</table>", "<tr><td colspan='1000'>a<td colspan='1000'>b".repeat(5_000)),
        10_000,
    );
    check(
        &format!("<table><tr>{}{}</table>", "<td rowspan='0'>".repeat(1_000), "<tr><td>x".repeat(5_000)),
        5_000,
    );
}
