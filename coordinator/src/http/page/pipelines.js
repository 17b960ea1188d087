// All pipelines at a glance, and how to start one.
import { html, useState } from "./vendor/htm-preact.js";
import { get, post } from "./api.js";
import { useAnswer } from "./asking.js";
import { Field, Form, Nothing, Problem, Progress, State, Table, Waiting } from "./parts.js";
import { go, to } from "./route.js";
import { ago, count, duration, kind, pipelineState, rate } from "./words.js";

const EVERY = 2000;
/** Pipelines that are shown: more are a matter for `edgraph list`. */
const MOST = 200;

const COLUMNS = [
  "Pipeline",
  "State",
  "Progress",
  { name: "Done", side: "number", wide: true },
  { name: "Failed", side: "number", wide: true },
  { name: "Rate", side: "number", wide: true },
  { name: "Left", side: "number", wide: true },
  { name: "Changed", wide: true },
];

export function Pipelines() {
  const { answer, error } = useAnswer((signal) => get("pipelines", { page_size: MOST }, signal), [], EVERY);
  const pipelines = answer && [...answer.pipelines].sort(newestFirst);
  return html`
    <${Problem} error=${error} />
    ${!pipelines && !error && html`<${Waiting} />`}
    ${pipelines?.length === 0 && html`<${Nothing}>No pipeline yet. Start one below, or with <code>edgraph start --tickers AAPL</code>.<//>`}
    ${pipelines?.length > 0 && html`<${Table} caption="Pipelines" columns=${COLUMNS} className="fixed">${pipelines.map(
      (pipeline) => html`<${Row} key=${pipeline.pipeline_id} ...${pipeline} />`,
    )}<//>`}
    ${answer?.next_page_token && html`<p class="hint">There are more than ${MOST}; <code>edgraph list</code> has all.</p>`}
    ${(answer || error) && html`<${Start} />`}`;
}

const isOver = (pipeline) => Boolean(pipeline.end_time);
const newestFirst = (one, other) =>
  isOver(one) - isOver(other) ||
  (other.create_time ?? "").localeCompare(one.create_time ?? "") ||
  one.pipeline_id.localeCompare(other.pipeline_id);

function Row(pipeline) {
  const id = pipeline.pipeline_id;
  return html`<tr>
    <th scope="row"><a href=${to(["pipelines", id])}>${id}</a><small>${kind(pipeline.kind)}</small></th>
    <td><${State} of=${pipelineState(pipeline)} /></td>
    <td><${Progress} percent=${pipeline.progress_percent} label="Progress of ${id}" /></td>
    <td class="number wide">${count(pipeline.completed_tasks)} of ${count(pipeline.expected_tasks)}</td>
    <td class="number wide ${pipeline.failed_tasks > 0 ? "bad" : ""}">${count(pipeline.failed_tasks)}</td>
    <td class="number wide">${rate(pipeline.tasks_per_second)}</td>
    <td class="number wide">${duration(pipeline.eta)}</td>
    <td class="wide">${ago(pipeline.update_time)}</td>
  </tr>`;
}

function Start() {
  const [error, setError] = useState();
  const start = async ({ pipeline_id, tickers, filings, since }) => {
    setError(undefined);
    const sec_xbrl = { tickers: tickers.split(/[\s,]+/).filter(Boolean), filings: {} };
    if (filings) sec_xbrl.filings.max_filings_per_entity = Number(filings);
    if (since) sec_xbrl.filings.since = since;
    try {
      const { pipeline } = await post("pipelines", { pipeline_id, sec_xbrl });
      go(["pipelines", pipeline.pipeline_id]);
    } catch (failed) {
      setError(failed);
    }
  };
  return html`<section>
    <h2>Start a pipeline</h2>
    <${Form} label="Start a pipeline" onSubmit=${start} button="Start">
      <${Field} label="Tickers" name="tickers" placeholder="AAPL, MSFT" required />
      <${Field} label="Filings a company" name="filings" type="number" min="1" placeholder="all" className="short" />
      <${Field} label="Filed since" name="since" type="date" />
      <${Field} label="Name" name="pipeline_id" placeholder="made up" pattern="[a-z0-9_\\-]{1,63}" />
    <//>
    <${Problem} error=${error} />
  </section>`;
}
