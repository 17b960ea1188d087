//! Answers that an assistant can read: never more than a few pages, and what is left out is said. Pure.

/// Bytes of an answer. Clients cut at some 25,000 tokens; of digits and table rules a token is little more than two
/// bytes.
const MAX_BYTES: usize = 40_000;
/// What saying so takes.
const RESERVED: usize = 300;

/// As many whole lines as fit. `advice` says how to ask for less.
pub(super) fn lines(text: &str, advice: &str) -> String {
    if text.len() <= MAX_BYTES {
        return text.to_owned();
    }
    let mut end = 0;
    let mut shown = 0;
    for line in text.split_inclusive('\n') {
        if end + line.len() > MAX_BYTES - RESERVED {
            break;
        }
        end += line.len();
        shown += 1;
    }
    let all = text.split_inclusive('\n').count();
    format!("{}[cut here: {shown} of {all} lines are shown; {advice}]\n", &text[..end])
}

/// So many characters as fit, from one on.
pub(super) fn part(text: &str, from: usize) -> String {
    let all = text.chars().count();
    let start = text.char_indices().nth(from).map_or(text.len(), |(at, _)| at);
    let rest = &text[start..];
    if rest.len() <= MAX_BYTES {
        return rest.to_owned();
    }
    let room = MAX_BYTES - RESERVED;
    let fits = rest.char_indices().map(|(at, _)| at).take_while(|at| *at <= room).last().unwrap_or(0);
    // At the end of a line or a word, where one is near.
    let near = |what: char| rest[..fits].rfind(what).filter(|at| fits - at < fits / 10).map(|at| at + 1);
    let end = near('\n').or_else(|| near(' ')).unwrap_or(fits);
    let next = from + rest[..end].chars().count();
    format!(
        "{}\n[cut here: characters {from} to {next} of {all} are shown; go on with from={next}]\n",
        &rest[..end]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_whole_and_what_does_not_says_so() {
        assert_eq!(lines("a\nb\n", "x"), "a\nb\n");
        let long: String = (0..20_000).map(|n| format!("line {n}\n")).collect();
        let cut = lines(&long, "ask for fewer years");
        assert!(cut.len() <= MAX_BYTES && cut.starts_with("line 0\n"));
        assert!(
            cut.ends_with("of 20000 lines are shown; ask for fewer years]\n"),
            "{}",
            &cut[cut.len() - 100..]
        );
        // One line that does not fit is none.
        assert!(lines(&"x".repeat(2 * MAX_BYTES), "x").starts_with("[cut here: 0 of 1 lines"));
    }

    #[test]
    fn parts_follow_each_other_without_a_gap() {
        let text: String = (0..30_000).map(|n| format!("wörd{n} ")).collect();
        let (mut read, mut from) = (String::new(), 0);
        loop {
            let part = part(&text, from);
            assert!(part.len() <= MAX_BYTES);
            let Some((shown, more)) = part.rsplit_once("\n[cut here") else {
                read.push_str(&part);
                break;
            };
            read.push_str(shown);
            from = more.rsplit_once("from=").unwrap().1.trim_end_matches("]\n").parse().unwrap();
        }
        assert!(read == text);
        assert_eq!(part("abc", 7), "");
    }
}
