//! What people ask of filings in their first hour and no other command answers.

use crate::query::example::Example;

pub(super) const QUESTIONS: [Example; 11] = [
    Example {
        name: "segments",
        doc: "Lists amounts by member of a segments axis, with the members' labels.",
        cypher: r#"MATCH (f:Fact)-[:FACT_HAS_ELEMENT]->(x:Element), (f)-[:FACT_HAS_PERIOD]->(p:Period),
      (f)-[:FACT_HAS_DIMENSION]->(d:FactDimension)-[:FACT_DIMENSION_AXIS_ELEMENT]->(axis:Element),
      (d)-[:FACT_DIMENSION_MEMBER_ELEMENT]->(m:Element)
WHERE f.is_primary AND f.fact_type = 'Numeric' AND axis.name ENDS WITH 'SegmentsAxis'
/*? MATCH (o:Entity)-[:ENTITY_HAS_REPORT]->(:Report)-[:REPORT_HAS_FACT]->(f) WHERE o.tickers CONTAINS concat('"', $ticker, '"') */
/*? MATCH (f) WHERE f.accession = $accession */
/*? MATCH (x) WHERE x.qname = $concept */
OPTIONAL MATCH (m)-[:ELEMENT_HAS_LABEL {accession: f.accession}]->(l:Label {type: 'http://www.xbrl.org/2003/role/label'})
RETURN x.qname AS concept, coalesce(l.value, m.qname) AS segment, f.fiscal_year AS fiscal_year, f.fiscal_period AS fiscal_period,
       f.numeric_value AS value, f.value AS exact, f.accession AS accession
ORDER BY concept, segment, fiscal_year, fiscal_period, accession, f.identifier
LIMIT 50"#,
    },
    Example {
        name: "annual_amounts",
        doc: "Lists amounts of whole fiscal years by concept, company and year: every company's, with one concept.",
        cypher: r#"MATCH (e:Entity)-[:ENTITY_HAS_REPORT]->(r:Report)-[:REPORT_HAS_FACT]->(f:Fact)-[:FACT_HAS_ELEMENT]->(x:Element)
WHERE f.fiscal_period = 'FY' AND f.fact_type = 'Numeric' AND f.is_primary AND NOT EXISTS { MATCH (f)-[:FACT_HAS_DIMENSION]->() }
/*? MATCH (e) WHERE e.tickers CONTAINS concat('"', $ticker, '"') */
/*? MATCH (r) WHERE r.accession = $accession */
/*? MATCH (x) WHERE x.qname = $concept */
RETURN DISTINCT x.qname AS concept, e.ticker AS ticker, f.fiscal_year AS fiscal_year, f.value AS value
ORDER BY concept, ticker, fiscal_year, value
LIMIT 50"#,
    },
    Example {
        name: "shares_outstanding",
        doc: "Lists shares outstanding as cover pages say them, by class where there are several.",
        cypher: r#"MATCH (r:Report)-[:REPORT_HAS_FACT]->(f:Fact)-[:FACT_HAS_ELEMENT]->(:Element {name: 'EntityCommonStockSharesOutstanding'}),
      (f)-[:FACT_HAS_PERIOD]->(p:Period)
WHERE f.is_primary
/*? MATCH (o:Entity)-[:ENTITY_HAS_REPORT]->(r) WHERE o.tickers CONTAINS concat('"', $ticker, '"') */
/*? MATCH (r) WHERE r.accession = $accession */
OPTIONAL MATCH (f)-[:FACT_HAS_DIMENSION]->(:FactDimension)-[:FACT_DIMENSION_MEMBER_ELEMENT]->(m:Element)
RETURN r.entity_name AS entity, r.trading_symbol AS ticker, p.instant_date AS day, m.name AS class, f.numeric_value AS shares,
       f.value AS exact, r.accession_number AS accession
ORDER BY entity, day, class, accession
LIMIT 50"#,
    },
    Example {
        name: "amendment_changes",
        doc: "Compares amendments with what they amend: facts that say something else, original and amended.",
        cypher: r#"MATCH (o:Entity)-[:ENTITY_HAS_REPORT]->(a:Report {is_amendment: true}), (o)-[:ENTITY_HAS_REPORT]->(r:Report {is_amendment: false}),
      (r)-[:REPORT_HAS_FACT]->(f:Fact)-[:FACT_HAS_ELEMENT]->(x:Element)<-[:FACT_HAS_ELEMENT]-(g:Fact)<-[:REPORT_HAS_FACT]-(a),
      (f)-[:FACT_HAS_PERIOD]->(p:Period)<-[:FACT_HAS_PERIOD]-(g)
WHERE a.report_date = r.report_date AND f.is_primary AND g.is_primary AND f.value <> g.value
  AND NOT EXISTS { MATCH (f)-[:FACT_HAS_DIMENSION]->() } AND NOT EXISTS { MATCH (g)-[:FACT_HAS_DIMENSION]->() }
/*? MATCH (o) WHERE o.tickers CONTAINS concat('"', $ticker, '"') */
/*? MATCH (a) WHERE a.accession = $accession OR r.accession = $accession */
RETURN a.accession_number AS accession, x.qname AS concept, coalesce(p.end_date, p.instant_date) AS day,
       f.value AS original, g.value AS amended
ORDER BY accession, concept, day, original
LIMIT 50"#,
    },
    Example {
        name: "gross_margin",
        doc: "Divides gross profit by revenue, per cent, for each fiscal year of a filing.",
        cypher: r#"MATCH (r:Report)-[:REPORT_HAS_FACT]->(f:Fact)-[:FACT_HAS_ELEMENT]->(:Element {name: 'GrossProfit'}),
      (r)-[:REPORT_HAS_FACT]->(g:Fact)-[:FACT_HAS_ELEMENT]->(x:Element),
      (f)-[:FACT_HAS_PERIOD]->(p:Period)<-[:FACT_HAS_PERIOD]-(g)
WHERE f.fiscal_period = 'FY' AND f.is_primary AND g.is_primary AND g.numeric_value <> 0
  AND x.name IN ['Revenues', 'RevenueFromContractWithCustomerExcludingAssessedTax', 'SalesRevenueNet']
  AND NOT EXISTS { MATCH (f)-[:FACT_HAS_DIMENSION]->() } AND NOT EXISTS { MATCH (g)-[:FACT_HAS_DIMENSION]->() }
/*? MATCH (o:Entity)-[:ENTITY_HAS_REPORT]->(r) WHERE o.tickers CONTAINS concat('"', $ticker, '"') */
/*? MATCH (r) WHERE r.accession = $accession */
RETURN r.trading_symbol AS ticker, f.fiscal_year AS fiscal_year, round(100 * f.numeric_value / g.numeric_value, 1) AS margin,
       f.value AS gross_profit, g.value AS revenue, x.qname AS concept, r.accession_number AS accession
ORDER BY ticker, fiscal_year, accession, concept
LIMIT 50"#,
    },
    Example {
        name: "largest_amounts",
        doc: "Lists the largest amounts in US dollars, one for each concept of a filing.",
        cypher: r#"MATCH (r:Report)-[:REPORT_HAS_FACT]->(f:Fact)-[:FACT_HAS_ELEMENT]->(x:Element), (f)-[:FACT_HAS_UNIT]->(u:Unit)
WHERE f.is_primary AND f.numeric_value IS NOT NULL AND u.value = 'USD'
/*? MATCH (o:Entity)-[:ENTITY_HAS_REPORT]->(r) WHERE o.tickers CONTAINS concat('"', $ticker, '"') */
/*? MATCH (r) WHERE r.accession = $accession */
RETURN x.qname AS concept, max(f.numeric_value) AS largest, r.accession_number AS accession
ORDER BY largest DESC, concept, accession
LIMIT 20"#,
    },
    Example {
        name: "filing_delays",
        doc: "Counts the days from a period's end to its filing, the latest first.",
        cypher: r#"MATCH (r:Report) WHERE NOT r.is_amendment
/*? MATCH (o:Entity)-[:ENTITY_HAS_REPORT]->(r) WHERE o.tickers CONTAINS concat('"', $ticker, '"') */
RETURN r.trading_symbol AS ticker, r.form AS form, r.report_date AS period, date(r.filing_date) - date(r.report_date) AS days,
       r.accession_number AS accession
ORDER BY days DESC, ticker, accession
LIMIT 50"#,
    },
    Example {
        name: "footnotes",
        doc: "Lists facts that have footnotes, with what these say.",
        cypher: r#"MATCH (x:Element)<-[:FACT_HAS_ELEMENT]-(f:Fact)-[:FACT_HAS_FOOTNOTE]->(n:Footnote)
/*? MATCH (o:Entity)-[:ENTITY_HAS_REPORT]->(:Report)-[:REPORT_HAS_FACT]->(f) WHERE o.tickers CONTAINS concat('"', $ticker, '"') */
/*? MATCH (f) WHERE f.accession = $accession */
RETURN f.accession AS accession, x.qname AS concept, f.value AS value, n.text AS note
ORDER BY accession, concept, value, note
LIMIT 50"#,
    },
    Example {
        name: "totals",
        doc: "Compares totals with the weighted sums of their items, as the filer's calculations have them.",
        cypher: r#"MATCH (r:Report)-[:REPORT_HAS_FACT]->(g:Fact)-[:FACT_HAS_ELEMENT]->(t:Element)<-[:ASSOCIATION_HAS_FROM_ELEMENT]-(a:Association {association_type: 'Calculation'}),
      (a)-[:ASSOCIATION_HAS_TO_ELEMENT]->(x:Element)<-[:FACT_HAS_ELEMENT]-(f:Fact)<-[:REPORT_HAS_FACT]-(r),
      (f)-[:FACT_HAS_PERIOD]->(p:Period)<-[:FACT_HAS_PERIOD]-(g), (s:Structure)-[:STRUCTURE_HAS_ASSOCIATION]->(a)
WHERE a.accession = r.accession AND f.is_primary AND g.is_primary
  AND NOT EXISTS { MATCH (f)-[:FACT_HAS_DIMENSION]->() } AND NOT EXISTS { MATCH (g)-[:FACT_HAS_DIMENSION]->() }
/*? MATCH (o:Entity)-[:ENTITY_HAS_REPORT]->(r) WHERE o.tickers CONTAINS concat('"', $ticker, '"') */
/*? MATCH (r) WHERE r.accession = $accession */
/*? MATCH (t) WHERE t.qname = $concept */
RETURN r.accession_number AS accession, s.number AS number, t.qname AS concept, coalesce(p.end_date, p.instant_date) AS day, p.start_date AS first_day,
       g.numeric_value AS total, sum(a.weight * f.numeric_value) AS items, count(*) AS parts
ORDER BY accession, number, concept, day, first_day
LIMIT 50"#,
    },
    Example {
        name: "concept_uses",
        doc: "Lists the statements and disclosures in which a concept stands.",
        cypher: r#"MATCH (s:Structure)-[:STRUCTURE_HAS_ASSOCIATION]->(:Association {association_type: 'Presentation'})-[:ASSOCIATION_HAS_TO_ELEMENT]->(x:Element)
WHERE NOT x.is_abstract
/*? MATCH (o:Entity)-[:ENTITY_HAS_REPORT]->(r:Report) WHERE o.tickers CONTAINS concat('"', $ticker, '"') AND r.accession = s.accession */
/*? MATCH (s) WHERE s.accession = $accession */
/*? MATCH (x) WHERE x.qname = $concept */
RETURN DISTINCT x.qname AS concept, s.accession AS accession, s.number AS number, s.name AS name
ORDER BY concept, accession, number
LIMIT 50"#,
    },
    Example {
        name: "cover_page",
        doc: "Lists what cover pages say: names, dates, flags, shares.",
        cypher: r#"MATCH (r:Report)-[:REPORT_HAS_FACT]->(f:Fact)-[:FACT_HAS_ELEMENT]->(x:Element)
WHERE x.qname STARTS WITH 'dei:'
/*? MATCH (o:Entity)-[:ENTITY_HAS_REPORT]->(r) WHERE o.tickers CONTAINS concat('"', $ticker, '"') */
/*? MATCH (r) WHERE r.accession = $accession */
RETURN r.accession_number AS accession, x.name AS name, f.value AS value
ORDER BY accession, name, value
LIMIT 50"#,
    },
];
