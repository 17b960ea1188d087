//! Cypher as text: literals, and what a statement names, found by its tokens alone.
//!
//! The database parses; this reads just enough to refuse, before anything runs, what the database would not survive
//! (an unbound parameter) or should not do (writing files while "read-only").

use std::collections::BTreeSet;
use std::path::Path;

use crate::error::Error;

/// A string literal of Cypher. The only way text from outside enters a statement that is not a parameter.
pub fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('\'');
    for character in text.chars() {
        if matches!(character, '\'' | '\\') {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted.push('\'');
    quoted
}

/// What file patterns are made of.
const PATTERN: [char; 4] = ['*', '?', '[', ']'];
/// Longest path of a folder in bytes: systems take 4,096, and names of files are added.
const MAX_PATH_LEN: usize = 3_072;

/// A path as a string literal of Cypher.
///
/// # Errors
/// If the path is not UTF-8, or holds a character that the database reads as a pattern.
pub fn quote_path(path: &Path) -> Result<String, Error> {
    check_path(path).map(quote)
}

/// Whether the database can be given this path, and those of files below it. To be asked before any work is done.
///
/// # Errors
/// If the path is not UTF-8, too long, or holds a character that the database reads as a pattern.
pub fn check_path(path: &Path) -> Result<&str, Error> {
    let wrong = |problem: &str| Err(Error::invalid(path.display().to_string(), problem));
    match path.to_str() {
        None => wrong("the path is not UTF-8, and the database takes no other; name another folder"),
        Some(text) if text.contains(PATTERN) => wrong(
            "the database reads `*`, `?`, `[` and `]` in a path as a pattern of file names; name another folder",
        ),
        Some(text) if text.len() > MAX_PATH_LEN => {
            wrong("the path is too long for the files below it; name another folder")
        }
        Some(text) => Ok(text),
    }
}

/// The parameters a statement names, without the `$`.
pub fn parameters(statement: &str) -> BTreeSet<String> {
    tokens(statement).into_iter().filter_map(|token| token.strip_prefix('$').map(str::to_owned)).collect()
}

/// Whether a statement asks for an order of its rows.
pub fn sorts(statement: &str) -> bool {
    let words: Vec<String> = tokens(statement).into_iter().map(|token| token.to_uppercase()).collect();
    words.windows(2).any(|pair| pair[0] == "ORDER" && pair[1] == "BY")
}

/// Checks that exactly the parameters a statement names are given: an unbound one ends the process.
///
/// # Errors
/// [`Error::Invalid`] naming those that are missing and those that are too many.
pub fn check_parameters<'a>(statement: &str, given: impl Iterator<Item = &'a str>) -> Result<(), Error> {
    let named = parameters(statement);
    let given: BTreeSet<String> = given.map(str::to_owned).collect();
    let list = |names: BTreeSet<&String>| names.into_iter().cloned().collect::<Vec<_>>().join(", ");
    let missing = list(named.difference(&given).collect());
    let unknown = list(given.difference(&named).collect());
    match (missing.is_empty(), unknown.is_empty()) {
        (true, true) => Ok(()),
        (false, _) => Err(Error::invalid("missing parameters", missing)),
        (true, false) => Err(Error::invalid("parameters that the query does not name", unknown)),
    }
}

/// Words that a reading statement never holds: each writes, or reaches files and code outside the graph, which a
/// read-only database still allows (`COPY … TO`, `LOAD FROM`).
const REFUSED: [&str; 22] = [
    "ALTER",
    "ATTACH",
    "BEGIN",
    "CHECKPOINT",
    "COMMENT",
    "COMMIT",
    "COPY",
    "CREATE",
    "DELETE",
    "DETACH",
    "DROP",
    "EXPORT",
    "FORCE",
    "IMPORT",
    "INSTALL",
    "LOAD",
    "MERGE",
    "REMOVE",
    "ROLLBACK",
    "SET",
    "UNINSTALL",
    "USE",
];

/// Checks that a statement only reads.
///
/// # Errors
/// [`Error::ReadOnly`] naming the word that writes, or a second statement.
pub fn check_reads(statement: &str) -> Result<(), Error> {
    let tokens = tokens(statement);
    let mut before = "";
    for (position, token) in tokens.iter().enumerate() {
        // After a dot or a colon it is a property or a label.
        let keyword = !matches!(before, "." | ":");
        if keyword && REFUSED.iter().any(|word| word.eq_ignore_ascii_case(token)) {
            return Err(Error::ReadOnly { message: format!("{} is not for queries", token.to_uppercase()) });
        }
        if token == ";" && position + 1 < tokens.len() {
            return Err(Error::ReadOnly { message: "one statement at a time".to_owned() });
        }
        before = token;
    }
    Ok(())
}

