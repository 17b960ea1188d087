//! The text of a footnote for people, from its content as [`crate::markup`] writes it.

/// What an element does to the line it stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Breaks {
    Nothing,
    /// A cell: the next word is another one, on the same line.
    Word,
    Line,
}

/// By an element's name as written.
fn breaks(raw_name: &str) -> Breaks {
    let local = raw_name.rsplit(':').next().unwrap_or_default().to_ascii_lowercase();
    match &*local {
        "a" | "abbr" | "b" | "big" | "cite" | "code" | "em" | "font" | "i" | "ins" | "img" | "q" | "s"
        | "small" | "span" | "strong" | "sub" | "sup" | "tt" | "u" | "var" => Breaks::Nothing,
        "td" | "th" => Breaks::Word,
        _ => Breaks::Line,
    }
}

/// The text of markup, white space collapsed as a browser would, blocks and rows of tables on lines of their own.
pub(crate) fn plain(markup: &str) -> String {
    let (mut lines, mut line) = (String::with_capacity(markup.len() / 2), String::new());
    let mut rest = markup;
    loop {
        let open = rest.find('<').unwrap_or(rest.len());
        unescape(&rest[..open], &mut line);
        // No attribute holds a bracket unescaped.
        let Some(close) = rest[open..].find('>') else { break };
        let tag = rest[open + 1..open + close].trim_start_matches('/');
        let name = tag.split([' ', '\t', '\n', '/']).next().unwrap_or_default();
        match breaks(name) {
            Breaks::Nothing => {}
            Breaks::Word => line.push(' '),
            Breaks::Line => end_line(&mut lines, &mut line),
        }
        rest = &rest[open + close + 1..];
    }
    end_line(&mut lines, &mut line);
    lines
}

fn unescape(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let known = [("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"), ("&", "&")];
        let (written, character) =
            known.into_iter().find(|(written, _)| rest.starts_with(written)).expect("an ampersand");
        out.push_str(character);
        rest = &rest[written.len()..];
    }
    out.push_str(rest);
}

/// Closes the line unless it is empty.
fn end_line(lines: &mut String, line: &mut String) {
    let mut is_first = true;
    for word in line.split_whitespace() {
        match (is_first, lines.is_empty()) {
            (true, true) => {}
            (true, false) => lines.push('\n'),
            (false, _) => lines.push(' '),
        }
        lines.push_str(word);
        is_first = false;
    }
    line.clear();
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn markup_reads_as_on_the_page() {
        for (markup, text) in [
            ("", ""),
            ("  (a) plain\n text &amp; &lt;more&gt; ", "(a) plain text & <more>"),
            ("<sup>1</sup>Net of <b>tax</b>.", "1Net of tax."),
            ("<p>One</p><p style=\"a:&quot;b&quot;\">Two<br/>Three</p>", "One\nTwo\nThree"),
            (
                "<table><tr><td>Sales</td><td>1</td></tr><tr><td>Costs</td><td>2</td></tr></table>",
                "Sales 1\nCosts 2",
            ),
            ("<x:div>a</x:div>\u{a0}<DIV>b</DIV>", "a\nb"),
            ("AT&T, cut in a ta<g", "AT&T, cut in a ta"),
        ] {
            assert_eq!(plain(markup), text, "{markup}");
        }
    }
}
