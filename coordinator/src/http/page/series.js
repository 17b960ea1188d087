// One amount over time, of one company or several: a plot, and the rows it is drawn from with the proof of each.
import { html } from "./vendor/htm-preact.js";
import { get, objects } from "./api.js";
import { useAnswer } from "./asking.js";
import { Choice, Field, Form, Nothing, Problem, State, Table, Waiting } from "./parts.js";
import { Lines } from "./plot.js";
import { go, to } from "./route.js";

const LENGTHS = [["SERIES_LENGTH_YEARS", "Years"], ["SERIES_LENGTH_QUARTERS", "Quarters"], ["SERIES_LENGTH_TWELVE_MONTHS", "Twelve months"]];
const NAMES = ["revenue", "cost_of_revenue", "gross_profit", "operating_income", "net_income", "eps_diluted", "assets", "liabilities", "equity", "cash", "operating_cash_flow", "capex"];
const COLUMNS = ["Company", "Period", { name: "Value", side: "number" }, "Unit", { name: "Concept", wide: true }, "From"];

export function Series({ query }) {
  const { companies = "", name = "revenue", length = LENGTHS[0][0], basis = "" } = query;
  const named = companies.split(/[\s,]+/).filter(Boolean);
  const ask = async (signal) => {
    if (named.length === 0) return undefined;
    const asked = { companies: named, name, length, as_first_reported: basis === "first" };
    return objects(await get("graph/series", asked, signal));
  };
  const { answer, error, isAsking } = useAnswer(ask, [JSON.stringify(query)]);
  return html`
    <${Form} label="Choose a series" key=${JSON.stringify(query)} onSubmit=${(fields) => go(["series"], fields)}>
      <${Field} label="Companies" name="companies" value=${companies} placeholder="AAPL, MSFT" required />
      <${Field} label="Name or concept" name="name" value=${name} list="series-names" required />
      <datalist id="series-names">${NAMES.map((one) => html`<option value=${one} />`)}</datalist>
      <${Choice} label="Over" name="length" options=${LENGTHS} value=${length} />
      <${Choice} label="As reported" name="basis" options=${[["", "last"], ["first", "first"]]} value=${basis} />
    <//>
    <${Problem} error=${error} />
    ${isAsking && named.length > 0 && html`<${Waiting} />`}
    ${named.length === 0 && html`<${Nothing}>Name one or more companies, such as <code>AAPL, MSFT</code>.<//>`}
    ${answer && html`<${Drawn} rows=${answer} name=${name} gap=${DAY * (length === LENGTHS[0][0] ? 400 : 120)} />`}`;
}

/** In seconds. */
const DAY = 86_400;

const end = (row) => row.period_end ?? row.period_instant;

function Drawn({ rows, name, gap }) {
  const told = rows.filter((row) => row.value !== null);
  const by = new Map();
  // Candidates that disagree are lines of their own: nothing is chosen between them.
  for (const row of told) {
    const key = `${row.ticker ?? row.company}${several(told, row) ? ` · ${row.concept.replace(/^.*:/, "")}` : ""}`;
    by.set(key, [...(by.get(key) ?? []), row]);
  }
  const sets = [...by].map(([label, of]) => ({
    name: label,
    points: of.map((row) => ({ at: Date.parse(end(row)) / 1000, value: row.numeric_value })).sort((one, other) => one.at - other.at),
  }));
  const unit = (told[0]?.unit ?? "").replace(/^.*:/, "");
  return html`
    <${Lines} label="${name} of ${[...by.keys()].join(", ")}, ${unit}" unit=" ${unit}" sets=${sets} gap=${gap} isByDay=${true} />
    <${Table} caption="The same as rows" columns=${COLUMNS}>${rows.map((row, place) => html`<tr key=${place}>
      <th scope="row">${row.ticker ?? row.company}</th>
      <td>${row.fiscal_period ? `${row.fiscal_period} ${row.fiscal_year}` : ""} <small class="once">${end(row)}</small></td>
      <td class="number">${row.value === null ? "–" : grouped(row.value)}</td>
      <td>${(row.unit ?? "").replace(/^.*:/, "")}</td>
      <td class="wide"><code>${row.concept}</code></td>
      <td>${source(row)}</td>
    </tr>`)}<//>`;
}

/** Whether a company has more than one value for the period of a row. */
const several = (rows, row) => rows.some((other) => other !== row && other.cik === row.cik && end(other) === end(row) && other.concept !== row.concept);

/** Exact digits with separators; nothing is rounded. */
function grouped(text) {
  const [whole, fraction] = text.split(".");
  return whole.replace(/\B(?=(\d{3})+$)/g, ",") + (fraction ? `.${fraction}` : "");
}

function source(row) {
  if (row.accession) return html`<a href=${to(["statement"], { company: row.accession })}>${row.accession}</a> <small>${row.fact_id ?? ""}</small>`;
  const operands = (row.operands ?? []).map((one) => `${one.sign} ${grouped(one.value)} (${one.period}, ${one.accession})`);
  return html`<${State} of=${row.status} /> <small>${operands.join(" ") || row.reason || ""}</small>`;
}
