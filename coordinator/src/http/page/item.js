// One item with its history.
import { html } from "./vendor/htm-preact.js";
import { get, part } from "./api.js";
import { useAnswer } from "./asking.js";
import { Problem, State, Table, Waiting } from "./parts.js";
import { to } from "./route.js";
import { count, counted, time, word } from "./words.js";

const EVERY = 3000;
const ACCESSION = /\d{10}-\d{2}-\d{6}/;

export function Item({ id, of }) {
  const ask = (signal) => get(`pipelines/${part(id)}/items/${part(of)}`, {}, signal);
  const { answer, error } = useAnswer(ask, [id, of], EVERY);
  const item = answer?.item;
  const accession = ACCESSION.exec(of)?.[0];
  return html`
    <p><a href=${to(["pipelines", id, "items"])}>Items of ${id}</a></p>
    <${Problem} error=${error} />
    ${!item && !error && html`<${Waiting} />`}
    ${item && html`<${Facts} item=${item} />`}
    ${item && accession && item.state === "ITEM_STATE_SUCCEEDED" && html`<p><a class="button" href=${to(["statement"], { company: accession })}>Its statements</a></p>`}
    ${item && html`<section class="pair">
      <div><h2>Given</h2><pre role="region" tabindex="0" aria-label="Payload">${JSON.stringify(item.payload, null, 2)}</pre></div>
      <div><h2>Answered</h2><pre role="region" tabindex="0" aria-label="Result">${JSON.stringify(item.result ?? null, null, 2)}</pre></div>
    </section>`}
    ${item?.locations.length > 0 && html`<section><h2>Files</h2>
      <${Table} caption="Files" columns=${["Table", { name: "Rows", side: "number" }, { name: "Bytes", side: "number" }, "Where"]}>
        ${item.locations.map((file) => html`<tr key=${file.uri}>
          <th scope="row">${file.table}</th><td class="number">${count(file.rows)}</td><td class="number">${count(file.bytes)}</td><td><code>${file.uri}</code></td>
        </tr>`)}
      <//></section>`}`;
}

function Facts({ item }) {
  const rows = [
    ["State", html`<${State} of=${item.skipped ? "found done" : word(item.state, "ITEM_STATE_")} />`],
    ["Kind", item.kind],
    ["Reason", item.reason],
    ["Waits for", item.waiting_for],
    ["Not before", item.next_run_time && time(item.next_run_time)],
    ["Worker", item.worker_id],
    ["Granted", counted(item.fencing_token, "time")],
    ["Failed", counted(item.failures, "time")],
    ["Lost", counted(item.lost_leases, "lease")],
    ["Given back", counted(item.preemptions, "time")],
    ["Named by", item.parents.join(", ")],
  ];
  return html`<dl class="facts">${rows
    .filter(([, value]) => value)
    .map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}
