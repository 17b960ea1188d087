//! The predecessor's fifteen presets, made deterministic, and one amount everybody knows; from the whole to the parts.

use crate::query::example::Example;

pub(super) const PRESETS: [Example; 16] = [
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
