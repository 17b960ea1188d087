//! Tables that exist as files only: the long texts, and the facts with everything joined.

use super::column::{boolean, date, double, int32, string, timestamp};
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
            string(
                "sec_ticker",
                "The first ticker that the SEC had of the filer when the filing was processed.",
            ),
            string(
                "sec_tickers",
                "All of them, a JSON array; NULL where the SEC had none or the filer was not asked for.",
            ),
            string("entity", "dei:EntityRegistrantName: the name at that time."),
            string("form", "The form."),
            date("filing_date", "The day of filing."),
            timestamp("accepted_at", "When EDGAR accepted it."),
            date("report_date", "The end of the period of report."),
            int32("focus_year", "The fiscal year that the filing is about, as Report.fiscal_year_focus."),
            string("focus_period", "The part of it, as Report.fiscal_period_focus."),
            int32("fiscal_year", "The filer's fiscal year in which the period ends."),
            string("fiscal_period", "FY, H1, M9, or Q1 to Q4 in the filer's fiscal year."),
            string("concept", "The concept, `{prefix}:{name}`."),
            string("concept_uri", "The concept, `{namespace}#{name}`."),
            string("label", "Its standard label as filed."),
            string(
                "statement_role",
                "The role of the first statement that the concept stands in; without one, of the first disclosure.",
            ),
            string(
                "statement",
                "The definition of that role, `{number} - {type} - {name}`, as Structure.definition.",
            ),
            string("value", "As Fact.value."),
            double("numeric_value", "As Fact.numeric_value."),
            string("decimals", "As Fact.decimals."),
            string("unit", "The unit, such as USD or USD/shares."),
            string(
                "period_start",
                "The first day of a duration, YYYY-MM-DD, with a time of day where the filing has one.",
            ),
            string("period_end", "The last day of a duration, likewise."),
            string("period_instant", "The day at whose end an instant is, likewise."),
            date("period_last", "The last day of the period, whichever it is: period_end or period_instant."),
            string(
                "dimensions",
                "A JSON object from axis to member or typed value, names as `{namespace}#{local}`, sorted; NULL without dimensions.",
            ),
            string(
                "dimension_labels",
                "The same from label to label as filed, `{prefix}:{name}` for what has none.",
            ),
            boolean("is_nil", "As Fact.is_nil."),
            boolean("is_primary", "As Fact.is_primary."),
            boolean(
                "is_custom",
                "Whether the concept is the filer's own; NULL where no schema of its namespace is at hand.",
            ),
            string("balance", "debit or credit."),
        ],
    },
];
