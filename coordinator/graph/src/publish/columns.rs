//! The columns of a table in the words of the log, and what it means when they are not the ones it has. Pure.

use edgraph_shared::schema::{Column, ColumnType, Table};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// By what a table is partitioned: the year and month of filing. They are in the files' names, not in the files.
pub(super) const PARTITIONS: [&str; 2] = ["year", "month"];

/// The schema of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Struct {
    #[serde(rename = "type")]
    kind: String,
    fields: Vec<Field>,
}

/// A column. The type is a name, or a structure for types that we do not have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Field {
    name: String,
    #[serde(rename = "type")]
    kind: Value,
    nullable: bool,
    metadata: Value,
}

/// What a table's present columns are to those that are written now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// Files of either can stand in it.
    Same,
    /// They can once the table has these.
    Extended(String),
    /// They cannot: a column is of another type, and no reader could read both. It says which.
    Other(String),
}

/// The schema of a table, as the log has it.
pub(super) fn of(table: &Table) -> String {
    text(&schema(table))
}

/// Compares what a log says of a table with what is written now. A table may have more columns: in files that lack
/// them they are NULL.
///
/// # Errors
/// Why the log's schema cannot be read.
pub(super) fn fit(table: &Table, present: &str) -> Result<Fit, String> {
    let mut fields =
        serde_json::from_str::<Struct>(present).map_err(|error| format!("its schema: {error}"))?.fields;
    let mut is_same = true;
    for field in schema(table).fields {
        match fields.iter_mut().find(|known| known.name == field.name) {
            Some(known) if known.kind != field.kind => {
                let reason = format!("column {} is {}, not {} as before", field.name, field.kind, known.kind);
                return Ok(Fit::Other(reason));
            }
            Some(known) => {
                let wider = Field { nullable: known.nullable || field.nullable, ..field };
                is_same &= *known == wider;
                *known = wider;
            }
            None => {
                is_same = false;
                // What older files do not have is NULL in their rows.
                fields.push(Field { nullable: true, ..field });
            }
        }
    }
    if is_same {
        return Ok(Fit::Same);
    }
    let is_partition = |field: &Field| PARTITIONS.contains(&field.name.as_str());
    fields.sort_by_key(is_partition);
    Ok(Fit::Extended(text(&Struct { kind: "struct".to_owned(), fields })))
}

fn schema(table: &Table) -> Struct {
    let own = |(index, column): (usize, &Column)| Field {
        name: column.name.to_owned(),
        kind: type_of(column.column_type).into(),
        nullable: index >= table.keys(),
        metadata: json!({ "comment": column.doc }),
    };
    let partition = |name: &&str| Field {
        name: (*name).to_owned(),
        kind: "integer".into(),
        nullable: true,
        metadata: json!({ "comment": format!("The {name} of filing.") }),
    };
    let own = table.columns.iter().enumerate().map(own);
    Struct { kind: "struct".to_owned(), fields: own.chain(PARTITIONS.iter().map(partition)).collect() }
}

/// The log's name of a column's type.
fn type_of(column_type: ColumnType) -> &'static str {
    match column_type {
        ColumnType::String => "string",
        ColumnType::Boolean => "boolean",
        ColumnType::Int32 => "integer",
        ColumnType::Double => "double",
        ColumnType::Date => "date",
        ColumnType::Timestamp => "timestamp",
    }
}

fn text(schema: &Struct) -> String {
    serde_json::to_string(schema).expect("names and texts always serialise")
}

#[cfg(test)]
mod tests {
    use edgraph_shared::schema::{self, all_tables};

    use super::*;

    #[test]
    fn partitions_are_named_as_no_column_is() {
        for table in all_tables() {
            for name in PARTITIONS {
                assert!(table.column_index(name).is_none(), "{}.{name}", table.name);
            }
            assert_eq!(fit(table, &of(table)), Ok(Fit::Same), "{}", table.name);
        }
    }

    #[test]
    fn keys_are_required_and_the_rest_may_be_null() {
        let schema: Value = serde_json::from_str(&of(schema::table("FACT_HAS_FOOTNOTE").unwrap())).unwrap();
        let told = |field: &Value| {
            format!("{} {} {}", field["name"], field["type"], field["nullable"]).replace('"', "")
        };
        let fields: Vec<String> = schema["fields"].as_array().unwrap().iter().map(told).collect();
        let expected = [
            "from string false",
            "to string false",
            "arcrole string true",
            "order_value double true",
            "accession string true",
            "year integer true",
            "month integer true",
        ];
        assert_eq!(fields, expected);
        assert_eq!(schema["fields"][1]["metadata"]["comment"], "Identifier of the target node.");
    }

    #[test]
    fn a_new_column_extends_a_table_and_a_new_type_does_not() {
        let table = schema::table("text").unwrap();
        let present = |change: &dyn Fn(&mut Struct)| {
            let mut present: Struct = serde_json::from_str(&of(table)).unwrap();
            change(&mut present);
            text(&present)
        };
        let older = present(&|present| {
            present.fields.remove(1);
        });
        let Fit::Extended(extended) = fit(table, &older).unwrap() else { panic!("it is extended") };
        let extended: Struct = serde_json::from_str(&extended).unwrap();
        let names: Vec<&str> = extended.fields.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(
            names,
            ["fact_id", "sha256", "content_type", "text", "accession", "concept", "year", "month"]
        );
        assert_eq!(fit(table, &text(&extended)), Ok(Fit::Same));

        let newer = present(&|present| {
            let more = Field { name: "more".to_owned(), ..present.fields[1].clone() };
            present.fields.insert(2, more);
        });
        assert_eq!(fit(table, &newer), Ok(Fit::Same), "what we do not write is NULL");

        let other = present(&|present| present.fields[1].kind = "date".into());
        let reason = "column concept is \"string\", not \"date\" as before".to_owned();
        assert_eq!(fit(table, &other), Ok(Fit::Other(reason)));
        assert!(fit(table, "{}").unwrap_err().starts_with("its schema: "));
    }
}
