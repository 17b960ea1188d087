// What items died of, and giving them another life: the count first, then the deed.
import { html, useState } from "./vendor/htm-preact.js";
import { part, post } from "./api.js";
import { Ask } from "./parts.js";
import { to } from "./route.js";
import { count, counted, kind } from "./words.js";

/** Characters of a reason that are shown at once: what to do comes first in it. */
const BRIEF = 240;

export function Failures({ pipeline }) {
  const [asked, setAsked] = useState();
  const id = pipeline.pipeline_id;
  const groups = pipeline.failure_groups;
  if (groups.length === 0) return null;
  const open = async (group) => setAsked(await counting(id, group));
  return html`<section>
    <h2>Failures by cause</h2>
    <ul class="causes">${groups.map((group) => html`<li key=${group.words + group.kind}>
      <div><strong>${counted(group.items, kind(group.kind).replace(/s$/, ""))}</strong> <${Reason} text=${group.reason} /></div>
      <p class="actions">
        <a class="button" href=${to(["pipelines", id, "items"], { state: "DEAD", kind: group.kind, reason: group.words })}>Which</a>
        <button onClick=${() => open(group)}>Retry ${count(group.items)} …</button>
      </p>
    </li>`)}</ul>
    ${asked && html`<${Retry} ...${asked} close=${() => setAsked(undefined)} />`}
  </section>`;
}

/** A reason, the rest of a long one on demand. */
function Reason({ text }) {
  if (text.length <= BRIEF) return html`<span>${text}</span>`;
  return html`<details><summary>${text.slice(0, BRIEF)}…</summary>${text.slice(BRIEF)}</details>`;
}

const filterOf = (group) => ({ state: "ITEM_STATE_DEAD", kind: group.kind, reason_contains: group.words });

/** How many a retry comes to, as the coordinator counts them now. */
async function counting(id, group) {
  try {
    const { retried } = await post(`pipelines/${part(id)}/items/retry`, { filter: filterOf(group), dry_run: true });
    return { id, group, items: Number(retried) };
  } catch (error) {
    return { id, group, error };
  }
}

function Retry({ id, group, items, error, close }) {
  const act = () => post(`pipelines/${part(id)}/items/retry`, { filter: filterOf(group) });
  if (error) return html`<${Ask} title="They cannot be counted" close=${close}><p>${error.message}</p><//>`;
  return html`
    <${Ask} title="Retry ${counted(items, "item")}?" confirm="Retry ${count(items)}" act=${items > 0 && act} close=${close}>
      <p>${items > 0 ? "They get new budgets and run again. Others stay as they are." : "None of them is dead any more."}</p>
      <p class="hint">${group.reason}</p>
    <//>`;
}
