// The items of a pipeline: selected, a page at a time, and steered as they are selected.
import { html, useEffect, useState } from "./vendor/htm-preact.js";
import { get, part } from "./api.js";
import { Choice, Field, Form, Nothing, Problem, State, Table, Waiting } from "./parts.js";
import { go, to } from "./route.js";
import { SWEEPS, Sweep, counting } from "./sweep.js";
import { count, counted, kind, time, word } from "./words.js";

const AT_ONCE = 100;
const STATES = [["", "any"], ["READY", "ready"], ["LEASED", "leased"], ["SUCCEEDED", "succeeded"], ["DEAD", "dead"], ["CANCELLED", "cancelled"]];
const COLUMNS = ["Item", "State", { name: "Tries", side: "number", wide: true }, { name: "Worker", wide: true }, "Why"];

/** What the address selects, as the API's filter. */
function filterOf({ state, kind: ofKind, worker, reason, waits }) {
  const filter = { state: state && `ITEM_STATE_${state}`, kind: ofKind, worker_id: worker, reason_contains: reason, retrying: waits === "yes" };
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value));
}

export function Items({ id, query }) {
  const filter = filterOf(query);
  const selected = JSON.stringify(filter);
  const [round, setRound] = useState(0);
  const { items, next, error, more } = usePages(id, selected, round);
  const show = (fields) => go(["pipelines", id, "items"], fields);
  return html`
    <p><a href=${to(["pipelines", id])}>Back to ${id}</a></p>
    <${Form} label="Select items" key=${selected} onSubmit=${show}>
      <${Choice} label="State" name="state" options=${STATES} value=${query.state ?? ""} />
      <${Field} label="Kind" name="kind" value=${query.kind} placeholder="any" />
      <${Field} label="Reason has" name="reason" value=${query.reason} placeholder="404" />
      <${Field} label="Worker" name="worker" value=${query.worker} placeholder="any" />
      <${Choice} label="Waits to retry" name="waits" options=${[["", "either"], ["yes", "yes"]]} value=${query.waits ?? ""} />
    <//>
    <${Sweeps} id=${id} filter=${filter} done=${() => setRound(round + 1)} />
    <${Problem} error=${error} />
    ${!items && !error && html`<${Waiting} />`}
    ${items?.length === 0 && !next && html`<${Nothing}>No such item.<//>`}
    ${items?.length > 0 && html`<${Table} caption="Items" columns=${COLUMNS} className="fixed items">${items.map(
      (item) => html`<${Row} key=${item.key} id=${id} item=${item} />`,
    )}<//>`}
    ${items && html`<p class="actions">
      <span role="status">${counted(items.length, "item")}${next ? " so far" : ""}</span>
      ${next && html`<button onClick=${more}>More</button>`}
    </p>`}`;
}

/** Pages of items, as many as were asked for. */
function usePages(id, selected, round) {
  const [state, setState] = useState({});
  const ask = async (known, page_token, signal) => {
    const filter = Object.entries(JSON.parse(selected)).map(([name, value]) => [`filter.${name}`, value]);
    try {
      const query = { ...Object.fromEntries(filter), page_size: AT_ONCE, page_token };
      const page = await get(`pipelines/${part(id)}/items`, query, signal);
      setState({ items: [...known, ...page.items], next: page.next_page_token });
    } catch (error) {
      if (!signal?.aborted) setState({ items: known.length ? known : undefined, next: page_token, error });
    }
  };
  useEffect(() => {
    const stop = new AbortController();
    setState({});
    ask([], undefined, stop.signal);
    return () => stop.abort();
  }, [id, selected, round]);
  return { ...state, more: () => ask(state.items, state.next) };
}

function Row({ id, item }) {
  const waits = item.next_run_time ? `not before ${time(item.next_run_time)}` : "";
  const why = [item.reason, item.waiting_for, waits].filter(Boolean).join("; ");
  return html`<tr>
    <th scope="row"><a href=${to(["pipelines", id, "items", item.key])}>${item.key}</a></th>
    <td><${State} of=${item.skipped ? "found done" : word(item.state, "ITEM_STATE_")} /></td>
    <td class="number wide">${count(item.fencing_token)}</td>
    <td class="wide">${item.worker_id || "–"}</td>
    <td class="reason-cell">${why || "–"}</td>
  </tr>`;
}

function Sweeps({ id, filter, done }) {
  const [asked, setAsked] = useState();
  const fits = (sweep) => !filter.state || sweep.of.some((state) => filter.state === `ITEM_STATE_${state}`);
  const open = async (sweep) => setAsked({ ...(await counting(id, sweep, filter)), hint: filter.kind && `Kind ${kind(filter.kind)}` });
  return html`<div class="actions" role="group" aria-label="All that are selected">
    ${SWEEPS.map((one) => html`<button disabled=${!fits(one)} onClick=${() => open(one)}>${one.verb} …</button>`)}
    ${asked && html`<${Sweep} ...${asked} done=${done} close=${() => setAsked()} />`}
  </div>`;
}
