// What items died of, and giving them another life: the count first, then the deed.
import { html, useState } from "./vendor/htm-preact.js";
import { to } from "./route.js";
import { RETRY, Sweep, counting } from "./sweep.js";
import { count, counted, kind } from "./words.js";

/** Characters of a reason that are shown at once: what to do comes first in it. */
const BRIEF = 240;

export function Failures({ pipeline }) {
  const [asked, setAsked] = useState();
  const id = pipeline.pipeline_id;
  const groups = pipeline.failure_groups;
  if (groups.length === 0) return null;
  const open = async (group) => setAsked({ ...(await counting(id, RETRY, filterOf(group))), hint: group.reason });
  return html`<section>
    <h2>Failures by cause</h2>
    <ul class="causes">${groups.map((group) => html`<li key=${group.words + group.kind}>
      <div><strong>${counted(group.items, kind(group.kind).replace(/s$/, ""))}</strong> <${Reason} text=${group.reason} /></div>
      <p class="actions">
        <a class="button" href=${to(["pipelines", id, "items"], { state: "DEAD", kind: group.kind, reason: group.words })}>Which</a>
        <button onClick=${() => open(group)}>Retry ${count(group.items)} …</button>
      </p>
    </li>`)}</ul>
    ${asked && html`<${Sweep} ...${asked} close=${() => setAsked(undefined)} />`}
  </section>`;
}

/** A reason, the rest of a long one on demand. */
function Reason({ text }) {
  if (text.length <= BRIEF) return html`<span>${text}</span>`;
  return html`<details><summary>${text.slice(0, BRIEF)}…</summary>${text.slice(BRIEF)}</details>`;
}

const filterOf = (group) => ({ state: "ITEM_STATE_DEAD", kind: group.kind, reason_contains: group.words });
