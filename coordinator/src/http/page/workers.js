// Who works, on what, and how much work waits.
import { html, useState } from "./vendor/htm-preact.js";
import { get, part, post } from "./api.js";
import { useAnswer } from "./asking.js";
import { Ask, Nothing, Problem, State, Table, Waiting } from "./parts.js";
import { to } from "./route.js";
import { ago, count, duration, kind, word } from "./words.js";

const EVERY = 2000;
const MOST = 200;
const COLUMNS = ["Worker", "State", { name: "Leases", side: "number" }, "Runs", { name: "Takes", wide: true }, { name: "Heard", wide: true }, { name: "", side: "number" }];

/** Workers, what waits for them, and what each holds. */
async function look(signal) {
  const [{ workers }, scaling, { pipelines }] = await Promise.all([
    get("workers", { page_size: MOST }, signal),
    get("scaling", {}, signal),
    get("pipelines", { page_size: MOST }, signal),
  ]);
  const open = pipelines.filter((pipeline) => !pipeline.end_time);
  const pages = await Promise.all(
    open.map(async ({ pipeline_id }) => {
      const query = { "filter.state": "ITEM_STATE_LEASED", page_size: 1000 };
      const { items } = await get(`pipelines/${part(pipeline_id)}/items`, query, signal);
      return items.map((item) => ({ ...item, pipeline_id }));
    }),
  );
  const held = new Map();
  for (const item of pages.flat()) held.set(item.worker_id, [...(held.get(item.worker_id) ?? []), item]);
  return { workers, scaling, held };
}

export function Workers() {
  const { answer, error } = useAnswer(look, [], EVERY);
  const [drained, setDrained] = useState();
  const { workers = [], scaling, held } = answer ?? {};
  return html`
    <${Problem} error=${error} />
    ${!answer && !error && html`<${Waiting} />`}
    ${scaling && html`<section class="figures" aria-label="Work that waits"><dl>${[
      ["Waiting", count(scaling.ready_items)],
      ["Running", count(scaling.leased_items)],
      ["Work left", duration(scaling.backlog)],
      ["Workers", count(scaling.active_workers)],
      ["Slots", count(scaling.slots)],
    ].map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl></section>`}
    ${answer && workers.length === 0 && html`<${Nothing}>No worker is connected. Start one: <code>edgraph-worker --coordinator … --store …</code>.<//>`}
    ${workers.length > 0 && html`<${Table} caption="Workers" columns=${COLUMNS}>${workers.map(
      (worker) => html`<${Row} key=${worker.worker_id} worker=${worker} items=${held.get(worker.worker_id) ?? []} drain=${() => setDrained(worker.worker_id)} />`,
    )}<//>`}
    ${drained && html`
      <${Ask} title="Drain ${drained}?" confirm="Drain it" act=${() => post(`workers/${part(drained)}/drain`)} close=${() => setDrained()}>
        <p>It finishes what it holds, takes nothing more, and ends.</p>
      <//>`}`;
}

function Row({ worker, items, drain }) {
  const state = word(worker.state, "WORKER_STATE_");
  return html`<tr>
    <th scope="row">${worker.worker_id}<small>${worker.version}</small></th>
    <td><${State} of=${state} />${worker.drain_reason && html`<small>${worker.drain_reason}</small>`}</td>
    <td class="number">${worker.leases} of ${worker.leases + worker.free_slots}</td>
    <td class="reason-cell">${items.length === 0 ? "–" : items.slice(0, 4).map((item) => html`
      <a class="line" href=${to(["pipelines", item.pipeline_id, "items", item.key])}>${item.key}</a>`)}
      ${items.length > 4 && html`<small>and ${items.length - 4} more</small>`}</td>
    <td class="wide">${Object.keys(worker.kinds).sort().map(kind).join(", ")}</td>
    <td class="wide">${ago(worker.last_seen_time)}</td>
    <td class="number">${state === "active" && html`<button onClick=${drain}>Drain …</button>`}</td>
  </tr>`;
}
