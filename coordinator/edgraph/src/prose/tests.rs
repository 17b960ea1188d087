//! What values read like: small ones in tables of cases, tables as they are drawn, hostile ones by their time.

mod tables;
mod random;
mod hostile;

use super::plain;

#[track_caller]
fn check(cases: &[(&str, &str)]) {
    for (markup, expected) in cases {
        assert_eq!(plain(markup), *expected, "{markup}");
    }
}

#[test]
fn what_is_no_markup_is_its_own_text() {
    for text in ["", "a < b & c > d", "R&D <5%", "AT&amp;T", " two\n lines ", "1 <2", "x<y", "<", "a <- b"] {
        assert_eq!(plain(text), text);
    }
}

#[test]
fn blocks_stand_on_lines_of_their_own() {
    check(&[
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("<div>One</div><div>Two</div>", "One\nTwo"),
        ("<div style='MARGIN-TOP: 12pt'>One</div><div style='margin:9pt 0'>Two</div>", "One\n\nTwo"),
        ("<div style='margin-top:1pt'>One</div><div style='margin:0 9pt'>Two</div>", "One\nTwo"),
        ("<h2>Head</h2>Text<hr/>more", "Head\n\nText\nmore"),
        ("One<br/>Two<br><br><br>Three", "One\nTwo\n\nThree"),
        ("<p>One</p><p>&#160;</p><p> </p><div></div><p>Two</p>", "One\n\nTwo"),
        ("<span style='display:block'>a</span>b<div style='display:inline'>c</div>d", "a\nbcd"),
        ("<div>a<div/>b</div>", "a\nb"),
        ("<pre>a\n  b</pre><div style='white-space:pre-wrap'>c  d\ne</div>", "a\n  b\n\nc  d\ne"),
    ]);
}

#[test]
fn white_space_is_one_blank_unless_it_is_meant() {
    check(&[
        ("<p>\n  a \t\n b<span> </span>c <b> d</b>\n</p>", "a b c d"),
        ("<p>4.&#160;&nbsp; Debt&nbsp;</p>", "4.   Debt"),
        ("<b>a</b><i>b</i>", "ab"),
        ("<span>(1)</span><span style='padding-left:8.24pt'>Note</span>", "(1) Note"),
        ("<p>a\u{200b}b&shy;c&#27;[31md\u{feff}</p>", "abc[31md"),
    ]);
}

#[test]
fn what_is_not_shown_is_left_out() {
    check(&[
        ("a<div style='color:red; DISPLAY : none !important'>b<p>c</p></div>d", "ad"),
        ("a<p hidden>b</p>c<span style='visibility:hidden'>d</span>e", "ace"),
        ("a<script>b</script><style>c</style><title>d</title><!-- e -->f", "af"),
        ("a<script/>b<div style='display:none'/>c", "abc"),
        ("<table><tr style='display:none'><td>a</td></tr><tr><td>b</td><td hidden>c</td></tr></table>", "b"),
    ]);
}

#[test]
fn lists_have_their_marks() {
    check(&[
        ("<ul><li>One</li><li>Two<ul><li>Three</li></ul></li></ul>x", "• One\n• Two\n  • Three\n\nx"),
        (
            "<ol start='9'><li>a</li><li><p>b</p><p>c</p></li><li value='3'>d</li></ol>",
            "9. a\n\n10. b\n\n    c\n\n3. d",
        ),
        ("<ol type='a' start='26'><li>x</li><li>y</li></ol>", "z. x\naa. y"),
        ("<ol style='list-style-type:lower-roman' start='4'><li>x</li></ol>", "iv. x"),
        (
            "<ol type='I' start='1999'><li>x</li></ol><ol type='A' start='0'><li>y</li></ol>",
            "MCMXCIX. x\n\n0. y",
        ),
        ("<ul style='list-style:none'><li>x</li></ul>", "x"),
    ]);
}

#[test]
fn a_raised_number_does_not_become_part_of_another_one() {
    check(&[
        ("Sales in 2023<sup>1</sup> and m<sup>2</sup>, 10<sup>14</sup>", "Sales in 2023¹ and m², 10¹⁴"),
        ("<span>5</span><span style='vertical-align:super'>3</span>", "5³"),
        ("the 21<sup>st</sup>, iPhone <sup>1</sup>, CO<sub>2</sub>", "the 21st, iPhone 1, CO2"),
    ]);
}

#[test]
fn malformed_markup_is_read_as_browsers_read_it() {
    check(&[
        ("<p>One<p>Two</div></b>three", "One\n\nTwothree"),
        ("<table>lost<tr><td>kept</table>", "lost\n\nkept"),
        ("<b><p>a</b>b</p>c", "ab\n\nc"),
        ("a<td>b</td></table>c", "abc"),
        ("&lt;p&gt; &amp;amp; <i>x", "<p> &amp; x"),
    ]);
}

#[test]
fn capitals_are_as_shown() {
    check(&[("<p style='text-transform:uppercase'>Note <b>1</b></p>", "NOTE 1")]);
}
