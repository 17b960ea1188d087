// One pipeline, followed live: how far it is, what fails, what it waits for, and how to steer it.
import { html, useState } from "./vendor/htm-preact.js";
import { part, post, remove } from "./api.js";
import { usePipeline } from "./asking.js";
import { Failures } from "./failures.js";
import { Ask, Problem, Progress, State, Table, Waiting } from "./parts.js";
import { Lines } from "./plot.js";
import { go, to } from "./route.js";
import { count, counted, duration, kind, pipelineState, rate, time } from "./words.js";

export function Pipeline({ id }) {
  const { pipeline, samples, error } = usePipeline(id);
  if (!pipeline) return error ? html`<${Problem} error=${error} />` : html`<${Waiting} />`;
  return html`
    <p class="topline">
      <${State} of=${pipelineState(pipeline)} />
      <span>${kind(pipeline.kind)}${pipeline.round > 1 ? `, round ${pipeline.round}` : ""}</span>
      <span class="away" role="status">${error ? trouble(error) : ""}</span>
    </p>
    <${Figures} pipeline=${pipeline} />
    <${Reason} pipeline=${pipeline} />
    <${Steering} pipeline=${pipeline} />
    <${Failures} pipeline=${pipeline} />
    <${Phases} pipeline=${pipeline} />
    <section>
      <h2>Throughput</h2>
      <${Lines} label="Items settled per second since this page was opened" unit="/s" sets=${[{ name: "items/s", points: samples }]} />
    </section>
    <${Running} items=${pipeline.running} />
    <${Requests} budgets=${pipeline.requests} />
    <section class="pair">
      <div><h2>Counted</h2><${Pairs} of=${Object.entries(pipeline.counters).map(([name, value]) => [kind(name), count(value)])} /></div>
      <div><h2>Asked for</h2><pre role="region" tabindex="0" aria-label="Parameters">${JSON.stringify(pipeline.params ?? {}, null, 2)}</pre></div>
    </section>`;
}

const trouble = ({ status, message }) =>
  status === 0 || status >= 500 ? "The coordinator is away; what is shown is as it was last heard of." : message;

function Figures({ pipeline }) {
  const figures = [
    ["Done", `${count(pipeline.completed_tasks)} of ${count(pipeline.expected_tasks)}${pipeline.discovery_complete ? "" : " so far"}`],
    ["Failed", count(pipeline.failed_tasks)],
    ["Rate", rate(pipeline.tasks_per_second)],
    pipeline.end_time ? ["Ended", time(pipeline.end_time)] : ["Left", duration(pipeline.eta)],
    ["Started", time(pipeline.create_time)],
  ];
  return html`<section class="figures" aria-label="Where it stands">
    <${Progress} percent=${pipeline.progress_percent} label="Progress of ${pipeline.pipeline_id}" />
    <${Pairs} of=${figures} />
  </section>`;
}

const Pairs = ({ of }) => html`<dl>${of.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;

function Reason({ pipeline }) {
  const away = Object.entries(pipeline.unavailable).map(([of, dependency]) => `${kind(of)} wait for ${dependency}`);
  const says = [pipeline.state_reason, pipeline.waiting_for, ...away].filter(Boolean);
  return html`<p class="reason" aria-live="polite">${[...new Set(says)].join("; ")}</p>`;
}

function Steering({ pipeline }) {
  const [asked, setAsked] = useState();
  const [error, setError] = useState();
  const id = pipeline.pipeline_id;
  const isOver = Boolean(pipeline.end_time);
  const act = async (what) => {
    setError(undefined);
    await post(`pipelines/${part(id)}/${what}`).catch(setError);
  };
  const isStopped = pipeline.paused || pipeline.state === "PIPELINE_STATE_HELD";
  return html`<div class="actions" role="group" aria-label="Steer ${id}">
    <a class="button" href=${to(["pipelines", id, "items"])}>Items</a>
    ${!isOver && html`<button onClick=${() => act(isStopped ? "resume" : "pause")}>${isStopped ? "Resume" : "Pause"}</button>`}
    ${!isOver && html`<button onClick=${() => setAsked("cancel")}>Cancel …</button>`}
    ${isOver && html`<button onClick=${() => setAsked("forget")}>Forget …</button>`}
    <${Problem} error=${error} />
    ${asked === "cancel" && html`
      <${Ask} title="Cancel ${id}?" confirm="Cancel it" isDangerous act=${() => post(`pipelines/${part(id)}/cancel`)} close=${() => setAsked()}>
        <p>What waits is not done, what runs is told to stop. What is done stays.</p>
      <//>`}
    ${asked === "forget" && html`
      <${Ask} title="Forget ${id}?" confirm="Forget it" isDangerous act=${() => remove(`pipelines/${part(id)}`).then(() => go(["pipelines"]))} close=${() => setAsked()}>
        <p>What it made stays in the store and in the graph; its status and its items go.</p>
      <//>`}
  </div>`;
}

/** Columns of the table: what, of which field, and whether a narrow screen has no room for it. */
const COUNTS = [
  { name: "Expected", field: "expected", wide: true },
  { name: "Waiting", field: "ready" },
  { name: "Running", field: "in_flight" },
  { name: "Done", field: "completed" },
  { name: "Found done", field: "skipped", wide: true },
  { name: "Failed", field: "failed" },
  { name: "Cancelled", field: "cancelled", wide: true },
];
const PHASE_COLUMNS = ["Work", ...COUNTS.map((column) => ({ ...column, side: "number" }))];

const Phases = ({ pipeline }) => pipeline.phases.length > 0 && html`<section>
  <h2>Work by kind</h2>
  <${Table} caption="Work by kind" columns=${PHASE_COLUMNS}>${pipeline.phases.map((phase) => html`<tr key=${phase.kind}>
    <th scope="row"><a href=${to(["pipelines", pipeline.pipeline_id, "items"], { kind: phase.kind })}>${kind(phase.kind)}</a></th>
    ${COUNTS.map(({ field, wide }) => html`<td class="number ${wide ? "wide" : ""} ${field === "failed" && phase.failed > 0 ? "bad" : ""}">${count(phase[field])}</td>`)}
  </tr>`)}<//>
</section>`;

const Running = ({ items }) => items.length > 0 && html`<section>
  <h2>Long work</h2>
  <ul class="plain">${items.map(({ item_key, done, total, text }) => html`<li key=${item_key}>
    <strong>${item_key}</strong> ${text}
    ${total > 0 && html`<${Progress} percent=${Math.floor((100 * done) / total)} label="Progress of ${item_key}" />`}
  </li>`)}</ul>
</section>`;

const Requests = ({ budgets }) => budgets.length > 0 && html`<section>
  <h2>Requests</h2>
  <${Table} caption="Budgets of requests" columns=${["Hosts", { name: "Allowed", side: "number" }, { name: "Waiting", side: "number" }, { name: "Made", side: "number" }, "Paused"]}>
    ${budgets.map((budget) => html`<tr key=${budget.family}>
      <th scope="row">${budget.family}</th>
      <td class="number">${budget.per_second > 0 ? rate(budget.per_second) : "no limit"}</td>
      <td class="number">${count(budget.waiting)}</td>
      <td class="number">${counted(budget.lent, "request")}</td>
      <td>${budget.paused_until ? `until ${time(budget.paused_until)}: ${budget.pause_cause}` : "–"}</td>
    </tr>`)}
  <//>
</section>`;
