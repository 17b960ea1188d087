//! The cookbook: every recipe in it is run on the sample filings, and its answers are compared with what stands there
//! and with each other.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use edgraph_tests::corpus::workspace;
use expect_test::expect_file;
use serde_json::{Value, json};

use crate::program::{Run, binary};

const RECIPES: usize = 20;

/// A fenced block.
struct Block {
    /// The number of the question it answers; 0 before the first.
    recipe: usize,
    language: String,
    text: String,
}

/// Hands every block to `rewrite`, and returns the document with what that has made of their texts.
fn rewritten(document: &str, mut rewrite: impl FnMut(&Block) -> String) -> String {
    let (mut written, mut recipe, mut open) = (String::new(), 0, None::<Block>);
    for line in document.split_inclusive('\n') {
        match (&mut open, line.trim_end().strip_prefix("```")) {
            (None, Some(language)) => {
                written.push_str(line);
                open = Some(Block { recipe, language: language.to_owned(), text: String::new() });
            }
            (Some(block), Some(_)) => {
                written.push_str(&rewrite(block));
                written.push_str(line);
                open = None;
            }
            (Some(block), None) => block.text.push_str(line),
            (None, None) => {
                recipe = line.strip_prefix("## ").map_or(recipe, |title| {
                    title.split('.').next().and_then(|number| number.parse().ok()).unwrap_or(0)
                });
                written.push_str(line);
            }
        }
    }
    written
}

/// What a command line prints, in a folder with the output of a run in `data`.
fn printed(folder: &Path, line: &str) -> String {
    let programs = binary().parent().expect("the program is in a folder").to_owned();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(std::iter::once(programs).chain(std::env::split_paths(&path))).unwrap();
    let mut shell = Command::new("sh");
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("EDGRAPH_") {
            shell.env_remove(name);
        }
    }
    let ended = shell.args(["-c", line]).current_dir(folder).env("PATH", path).stdin(Stdio::null()).output();
    let ended = ended.unwrap();
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(ended.status.success() && said.is_empty(), "{line}: {said}");
    String::from_utf8(ended.stdout).unwrap()
}

/// A row with its cells as text.
type Row = BTreeMap<String, String>;

/// Cells of equal meaning become equal text: one number has several spellings, and nothing is no text.
fn row(object: &Value) -> Row {
    let cell = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => text.parse::<f64>().map_or_else(|_| text.clone(), |number| number.to_string()),
        other => other.as_f64().map_or_else(|| other.to_string(), |number| number.to_string()),
    };
    let cells = object.as_object().expect("a row is an object").iter();
    cells.map(|(name, value)| (name.clone(), cell(value))).collect()
}

fn rows(answer: &Value) -> Vec<Row> {
    // Of what was found the concepts are what Cypher is asked for.
    let list = if answer.is_array() { answer } else { &answer["concepts"]["hits"] };
    list.as_array().expect("an answer is an array").iter().map(row).collect()
}

/// Blocks of one language by recipe.
fn blocks(document: &str, language: &str) -> BTreeMap<usize, String> {
    let mut found = BTreeMap::new();
    rewritten(document, |block| {
        if block.language == language {
            let before = found.insert(block.recipe, block.text.clone());
            assert!(before.is_none(), "recipe {} has two blocks of {language}", block.recipe);
        }
        block.text.clone()
    });
    found
}

/// Each question to the files, in DuckDB.
const DUCKDB: &str = "
import duckdb, json, sys
work = json.load(sys.stdin)
database = duckdb.connect()
database.execute(work['names'])
answers = {}
for number, question in work['questions'].items():
    answer = database.execute(question)
    columns = [column[0] for column in answer.description]
    answers[number] = [dict(zip(columns, row)) for row in answer.fetchall()]
json.dump(answers, sys.stdout, default=str)
";

