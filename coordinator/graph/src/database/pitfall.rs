//! Statements that the database answers wrongly without a word, or does not survive: refused with what to write instead.
//!
//! Each was found in Kuzu 0.11.3. Like [`super::cypher`], this reads tokens and knows no grammar: what it cannot tell
//! from a wrong statement is refused as well.

use super::cypher::tokens;
use crate::error::Error;

/// Table functions that a question may call. Others read files, change settings, or end the process.
const CALLED: [&str; 11] = [
    "BM_INFO",
    "CATALOG_VERSION",
    "DB_VERSION",
    "SHOW_CONNECTION",
    "SHOW_FUNCTIONS",
    "SHOW_INDEXES",
    "SHOW_SEQUENCES",
    "SHOW_TABLES",
    "STATS_INFO",
    "STORAGE_INFO",
    "TABLE_INFO",
];

/// Functions that make one value of many rows.
const AGGREGATES: [&str; 6] = ["AVG", "COLLECT", "COUNT", "MAX", "MIN", "SUM"];

/// Words that end what a `WITH` or `RETURN` lists.
const AFTER_LIST: [&str; 10] =
    ["CALL", "LIMIT", "MATCH", "OPTIONAL", "ORDER", "RETURN", "SKIP", "UNION", "UNWIND", "WHERE"];

/// Checks that a statement is none of these.
///
/// # Errors
/// [`Error::Invalid`] with the place and the rewriting.
pub fn check(statement: &str) -> Result<(), Error> {
    let tokens: Vec<String> = tokens(statement).iter().map(|token| token.to_uppercase()).collect();
    let found = called(&tokens).or_else(|| bare_condition(&tokens)).or_else(|| mixed_distinct(&tokens));
    found.map_or(Ok(()), |problem| Err(Error::invalid("this statement", problem)))
}

/// A table function that is not for questions. They crash on arguments they do not expect.
fn called(tokens: &[String]) -> Option<String> {
    let starts = tokens.iter().enumerate().filter(|(place, token)| {
        *token == "CALL"
            && !matches!(place.checked_sub(1).map(|before| tokens[before].as_str()), Some("." | ":"))
    });
    starts.map(|(place, _)| tokens.get(place + 1).map_or("", String::as_str)).find_map(|name| {
        let allowed = CALLED.contains(&name);
        (!allowed).then(|| format!("CALL {name} is not for queries; there are {}", CALLED.join(", ")))
    })
}

/// `CASE WHEN` on a column alone takes the first row's value for all.
fn bare_condition(tokens: &[String]) -> Option<String> {
    // Of each CASE that is open: whether its WHENs are conditions, and not values to compare with.
    let mut open: Vec<bool> = Vec::new();
    for (place, token) in tokens.iter().enumerate() {
        match token.as_str() {
            "CASE" => open.push(tokens.get(place + 1).is_some_and(|next| next == "WHEN")),
            "END" => drop(open.pop()),
            "WHEN" if open.last() == Some(&true) => {
                let condition: Vec<&str> = tokens[place + 1..].iter().map(String::as_str).collect();
                let end = condition.iter().position(|token| *token == "THEN").unwrap_or(condition.len());
                if is_column(&condition[..end]) {
                    let condition = condition[..end].concat().to_lowercase();
                    return Some(format!(
                        "WHEN {condition} THEN takes the first row's value for all rows; \
                         write WHEN {condition} = true THEN"
                    ));
                }
            }
            _ => {}
        }
    }
    None
}

/// Whether an expression is a variable or a property, in whatever brackets. A quoted name leaves no token.
fn is_column(expression: &[&str]) -> bool {
    let inner: Vec<&&str> = expression.iter().filter(|token| !matches!(**token, "(" | ")")).collect();
    let is_name = |token: &str| token.chars().all(|c| c.is_alphanumeric() || c == '_');
    let calls = expression.windows(2).any(|pair| is_name(pair[0]) && pair[1] == "(");
    let is_literal = matches!(inner[..], [&"TRUE" | &"FALSE" | &"NULL"]);
    let names =
        inner.iter().enumerate().all(|(place, token)| **token == "." || (place < 3 && is_name(token)));
    let dots = inner.iter().filter(|token| ***token == ".").count();
    !calls && !is_literal && names && dots <= 1 && inner.len() <= 1 + 2 * dots
}

/// Aggregates beside a DISTINCT one lose their rows where rows are grouped, and some end the process.
fn mixed_distinct(tokens: &[String]) -> Option<String> {
    for (place, token) in tokens.iter().enumerate() {
        if !matches!(token.as_str(), "RETURN" | "WITH") {
            continue;
        }
        let items: Vec<Vec<bool>> = items(&tokens[place + 1..]).into_iter().map(aggregates).collect();
        let has = |distinct: bool| items.iter().any(|item| item.contains(&distinct));
        let mixed = has(true) && has(false);
        let grouped = items.iter().any(Vec::is_empty);
        if mixed && grouped {
            return Some(
                "aggregates beside one of DISTINCT values come out empty where rows are grouped; \
                 take the DISTINCT one in a WITH of its own, and the others in another"
                    .to_owned(),
            );
        }
    }
    None
}

