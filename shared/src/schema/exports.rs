//! Tables that exist as files only: the long texts, and the facts with everything joined.

use super::column::{boolean, double, int32, string};
use super::table::{Table, TableKind};

pub(super) const TABLES: &[Table] = &[
    Table {
        name: "text",
        kind: TableKind::Export,
        doc: "A non-numeric value or a footnote of more than 1,024 bytes, whole.",
        columns: &[
            string("fact_id", "The identifier of the Fact or Footnote."),
            string("concept", "The concept, `{prefix}:{name}`; link:footnote for a footnote."),
            string("sha256", "The hash of the text's UTF-8 bytes, hexadecimal; value_ref ends in it."),
            string("content_type", "text/html or text/plain."),
            string("text", "The whole value."),
            string("accession", "The filing."),
        ],
    },
    Table {
        name: "flat/facts",
        kind: TableKind::Export,
        doc: "One row per Fact with everything joined, for DuckDB, Polars, Spark and Athena.",
        columns: &[
            string("fact_id", "The identifier of the Fact."),
            string("accession", "The filing."),
            string("cik", "The CIK of the fact's entity, ten digits."),
            string("ticker", "dei:TradingSymbol: the symbol at that time."),
            string("entity", "dei:EntityRegistrantName: the name at that time."),
            string("form", "The form."),
            string("filing_date", "YYYY-MM-DD."),
            string("report_date", "The end of the period of report, YYYY-MM-DD."),
            int32("fiscal_year", "The filer's fiscal year in which the period ends."),
            string("fiscal_period", "FY, H1, M9, or Q1 to Q4 in the filer's fiscal year."),
            string("concept", "The concept, `{prefix}:{name}`."),
            string("concept_uri", "The concept, `{namespace}#{name}`."),
            string("label", "Its standard label as filed."),
            string("value", "As Fact.value."),
            double("numeric_value", "As Fact.numeric_value."),
            string("decimals", "As Fact.decimals."),
            string("unit", "The unit, such as USD or USD/shares."),
            string("period_start", "The first day of a duration."),
            string("period_end", "The last day of a duration."),
            string("period_instant", "The day of an instant."),
            string(
                "dimensions",
                "A JSON object from axis to member or typed value, names as `{namespace}#{local}`, sorted; NULL without dimensions.",
            ),
            boolean("is_nil", "As Fact.is_nil."),
            boolean("is_primary", "As Fact.is_primary."),
            boolean("is_custom", "Whether the concept is the filer's own."),
            string("balance", "debit or credit."),
        ],
    },
];
