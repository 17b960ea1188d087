//! Queries to begin with: the predecessor's fifteen presets, made deterministic, and one amount everybody knows.
//!
//! Each answers one question about the graph as a whole and is meant to be read and changed. Clauses in comments that
//! begin with `?` hold where their parameters are given: they narrow it to a company or to a filing.

use crate::database::cypher::parameters;
use crate::error::Error;

/// A ready query.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// Its name on the command line.
    pub name: &'static str,
    /// One line: what it matches and returns.
    pub doc: &'static str,
    /// The statement, which needs no parameters.
    pub cypher: &'static str,
}

/// What begins and what ends a clause that holds where its parameters are given.
const CLAUSE: (&str, &str) = ("/*?", "*/");

impl Example {
    /// The parameters that narrow it.
    pub fn takes(&self) -> Vec<String> {
        clauses(self.cypher)
            .filter(|(_, is_clause)| *is_clause)
            .flat_map(|(clause, _)| parameters(clause))
            .collect()
    }

    /// The statement with those of its clauses that hold when these parameters are given.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a parameter that it does not take.
    pub fn narrowed(&self, given: &[&str]) -> Result<String, Error> {
        let takes = self.takes();
        if let Some(unknown) = given.iter().find(|name| !takes.iter().any(|known| known == *name)) {
            let there = if takes.is_empty() { "no parameters".to_owned() } else { takes.join(" and ") };
            return Err(Error::invalid(
                format!("parameter {unknown}"),
                format!("example `{}` takes {there}; --examples lists what each takes", self.name),
            ));
        }
        let held = |(text, is_clause): (&str, bool)| match is_clause {
            true if parameters(text).iter().all(|name| given.contains(&name.as_str())) => {
                text.trim().to_owned()
            }
            true => format!("{}{text}{}", CLAUSE.0, CLAUSE.1),
            false => text.to_owned(),
        };
        Ok(clauses(self.cypher).map(held).collect())
    }
}

/// The statement in pieces, each with whether it is such a clause.
fn clauses(cypher: &str) -> impl Iterator<Item = (&str, bool)> {
    let pieces = cypher.split(CLAUSE.0).enumerate();
    pieces.flat_map(|(place, piece)| match piece.split_once(CLAUSE.1).filter(|_| place > 0) {
        Some((clause, after)) => vec![(clause, true), (after, false)],
        None => vec![(piece, false)],
    })
}

/// An example by name.
pub fn find(name: &str) -> Option<&'static Example> {
    EXAMPLES.iter().find(|example| example.name == name)
}

