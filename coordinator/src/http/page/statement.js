// A company's statement as filed. Rows, columns, labels, signs and scale are the coordinator's; each number has its proof.
import { html, useState } from "./vendor/htm-preact.js";
import { get, objects } from "./api.js";
import { useAnswer } from "./asking.js";
import { Ask, Choice, Field, Form, Nothing, Problem, Waiting } from "./parts.js";
import { go, to } from "./route.js";

const STATEMENTS = [["income", "Income"], ["balance", "Balance sheet"], ["cash", "Cash flows"], ["equity", "Equity"]];
const SPANS = [["", "One report"], ["years", "Years"], ["quarters", "Quarters"]];

export function Statement({ query }) {
  const { company, statement = "income", span = "", periods = "4", breakdown } = query;
  const ask = async (signal) => {
    if (!company) return undefined;
    const asked = { company, statement, breakdown: breakdown === "yes", ...(span ? { [span]: periods } : {}) };
    return objects(await get("graph/statement", asked, signal));
  };
  const { answer, error, isAsking } = useAnswer(ask, [JSON.stringify(query)]);
  const known = STATEMENTS.some(([name]) => name === statement) ? STATEMENTS : [...STATEMENTS, [statement, statement]];
  return html`
    <${Form} label="Choose a statement" key=${JSON.stringify(query)} onSubmit=${(fields) => go(["statement"], fields)}>
      <${Field} label="Company or filing" name="company" value=${company} placeholder="AAPL" required />
      <${Choice} label="Statement" name="statement" options=${known} value=${statement} />
      <${Choice} label="Over" name="span" options=${SPANS} value=${span} />
      <${Field} label="How many" name="periods" type="number" min="1" max="40" value=${periods} className="short" />
      <${Choice} label="Members" name="breakdown" options=${[["", "where needed"], ["yes", "everywhere"]]} value=${breakdown ?? ""} />
    <//>
    <${Problem} error=${error} />
    ${isAsking && company && html`<${Waiting} />`}
    ${!company && html`<${Nothing}>Name a company by its ticker or CIK, or a filing by its accession number; <a href="#/find">find</a> knows them by their names.<//>`}
    ${answer && html`<${Sheet} cells=${answer} />`}`;
}

/** Cells by row and column, as they were numbered. */
function sheetOf(cells) {
  const columns = [];
  const rows = [];
  for (const cell of cells) {
    rows[cell.row - 1] ??= { ...cell, cells: [] };
    if (cell.column === null) continue;
    columns[cell.column - 1] = cell.heading.replaceAll(/ ?(\d{4}-\d\d-\d\d(?: to)?)/g, "\n$1");
    rows[cell.row - 1].cells[cell.column - 1] = cell;
  }
  const top = Math.min(...cells.filter((cell) => cell.line > 0).map((cell) => cell.depth));
  return { columns: [...columns], rows: rows.filter(Boolean), top };
}

function Sheet({ cells }) {
  const [proof, setProof] = useState();
  const { columns, rows, top } = sheetOf(cells);
  const [first] = cells;
  return html`
    <h2>${first.company}: ${first.statement}</h2>
    <p class="hint">${first.scale}. Choose a number to see where it is from.</p>
    <div class="scrolls" role="region" aria-label=${first.statement} tabindex="0">
      <table class="sheet">
        <caption class="unseen">${first.company}: ${first.statement}, ${first.scale}</caption>
        <thead><tr><th scope="col"><span class="unseen">Line</span></th>${columns.map((heading) => html`<th scope="col" class="number">${heading}</th>`)}</tr></thead>
        <tbody>${rows.map((row) => html`<tr key=${row.row} class="${row.is_total ? "total" : ""} ${row.is_heading ? "heading" : ""}">
          <th scope="row" class="depth-${Math.min(row.line > 0 ? row.depth - top : 0, 6)}" title=${row.concept}>${row.label}</th>
          ${columns.map((_, place) => html`<td class="number">${row.cells[place] && html`
            <button class="plain" onClick=${() => setProof(row.cells[place])}>${row.cells[place].displayed}</button>`}</td>`)}
        </tr>`)}</tbody>
      </table>
    </div>
    ${proof && html`<${Proof} cell=${proof} close=${() => setProof()} />`}`;
}

function Proof({ cell, close }) {
  const period = cell.period_instant ?? `${cell.period_start} to ${cell.period_end}`;
  const members = Object.entries(cell.dimensions ?? {}).map(([axis, member]) => `${axis} = ${member ?? "nil"}`);
  const facts = [
    ["Value", cell.is_nil ? "nil" : cell.value],
    ["Shown as", cell.value !== cell.shown && cell.shown],
    ["Unit", cell.unit],
    ["Decimals", cell.decimals],
    ["Period", period],
    ["Concept", html`<code>${cell.concept}</code>`],
    ["Members", members.join(", ")],
    ["Filing", html`${cell.form} <a href=${to(["statement"], { company: cell.accession })} onClick=${close}>${cell.accession}</a>`],
    ["Fact", html`<code>${cell.fact_id ?? cell.fact}</code>`],
  ];
  return html`<${Ask} title=${cell.label} close=${close}>
    <dl class="facts">${facts.filter(([, value]) => value).map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
  <//>`;
}
