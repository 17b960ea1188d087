//! Tables, drawn.

use expect_test::{Expect, expect};

use super::super::plain;

fn check(markup: &str, expected: Expect) {
    expected.assert_eq(&format!("{}\n", plain(markup)));
}

#[test]
fn numbers_stand_on_their_last_digit_with_their_signs() {
    check(
        "<table><tr><td>Sales</td><td>&#160;</td><td>$</td><td align='right'>1,234</td><td>&#160;</td></tr>
         <tr><td>Loss</td><td></td><td></td><td align='right'>(567</td><td>)</td></tr>
         <tr><td>Margin</td><td></td><td colspan='2' align='right'>12.5</td><td>%</td></tr>
         <tr><td>Change</td><td></td><td>$</td><td align='right'>( 8.1 )</td><td>%</td></tr>
         <tr><td>Other (a)</td><td></td><td>$</td><td align='right'>—</td><td></td></tr>
         <tr><td>With a note</td><td></td><td></td><td align='right'>9<sup>(1)</sup></td><td></td></tr></table>",
        expect![[r#"
            Sales        $1,234
            Loss           (567)
            Margin         12.5%
            Change        $(8.1)%
            Other (a)        $—
            With a note       9 (1)
        "#]],
    );
}

#[test]
fn headings_stand_over_their_columns() {
    let row = |label: &str, values: [&str; 4]| {
        let cells: String = values.map(|value| format!("<td>$</td><td>{value}</td><td></td>")).concat();
        format!("<tr><td colspan='3'>{label}</td>{cells}</tr>")
    };
    let heading = |titles: &[&str], span: usize| -> String {
        let border = "text-align:center;border-bottom:1pt solid #000000";
        titles.iter().map(|title| format!("<td colspan='{span}' style='{border}'>{title}</td>")).collect()
    };
    let markup = format!(
        "<table><tr><td colspan='3'></td>{}</tr><tr><td colspan='3'></td>{}</tr>{}{}</table>",
        heading(&["Three Months Ended June 30,", "Six Months Ended June 30,"], 6),
        heading(&["2024", "2023", "2024", "2023"], 3),
        row("Revenues", ["22,486", "23,418", "42,152", "45,218"]),
        row("Cost", ["1", "2", "3", "4"]),
    );
    check(
        &markup,
        expect![[r#"
                        Three Months    Six Months Ended
                       Ended June 30,       June 30,
                      ────────────────  ────────────────
                         2024     2023     2024     2023
                      ───────  ───────  ───────  ───────
            Revenues  $22,486  $23,418  $42,152  $45,218
            Cost           $1       $2       $3       $4
        "#]],
    );
}

#[test]
fn a_note_to_a_heading_does_not_part_a_number_from_its_bracket() {
    check(
        "<table><tr><td>(In millions)</td><td></td><td>Netting</td><td>(a)</td><td>Total</td><td>*</td></tr>
         <tr><td>Derivatives</td><td>$</td><td>(162</td><td>)</td><td>826</td></tr>
         <tr><td>Other (1)</td><td></td><td>0</td><td></td><td>1</td></tr></table>",
        expect![[r#"
            (In millions)  Netting (a)   Total *
            Derivatives          $(162)      826
            Other (1)                0         1
        "#]],
    );
}

#[test]
fn labels_are_indented_as_filed_and_wrapped() {
    let long = "a label that goes on and on ".repeat(4);
    let markup = format!(
        "<table><tr><td style='padding:2px 1pt'>Assets</td><td>&#160;</td></tr>
         <tr><td style='padding:2px 1pt 2px 10pt'>Cash</td><td align='right'>1</td></tr>
         <tr><td><p style='MARGIN-LEFT: 3em; TEXT-INDENT: -1em'>Marketable</p></td><td align='right'>22</td></tr>
         <tr><td>&#160;&#160;Total</td><td align='right'>23</td></tr>
         <tr><td>{long}</td><td align='right'>4</td></tr></table>"
    );
    check(
        &markup,
        expect![[r#"
        Assets
          Cash                                                      1
            Marketable                                             22
          Total                                                    23
        a label that goes on and on a label that goes on and on a
          label that goes on and on a label that goes on and on     4
    "#]],
    );
}

#[test]
fn labels_that_begin_in_a_later_cell_are_subordinate() {
    check(
        "<table><tr><td colspan='2'>Current</td><td></td></tr>
         <tr><td width='2%'></td><td>Federal</td><td align='right'>9,445</td></tr>
         <tr><td></td><td>State</td><td align='right'>1,570</td></tr></table>",
        expect![[r#"
            Current
              Federal  9,445
              State    1,570
        "#]],
    );
}

#[test]
fn rules_stand_where_the_filing_draws_them() {
    check(
        "<table><tr><td>A</td><td></td><td align='right'>1</td></tr><tr><td>B</td><td></td><td align='right'>2</td></tr>
         <tr><td></td><td></td><td><hr size='1' /></td></tr>
         <tr><td>Total</td><td></td><td style='border-bottom:3pt double #000'>33</td></tr>
         <tr><td></td><td></td><td><hr style='COLOR: #ffffff' /></td></tr><tr><td>Shares</td><td></td><td>4</td></tr></table>",
        expect![[r#"
            A        1
            B        2
                    ──
            Total   33
                    ──
            Shares   4
        "#]],
    );
}

#[test]
fn a_table_that_only_places_text_reads_as_text() {
    let paragraph =
        "A paragraph that is longer than a column would be, and that nobody wants to be wrapped at all.";
    check(
        &format!(
            "<table><tr><td width='4%'></td><td valign='top'>•</td><td>{paragraph}</td></tr></table>
             <table><tr><td>(a)</td><td><p>{paragraph}</p><p>More.</p></td></tr><tr><td>(b)</td><td>Short.</td></tr></table>
             <table><tr><td><p>{paragraph}</p></td></tr><tr><td>Second row</td></tr></table>"
        ),
        expect![[r#"
            • A paragraph that is longer than a column would be, and that nobody wants to be wrapped at all.

            (a) A paragraph that is longer than a column would be, and that nobody wants to be wrapped at all.

                More.
            (b) Short.

            A paragraph that is longer than a column would be, and that nobody wants to be wrapped at all.
            Second row
        "#]],
    );
}

#[test]
fn text_beside_text_begins_at_the_top() {
    check(
        "<table><tr><td>Level</td><td>Meaning</td></tr><tr><td>Level 1</td>
         <td>Quoted prices in active markets for identical assets or liabilities as of the date of measurement.</td></tr></table>",
        expect![[r#"
            Level    Meaning
            Level 1  Quoted prices in active markets for identical assets or
                       liabilities as of the date of measurement.
        "#]],
    );
}

#[test]
fn spanning_rows_ragged_rows_and_tables_in_tables_lose_nothing() {
    check(
        "<table><caption>Debt</caption><tr><th rowspan='2'>Kind</th><th colspan='2'>Amount</th></tr><tr><th>2024</th><th>2023</th></tr>
         <tr><td>Notes<br/>and loans</td><td>1</td></tr><tr><td>Other</td><td>2</td><td>3</td><td>4</td><td>beyond</td></tr>
         <tr><td>Inner</td><td colspan='4'><table><tr><td>a</td><td>10</td></tr><tr><td>bcd</td><td>5</td></tr></table></td></tr></table>",
        expect![[r#"
            Debt

            Kind         Amount
                       2024  2023
            Notes
            and loans     1
            Other         2     3  4  beyond
                       a    10
            Inner      bcd   5
        "#]],
    );
}

#[test]
fn the_width_of_characters_counts() {
    check(
        "<table><tr><td>現金</td><td align='right'>1</td></tr><tr><td>Cash</td><td align='right'>22</td></tr></table>",
        expect![[r#"
            現金   1
            Cash  22
        "#]],
    );
}

#[test]
fn years_are_labels_or_headings_and_dates_are_text() {
    check(
        "<table><tr><td>Year</td><td>Amount</td><td>Due</td></tr><tr><td>2024</td><td align='right'>$9,943</td><td>June 2026</td></tr>
         <tr><td>Thereafter</td><td align='right'>1</td><td>May 2027</td></tr></table>",
        expect![[r#"
            Year        Amount  Due
            2024        $9,943  June 2026
            Thereafter       1  May 2027
        "#]],
    );
}