/// What the SQL answers, by recipe; `None` on a machine without DuckDB.
fn sql_answers(folder: &Path, sql: &BTreeMap<usize, String>) -> Option<BTreeMap<usize, Vec<Row>>> {
    let has_duckdb = Command::new("python3").args(["-c", "import duckdb"]).stderr(Stdio::null()).status();
    if !has_duckdb.is_ok_and(|status| status.success()) {
        eprintln!("the SQL of the cookbook is not run: python3 has no duckdb here (pip install duckdb)");
        return None;
    }
    let questions: BTreeMap<String, &String> = sql
        .iter()
        .filter(|(number, _)| **number > 0)
        .map(|(number, sql)| (number.to_string(), sql))
        .collect();
    let mut python = Command::new("python3")
        .args(["-c", DUCKDB])
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let work = json!({"names": sql[&0], "questions": questions}).to_string();
    python.stdin.take().unwrap().write_all(work.as_bytes()).unwrap();
    let ended = python.wait_with_output().unwrap();
    assert!(ended.status.success(), "a question in SQL failed; python3 says which above");
    let answers: BTreeMap<String, Value> = serde_json::from_slice(&ended.stdout).unwrap();
    Some(answers.iter().map(|(number, answer)| (number.parse().unwrap(), rows(answer))).collect())
}

/// A command's rows have those of the Cypher, as far as their columns have the same names.
fn agrees(number: usize, is_series: bool, command: &[Row], cypher: &[Row]) {
    let columns: Vec<&String> = cypher[0].keys().filter(|name| command[0].contains_key(*name)).collect();
    let narrowed = |rows: &[Row]| -> Vec<Vec<String>> {
        rows.iter().map(|row| columns.iter().map(|name| row[*name].clone()).collect()).collect()
    };
    let (told, asked) = (narrowed(command), narrowed(cypher));
    for row in &asked {
        assert!(told.contains(row), "recipe {number}: the command has no {row:?} in {columns:?}: {told:?}");
    }
    // A series is all there is of one amount; a statement has other lines, too.
    if is_series {
        let place = columns.iter().position(|name| *name == "value");
        let is_told = |row: &Vec<String>| place.is_some_and(|place| !row[place].is_empty());
        let extra = told.iter().find(|row| is_told(row) && !asked.contains(row));
        assert_eq!(extra, None, "recipe {number}: the Cypher has not all that the command has");
    }
}

#[test]
fn every_recipe_answers_as_it_says_and_in_every_language_the_same() {
    let folder = tempfile::tempdir().unwrap();
    Run::samples(&folder.path().join("data")).ok();
    let path = workspace().join("coordinator/graph/cookbook.md");
    let document = fs::read_to_string(&path).unwrap();
    let (cypher, sql) = (blocks(&document, "cypher"), blocks(&document, "sql"));
    for (number, cypher) in &cypher {
        fs::write(folder.path().join(format!("{number}.cypher")), cypher).unwrap();
    }
    let numbers: Vec<usize> = (1..=RECIPES).collect();
    assert_eq!(cypher.keys().copied().collect::<Vec<_>>(), numbers);
    assert_eq!(sql.keys().copied().collect::<Vec<_>>(), (0..=RECIPES).collect::<Vec<_>>());

    // What commands print is what stands there. Renewed with UPDATE_EXPECT=1.
    let mut commands: BTreeMap<usize, String> = BTreeMap::new();
    let run = rewritten(&document, |block| match block.language.as_str() {
        "console" => {
            let line = block.text.lines().next().unwrap().strip_prefix("$ ").expect("a command comes first");
            commands.insert(block.recipe, line.to_owned());
            format!("$ {line}\n{}", printed(folder.path(), line))
        }
        "sh" => {
            let line = block.text.trim();
            commands.insert(block.recipe, line.to_owned());
            assert!(printed(folder.path(), line).lines().count() > 1, "{line}");
            block.text.clone()
        }
        _ => block.text.clone(),
    });
    assert_eq!(commands.keys().copied().collect::<Vec<_>>(), numbers);
    expect_file![path].assert_eq(&run);

    let in_sql = sql_answers(folder.path(), &sql);
    for (number, command) in &commands {
        let file = format!("{number}.cypher");
        let asked = printed(folder.path(), &format!("edgraph query --format json -f {file}"));
        let asked = rows(&serde_json::from_str(&asked).unwrap());
        assert!(!asked.is_empty(), "recipe {number} has no answer");
        if let Some(answers) = &in_sql {
            assert_eq!(answers[number], asked, "recipe {number}: SQL beside Cypher");
        }
        // What prints the Cypher's own answer, or a text, has no other to compare.
        if !command.contains(&file) && !command.starts_with("edgraph text") {
            let told = printed(folder.path(), &format!("{command} --format json"));
            let told = rows(&serde_json::from_str(&told).unwrap());
            agrees(*number, command.starts_with("edgraph series"), &told, &asked);
        }
    }
}