/// Words, `$parameters` and single characters; strings, quoted names and comments are left out.
pub(super) fn tokens(statement: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = statement;
    while let Some(first) = rest.chars().next() {
        let word = |text: &str| text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some(comment) = rest.strip_prefix("/*") {
            comment.find("*/").map_or(rest.len(), |end| end + 4)
        } else if matches!(first, '\'' | '"' | '`') {
            quoted(rest, first)
        } else if first == '$' {
            let length = 1 + word(&rest[1..]);
            tokens.push(rest[..length].to_owned());
            length
        } else if first.is_alphanumeric() || first == '_' {
            let length = word(rest);
            tokens.push(rest[..length].to_owned());
            length
        } else {
            if !first.is_whitespace() {
                tokens.push(first.to_string());
            }
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    tokens
}

/// The length of a quoted text with its quotes; to the end if it never closes.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (position, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' if quote != '`' => escaped = true,
            _ if character == quote => return position + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_backslashes_cannot_end_a_literal() {
        assert_eq!(quote("plain"), "'plain'");
        assert_eq!(quote(r"it's a \ here"), r"'it\'s a \\ here'");
    }

    #[test]
    fn an_order_is_seen_outside_of_literals_and_comments() {
        for statement in
            ["RETURN a ORDER BY a", "return a order\n by a", "WITH a ORDER /* x */ BY a RETURN a"]
        {
            assert!(sorts(statement), "{statement}");
        }
        for statement in ["RETURN 'ORDER BY'", "RETURN 1 // ORDER BY a", "MATCH (order) RETURN order"] {
            assert!(!sorts(statement), "{statement}");
        }
    }

    #[test]
    fn a_path_that_reads_as_a_pattern_is_refused() {
        assert_eq!(quote_path(Path::new("/a b/c.parquet")).unwrap(), "'/a b/c.parquet'");
        let long = format!("/{}", "x".repeat(4_000));
        for (path, part) in
            [("/a*/c", "pattern"), ("/a?", "pattern"), ("/[a]", "pattern"), (&long, "too long")]
        {
            let error = check_path(Path::new(path)).unwrap_err().to_string();
            assert!(error.contains(part) && error.contains("name another folder"), "{error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_path_that_is_no_text_is_refused() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;
        let error = check_path(Path::new(OsStr::from_bytes(b"/a\xff"))).unwrap_err().to_string();
        assert!(error.contains("not UTF-8"), "{error}");
    }

    #[test]
    fn parameters_are_found_outside_of_strings_names_and_comments() {
        let statement = r#"MATCH (n {a: $first}) // $no
            WHERE n.b = '$no \' $no' AND n.`$no` = "$no" /* $no */ RETURN $second_2, $first"#;
        let names: Vec<_> = parameters(statement).into_iter().collect();
        assert_eq!(names, ["first", "second_2"]);
    }

    #[test]
    fn missing_and_unknown_parameters_are_named() {
        let check = |given: &[&str]| check_parameters("RETURN $a, $b", given.iter().copied());
        assert!(check(&["a", "b"]).is_ok());
        assert_eq!(check(&["a"]).unwrap_err().to_string(), "missing parameters: b");
        let unknown = check(&["a", "b", "c"]).unwrap_err().to_string();
        assert_eq!(unknown, "parameters that the query does not name: c");
    }

    #[test]
    fn only_statements_that_read_pass() {
        for reads in [
            "MATCH (n) RETURN n",
            "MATCH (n) WHERE n.set = 'DELETE' RETURN n.`create`",
            "MATCH (n:Use) RETURN n;",
            "CALL show_tables() RETURN *",
            "// SET\nRETURN 1",
        ] {
            assert!(check_reads(reads).is_ok(), "{reads}");
        }
        for writes in [
            "CREATE (:Label {identifier: 'x'})",
            "match (n) detach delete n",
            "COPY (MATCH (n) RETURN n) TO 'file.csv'",
            "LOAD FROM 'file.csv' RETURN *",
            "RETURN 1; RETURN 2",
            "MATCH (n) SET n.a = 1",
        ] {
            assert!(matches!(check_reads(writes), Err(Error::ReadOnly { .. })), "{writes}");
        }
    }
}
