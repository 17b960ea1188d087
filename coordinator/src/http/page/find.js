// Looking up companies, concepts, statements and texts by a few words; each hit leads on.
import { html } from "./vendor/htm-preact.js";
import { get, objects } from "./api.js";
import { useAnswer } from "./asking.js";
import { Field, Form, Nothing, Problem, Table, Waiting } from "./parts.js";
import { go, to } from "./route.js";

/** What each kind of hit shows, beside the link that leads on. */
const KINDS = [
  ["company", "Companies", (hit) => [to(["statement"], { company: hit.ticker?.split(" ")[0] || hit.cik }), hit.name], ["ticker", "cik", "filings"]],
  ["name", "Series names", (hit) => [to(["series"], { name: hit.name }), hit.name], ["label", "concept"]],
  ["concept", "Concepts", (hit) => [to(["series"], { name: hit.concept }), hit.concept], ["label", "facts", "companies"]],
  ["statement", "Statements", (hit) => [to(["statement"], { company: hit.accession, statement: hit.number ?? hit.name }), hit.name], ["company", "form", "filed"]],
  ["text", "Texts", (hit) => [to(["find"], { text: hit.concept }), hit.label ?? hit.concept], ["company", "filed", "text"]],
];

export function Find({ query }) {
  const { text = "" } = query;
  const ask = async (signal) => (text ? objects(await get("graph/find", { text }, signal)) : undefined);
  const { answer, error, isAsking } = useAnswer(ask, [text]);
  return html`
    <${Form} label="Find" key=${text} onSubmit=${(fields) => go(["find"], fields)} button="Find">
      <${Field} label="Words" name="text" value=${text} placeholder="deferred revenue" required />
    <//>
    <${Problem} error=${error} />
    ${isAsking && text && html`<${Waiting} />`}
    ${!text && html`<${Nothing}>Words of a company, a concept, a label, a statement or a note.<//>`}
    ${answer && KINDS.map(([kind, title, lead, fields]) => {
      const hits = answer.filter((hit) => hit.kind === kind);
      return hits.length > 0 && html`<section key=${kind}><h2>${title}</h2>
        <${Table} caption=${title} columns=${[title, ...fields.map((name) => name[0].toUpperCase() + name.slice(1))]}>
          ${hits.map((hit, place) => {
            const [address, name] = lead(hit);
            return html`<tr key=${place}><th scope="row"><a href=${address}>${name}</a></th>${fields.map((field) => html`<td>${shown(hit[field])}</td>`)}</tr>`;
          })}
        <//></section>`;
    })}`;
}

/** Several values of a text stand on lines of their own. */
const shown = (value) => (typeof value === "string" ? value.replaceAll("\n", ", ") : (value ?? "–"));
