// A box for Cypher that reads, with examples to begin with.
import { html, useRef, useState } from "./vendor/htm-preact.js";
import { post } from "./api.js";
import { Nothing, Problem, Table, Waiting } from "./parts.js";
import { counted } from "./words.js";

const MOST = 1000;

export const EXAMPLES = [
  ["What is in the graph", "MATCH (n) WHERE NOT label(n) STARTS WITH '_'\nRETURN label(n) AS label, count(*) AS nodes\nORDER BY nodes DESC, label"],
  ["Companies", "MATCH (e:Entity)-[:ENTITY_HAS_REPORT]->(r:Report)\nRETURN e.name AS company, e.ticker AS ticker, count(r) AS filings\nORDER BY filings DESC, company"],
  ["Newest filings", "MATCH (e:Entity)-[:ENTITY_HAS_REPORT]->(r:Report)\nRETURN e.name AS company, r.form AS form, r.report_date AS period, r.filing_date AS filed, r.accession_number AS accession\nORDER BY filed DESC, accession LIMIT 20"],
  ["Most reported concepts", "MATCH (f:Fact)-[:FACT_HAS_ELEMENT]->(x:Element)\nRETURN x.qname AS concept, count(*) AS facts\nORDER BY facts DESC, concept LIMIT 20"],
];

export function Query() {
  const box = useRef();
  const [state, setState] = useState({});
  const run = async (event) => {
    event?.preventDefault();
    const stop = new AbortController();
    setState({ stop });
    try {
      setState({ answer: await post("graph/query", { cypher: box.current.value, max_rows: MOST }, stop.signal) });
    } catch (error) {
      setState(stop.signal.aborted ? {} : { error });
    }
  };
  const take = ([, cypher]) => {
    box.current.value = cypher;
    run();
  };
  const keys = (event) => (event.ctrlKey || event.metaKey) && event.key === "Enter" && run(event);
  return html`
    <form class="cypher" aria-label="Ask in Cypher" onSubmit=${run}>
      <label><span>Cypher that reads</span>
        <textarea ref=${box} rows="6" spellcheck=${false} required onKeyDown=${keys} defaultValue=${EXAMPLES[0][1]}></textarea></label>
      <p class="actions">
        <button class="primary">Run</button>
        ${state.stop && html`<button type="button" onClick=${() => state.stop.abort()}>Stop</button>`}
        <span class="hint">Ctrl+Enter runs it</span>
      </p>
    </form>
    <p class="actions" role="group" aria-label="Examples">${EXAMPLES.map((example) => html`<button onClick=${() => take(example)}>${example[0]}</button>`)}</p>
    <${Problem} error=${state.error} />
    ${state.stop && html`<${Waiting} />`}
    ${state.answer && html`<${Rows} ...${state.answer} />`}`;
}

function Rows({ columns, rows, truncated }) {
  if (rows.length === 0) return html`<${Nothing}>No row.<//>`;
  const isNumber = columns.map((_, place) => rows.every((row) => row[place] === null || typeof row[place] === "number"));
  const heads = columns.map((name, place) => ({ name, side: isNumber[place] ? "number" : "" }));
  return html`
    <p role="status">${counted(rows.length, "row")}${truncated ? ", more were left out" : ""}</p>
    <${Table} caption="Rows" columns=${heads}>${rows.map((row, place) => html`<tr key=${place}>${row.map(
      (value, column) => html`<td class=${isNumber[column] ? "number" : ""}>${shown(value)}</td>`,
    )}</tr>`)}<//>`;
}

function shown(value) {
  if (value === null) return "–";
  if (typeof value === "number") return value.toLocaleString("en-US", { maximumFractionDigits: 20, useGrouping: Math.abs(value) >= 10000 });
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