/// All examples, from the whole to the parts.
pub const EXAMPLES: &[Example] = &[
    Example {
        name: "summary",
        doc: "Counts nodes by table: how large the graph is.",
        cypher: "MATCH (n) WHERE NOT label(n) STARTS WITH '_'
RETURN label(n) AS label, count(*) AS nodes
ORDER BY nodes DESC, label",
    },
    Example {
        name: "entities",
        doc: "Lists companies with ticker, industry and the number of their reports.",
        cypher: r#"MATCH (e:Entity)
/*? MATCH (e) WHERE e.tickers CONTAINS concat('"', $ticker, '"') */
OPTIONAL MATCH (e)-[:ENTITY_HAS_REPORT]->(r:Report)
RETURN e.cik AS cik, e.name AS name, e.ticker AS ticker, e.industry AS industry,
       e.state_of_incorporation AS state, count(r) AS reports
ORDER BY name, cik
LIMIT 50"#,
    },
    Example {
        name: "recent_reports",
        doc: "Lists the newest reports with filer, form, dates and fact count.",
        cypher: r#"MATCH (e:Entity)-[h:ENTITY_HAS_REPORT {role: 'filer'}]->(r:Report)
/*? MATCH (e) WHERE e.tickers CONTAINS concat('"', $ticker, '"') */
/*? MATCH (r) WHERE r.accession = $accession */
OPTIONAL MATCH (r)-[:REPORT_HAS_FACT]->(f:Fact)
RETURN e.ticker AS ticker, r.entity_name AS entity, r.form AS form, r.filing_date AS filed,
       r.report_date AS period_end, count(f) AS facts, r.accession_number AS accession
ORDER BY filed DESC, accession DESC
LIMIT 20"#,
    },
    Example {
        name: "report_types",
        doc: "Counts reports by form, with the first and last filing date.",
        cypher: r#"MATCH (r:Report)
/*? MATCH (o:Entity)-[:ENTITY_HAS_REPORT]->(r) WHERE o.tickers CONTAINS concat('"', $ticker, '"') */
RETURN r.form AS form, count(*) AS reports, min(r.filing_date) AS first_filed, max(r.filing_date) AS last_filed
ORDER BY reports DESC, form"#,
    },
    Example {
        name: "financial_facts",
        doc: "Lists headline figures (assets, revenue, net income …) of whole companies, newest period first.",
        cypher: r#"MATCH (r:Report)-[:REPORT_HAS_FACT]->(f:Fact)-[:FACT_HAS_ELEMENT]->(el:Element),
      (f)-[:FACT_HAS_PERIOD]->(p:Period), (f)-[:FACT_HAS_UNIT]->(u:Unit)
WHERE el.name IN ['Assets', 'Liabilities', 'StockholdersEquity', 'Revenues',
                  'RevenueFromContractWithCustomerExcludingAssessedTax', 'NetIncomeLoss', 'OperatingIncomeLoss',
                  'CashAndCashEquivalentsAtCarryingValue', 'EarningsPerShareDiluted']
  AND f.is_primary AND NOT f.is_nil AND NOT EXISTS { MATCH (f)-[:FACT_HAS_DIMENSION]->(:FactDimension) }
/*? MATCH (o:Entity)-[:ENTITY_HAS_REPORT]->(r) WHERE o.tickers CONTAINS concat('"', $ticker, '"') */
/*? MATCH (r) WHERE r.accession = $accession */
RETURN r.entity_name AS entity, el.qname AS concept, f.numeric_value AS value, f.value AS exact,
       u.value AS unit, p.start_date AS period_start, coalesce(p.end_date, p.instant_date) AS period_end, r.form AS form
ORDER BY period_end DESC, entity, concept, period_start, value, form
LIMIT 50"#,
    },
    Example {
        name: "fact_dimensions",
        doc: "Counts facts by axis and member: by what companies break their figures down.",
        cypher: r#"MATCH (f:Fact)-[:FACT_HAS_DIMENSION]->(d:FactDimension)-[:FACT_DIMENSION_AXIS_ELEMENT]->(axis:Element)
/*? MATCH (o:Entity)-[:ENTITY_HAS_REPORT]->(:Report)-[:REPORT_HAS_FACT]->(f) WHERE o.tickers CONTAINS concat('"', $ticker, '"') */
/*? MATCH (f) WHERE f.accession = $accession */
OPTIONAL MATCH (d)-[:FACT_DIMENSION_MEMBER_ELEMENT]->(member:Element)
RETURN axis.qname AS axis, coalesce(member.qname, d.typed_value) AS member, count(*) AS facts
ORDER BY facts DESC, axis, member
LIMIT 50"#,
    },
    Example {
        name: "fact_periods",
        doc: "Counts facts by period, latest first, with the period's kind and length.",
        cypher: r#"MATCH (f:Fact)-[:FACT_HAS_PERIOD]->(p:Period)
/*? MATCH (o:Entity)-[:ENTITY_HAS_REPORT]->(:Report)-[:REPORT_HAS_FACT]->(f) WHERE o.tickers CONTAINS concat('"', $ticker, '"') */
/*? MATCH (f) WHERE f.accession = $accession */
RETURN p.period_type AS period_type, p.start_date AS period_start,
       coalesce(p.end_date, p.instant_date) AS period_end, p.days_in_period AS days, count(*) AS facts
ORDER BY period_end DESC, period_start, facts DESC
LIMIT 30"#,
    },
    Example {
        name: "elements",
        doc: "Lists the concepts that most facts are of, with type, balance and period type.",
        cypher: r#"MATCH (f:Fact)-[:FACT_HAS_ELEMENT]->(el:Element)
/*? MATCH (o:Entity)-[:ENTITY_HAS_REPORT]->(:Report)-[:REPORT_HAS_FACT]->(f) WHERE o.tickers CONTAINS concat('"', $ticker, '"') */
/*? MATCH (f) WHERE f.accession = $accession */
RETURN el.qname AS concept, el.type AS type, el.balance AS balance, el.period_type AS period_type,
       count(*) AS facts, el.uri AS uri
ORDER BY facts DESC, uri
LIMIT 30"#,
    },
    Example {
        name: "report_structure",
        doc: "Shows what each report is made of: facts, dimensions, and statements and disclosures with their arcs.",
        cypher: r#"MATCH (r:Report)
/*? MATCH (o:Entity)-[:ENTITY_HAS_REPORT]->(r) WHERE o.tickers CONTAINS concat('"', $ticker, '"') */
/*? MATCH (r) WHERE r.accession = $accession */
OPTIONAL MATCH (f:Fact) WHERE f.accession = r.accession
WITH r, count(f) AS facts
OPTIONAL MATCH (s:Structure) WHERE s.accession = r.accession
WITH r, facts, count(s) AS structures
OPTIONAL MATCH (a:Association) WHERE a.accession = r.accession
RETURN r.entity_name AS entity, r.form AS form, r.report_date AS period_end, facts, structures,
       count(a) AS associations, r.accession_number AS accession
ORDER BY period_end DESC, accession
LIMIT 20"#,
    },
    Example {
        name: "entity_overview",
        doc: "Summarises each company: reports, facts, forms and the span of filing dates.",
        // In two steps: Kuzu 0.11.3 answers 0 for aggregates beside a count(DISTINCT …).
        cypher: r#"MATCH (e:Entity)-[:ENTITY_HAS_REPORT {role: 'filer'}]->(r:Report)
/*? MATCH (e) WHERE e.tickers CONTAINS concat('"', $ticker, '"') */
OPTIONAL MATCH (r)-[:REPORT_HAS_FACT]->(f:Fact)
WITH e, r, count(f) AS facts
RETURN e.cik AS cik, e.name AS name, e.ticker AS ticker, count(*) AS reports, sum(facts) AS facts,
       min(r.filing_date) AS first_filed, max(r.filing_date) AS last_filed
ORDER BY reports DESC, name, cik
LIMIT 50"#,
    },
    Example {
        name: "fact_aspects",
        doc: "Shows facts with everything that gives a number its meaning: entity, concept, period, unit, precision.",
        cypher: r#"MATCH (f:Fact)-[:FACT_HAS_ENTITY {role: 'context'}]->(e:Entity), (f)-[:FACT_HAS_ELEMENT]->(el:Element),
      (f)-[:FACT_HAS_PERIOD]->(p:Period), (f)-[:FACT_HAS_UNIT]->(u:Unit)
/*? MATCH (o:Entity)-[:ENTITY_HAS_REPORT]->(:Report)-[:REPORT_HAS_FACT]->(f) WHERE o.tickers CONTAINS concat('"', $ticker, '"') */
/*? MATCH (f) WHERE f.accession = $accession */
RETURN coalesce(e.name, e.cik) AS entity, el.qname AS concept, p.start_date AS period_start,
       coalesce(p.end_date, p.instant_date) AS period_end, f.numeric_value AS value, f.value AS exact,
       u.value AS unit, f.decimals AS decimals, f.fiscal_year AS fiscal_year, f.fiscal_period AS fiscal_period
ORDER BY period_end DESC, entity, concept, period_start, f.identifier
LIMIT 30"#,
    },
    Example {
        name: "fact_with_dimensions",
        doc: "Lists dimensional numbers with all their axes and members, newest period first.",
        cypher: r#"MATCH (f:Fact)-[:FACT_HAS_ELEMENT]->(el:Element), (f)-[:FACT_HAS_PERIOD]->(p:Period),
      (f)-[:FACT_HAS_DIMENSION]->(d:FactDimension)-[:FACT_DIMENSION_AXIS_ELEMENT]->(axis:Element)
/*? MATCH (o:Entity)-[:ENTITY_HAS_REPORT]->(:Report)-[:REPORT_HAS_FACT]->(f) WHERE o.tickers CONTAINS concat('"', $ticker, '"') */
/*? MATCH (f) WHERE f.accession = $accession */
OPTIONAL MATCH (d)-[:FACT_DIMENSION_MEMBER_ELEMENT]->(member:Element)
WITH f, el, p, concat(axis.qname, '=', coalesce(member.qname, d.typed_value, 'nil')) AS dimension
WHERE f.fact_type = 'Numeric' AND f.is_primary
WITH f, el, p, list_sort(collect(dimension)) AS dimensions
RETURN el.qname AS concept, f.numeric_value AS value, f.value AS exact, dimensions,
       p.start_date AS period_start, coalesce(p.end_date, p.instant_date) AS period_end, f.accession AS accession
ORDER BY period_end DESC, concept, f.identifier
LIMIT 30"#,
    },
    Example {
        name: "taxonomy_structures",
        doc: "Lists statements and disclosures with the number of their arcs, in the filer's order.",
        cypher: r#"MATCH (s:Structure)-[:STRUCTURE_HAS_ASSOCIATION]->(a:Association)
/*? MATCH (o:Entity)-[:ENTITY_HAS_REPORT]->(r:Report) WHERE o.tickers CONTAINS concat('"', $ticker, '"') AND r.accession = s.accession */
/*? MATCH (s) WHERE s.accession = $accession */
RETURN s.accession AS accession, s.number AS number, s.type AS type, s.name AS name, count(a) AS associations,
       s.uri AS uri
ORDER BY accession DESC, number, uri
LIMIT 50"#,
    },
    Example {
        name: "element_hierarchy",
        doc: "Shows presentation trees: parent, child and order in the statements of each filing.",
        cypher: r#"MATCH (s:Structure)-[:STRUCTURE_HAS_ASSOCIATION]->(a:Association {association_type: 'Presentation'}),
      (a)-[:ASSOCIATION_HAS_FROM_ELEMENT]->(above:Element), (a)-[:ASSOCIATION_HAS_TO_ELEMENT]->(below:Element)
WHERE s.type = 'Statement'
/*? MATCH (o:Entity)-[:ENTITY_HAS_REPORT]->(r:Report) WHERE o.tickers CONTAINS concat('"', $ticker, '"') AND r.accession = s.accession */
/*? MATCH (s) WHERE s.accession = $accession */
RETURN s.accession AS accession, s.number AS number, s.name AS statement, above.qname AS parent,
       below.qname AS child, a.order_value AS position
ORDER BY accession DESC, number, s.uri, parent, position, child, a.identifier
LIMIT 50"#,
    },
    Example {
        name: "report_taxonomy_detail",
        doc: "Lists the taxonomies each report uses, its own first, with the number of its statements and disclosures in each.",
        cypher: r#"MATCH (r:Report)-[:REPORT_USES_TAXONOMY]->(t:Taxonomy)
/*? MATCH (o:Entity)-[:ENTITY_HAS_REPORT]->(r) WHERE o.tickers CONTAINS concat('"', $ticker, '"') */
/*? MATCH (r) WHERE r.accession = $accession */
OPTIONAL MATCH (s:Structure)-[:STRUCTURE_HAS_TAXONOMY]->(t) WHERE s.accession = r.accession
RETURN r.entity_name AS entity, r.form AS form, r.filing_date AS filed, t.name AS prefix,
       t.version AS version, t.description AS kind, count(s) AS structures, t.uri AS namespace,
       r.accession_number AS accession
ORDER BY filed DESC, accession DESC, kind, namespace
LIMIT 50"#,
    },
    Example {
        name: "total_assets",
        doc: "Shows total assets at the end of each report's period: one row per filing.",
        cypher: r#"MATCH (r:Report)-[:REPORT_HAS_FACT]->(f:Fact)-[:FACT_HAS_ELEMENT]->(:Element {name: 'Assets'}),
      (f)-[:FACT_HAS_PERIOD]->(p:Period), (f)-[:FACT_HAS_UNIT]->(u:Unit)
WHERE p.instant_date = r.report_date AND f.is_primary AND NOT EXISTS { MATCH (f)-[:FACT_HAS_DIMENSION]->() }
/*? MATCH (o:Entity)-[:ENTITY_HAS_REPORT]->(r) WHERE o.tickers CONTAINS concat('"', $ticker, '"') */
/*? MATCH (r) WHERE r.accession = $accession */
RETURN r.entity_name AS entity, r.form AS form, p.instant_date AS date, f.numeric_value AS assets, f.value AS exact,
       u.value AS unit, r.accession_number AS accession
ORDER BY entity, date, accession
LIMIT 50"#,
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::cypher;

    #[test]
    fn they_read_need_no_parameters_and_are_ordered() {
        assert_eq!(EXAMPLES.len(), 16);
        for example in EXAMPLES {
            assert!(cypher::check_reads(example.cypher).is_ok(), "{}", example.name);
            assert!(cypher::parameters(example.cypher).is_empty(), "{}", example.name);
            assert!(example.cypher.contains("ORDER BY"), "{}", example.name);
            assert_eq!(EXAMPLES.iter().filter(|other| other.name == example.name).count(), 1);
            assert!(find(example.name).is_some());
        }
        assert!(find("nonsense").is_none());
    }

    #[test]
    fn a_parameter_that_is_given_makes_its_clause_hold() {
        let assets = find("total_assets").unwrap();
        assert_eq!(assets.takes(), ["ticker", "accession"]);
        assert_eq!(assets.narrowed(&[]).unwrap(), assets.cypher);
        let narrowed = assets.narrowed(&["accession"]).unwrap();
        assert!(narrowed.contains("\nMATCH (r) WHERE r.accession = $accession\nRETURN"), "{narrowed}");
        assert!(narrowed.contains("/*? MATCH (o:Entity)"), "{narrowed}");
        for example in EXAMPLES {
            let takes = example.takes();
            let names: Vec<&str> = takes.iter().map(String::as_str).collect();
            let narrowed = example.narrowed(&names).unwrap();
            assert!(cypher::check_reads(&narrowed).is_ok(), "{}", example.name);
            assert_eq!(cypher::parameters(&narrowed).len(), names.len(), "{}", example.name);
        }
        let refused = find("summary").unwrap().narrowed(&["ticker"]).unwrap_err().to_string();
        assert_eq!(
            refused,
            "parameter ticker: example `summary` takes no parameters; --examples lists what each takes"
        );
        let refused = find("entities").unwrap().narrowed(&["form"]).unwrap_err().to_string();
        assert!(refused.contains("example `entities` takes ticker;"), "{refused}");
    }
}