/// What a `WITH` or `RETURN` lists, from behind the word.
fn items(tokens: &[String]) -> Vec<&[String]> {
    let (mut items, mut depth, mut start) = (Vec::new(), 0_i32, 0);
    let mut end = tokens.len();
    for (place, token) in tokens.iter().enumerate() {
        match token.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            "," if depth == 0 => {
                items.push(&tokens[start..place]);
                start = place + 1;
            }
            _ => {}
        }
        if depth < 0 || (depth == 0 && AFTER_LIST.contains(&token.as_str())) {
            end = place;
            break;
        }
    }
    items.push(&tokens[start.min(end)..end]);
    items
}

/// Of each aggregate in an item, whether it is one of DISTINCT values.
fn aggregates(item: &[String]) -> Vec<bool> {
    let calls = item
        .windows(2)
        .enumerate()
        .filter(|(_, pair)| AGGREGATES.contains(&pair[0].as_str()) && pair[1] == "(");
    calls.map(|(place, _)| item.get(place + 2).is_some_and(|argument| argument == "DISTINCT")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(statement: &str) -> Option<String> {
        check(statement).err().map(|error| error.to_string())
    }

    #[test]
    fn a_condition_that_is_a_column_alone_is_refused_with_the_rewriting() {
        for (condition, said) in [
            ("f.is_nil", "write WHEN f.is_nil = true THEN"),
            ("(f.is_nil)", "WHEN (f.is_nil) = true THEN"),
            ("b", "WHEN b = true THEN"),
            ("f.`is nil`", "takes the first row's value"),
            ("`b`", "takes the first row's value"),
        ] {
            let refused = refusal(&format!("MATCH (f:Fact) RETURN CASE WHEN {condition} THEN 1 ELSE 0 END"));
            assert!(refused.as_ref().is_some_and(|text| text.contains(said)), "{condition}: {refused:?}");
        }
        let second = "RETURN sum(CASE WHEN f.v > 4 THEN 1 WHEN f.is_nil THEN 2 ELSE 0 END)";
        assert!(refusal(second).is_some());
        let inner = "RETURN CASE WHEN a = 1 THEN CASE WHEN f.b THEN 1 ELSE 2 END ELSE 3 END";
        assert!(refusal(inner).is_some());
    }

    #[test]
    fn conditions_that_compare_or_call_pass() {
        for condition in [
            "f.is_nil = true",
            "NOT f.is_nil",
            "f.is_nil AND true",
            "f.value IS NOT NULL",
            "coalesce(f.is_nil, false)",
            "f.v > 4",
            "f.is_nil IN [true]",
            "true",
        ] {
            assert_eq!(refusal(&format!("RETURN CASE WHEN {condition} THEN 1 END")), None, "{condition}");
        }
        assert_eq!(refusal("RETURN CASE f.is_nil WHEN other.is_nil THEN 1 WHEN true THEN 2 END"), None);
        assert_eq!(refusal("MATCH (case) RETURN case"), None);
    }

    #[test]
    fn distinct_aggregates_stand_alone_where_rows_are_grouped() {
        for mixed in [
            "MATCH (a) RETURN a.g, count(DISTINCT a.s), sum(a.v)",
            "MATCH (a) RETURN a.g, sum(a.v), count(distinct a.s)",
            "MATCH (a) RETURN count(DISTINCT a.s) + sum(a.v), a.g ORDER BY a.g",
            "MATCH (a) WITH a.g AS g, collect(DISTINCT a.s) AS s, count(*) AS n WHERE n > 1 RETURN g, s, n",
        ] {
            let refused = refusal(mixed);
            assert!(refused.as_ref().is_some_and(|text| text.contains("in a WITH of its own")), "{mixed}");
        }
        for alone in [
            "MATCH (a) RETURN count(DISTINCT a.s), sum(a.v)",
            "MATCH (a) RETURN a.g, count(DISTINCT a.s), count(DISTINCT a.v)",
            "MATCH (a) RETURN a.g, count(a.s), sum(a.v)",
            "MATCH (a) RETURN DISTINCT a.g, count(*)",
            "MATCH (a) WITH a.g AS g, count(DISTINCT a.s) AS n MATCH (b) RETURN g, n, sum(b.v)",
            "MATCH (a) RETURN a.count, {count: 1}, [DISTINCT, 2]",
        ] {
            assert_eq!(refusal(alone), None, "{alone}");
        }
    }

    #[test]
    fn only_listed_functions_are_called() {
        for call in
            ["CALL READ_PARQUET('x') RETURN *", "CALL threads = 1", "call read_npy('x') return *", "CALL"]
        {
            assert!(refusal(call).is_some_and(|text| text.contains("SHOW_TABLES")), "{call}");
        }
        for call in [
            "CALL show_tables() RETURN *",
            "CALL table_info('Fact') RETURN *",
            "MATCH (n:Call) RETURN n.call",
        ] {
            assert_eq!(refusal(call), None, "{call}");
        }
    }
}
