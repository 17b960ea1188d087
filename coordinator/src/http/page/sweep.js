// What is done to many items at once: counted first, as the coordinator counts them, then asked, then done.
import { html } from "./vendor/htm-preact.js";
import { part, post } from "./api.js";
import { Ask } from "./parts.js";
import { count, counted } from "./words.js";

/** Each with the field that counts, and the states of those that it can be done to. */
export const RETRY = { verb: "Retry", path: "retry", field: "retried", of: ["DEAD"], says: "Those that are dead get new budgets and run again." };
export const SWEEPS = [
  RETRY,
  { verb: "Run now", path: "run", field: "advanced", of: ["READY"], says: "Those that wait to be tried again need not wait." },
  { verb: "Cancel", path: "cancel", field: "cancelled", of: ["READY", "LEASED"], says: "Those that are open are not done; the pipeline goes on without them.", isDangerous: true },
];

const call = (id, sweep, filter, dry_run) => post(`pipelines/${part(id)}/items/${sweep.path}`, { filter, dry_run });

/** What a sweep comes to: what `Sweep` is shown with. */
export async function counting(id, sweep, filter) {
  try {
    const answer = await call(id, sweep, filter, true);
    return { id, sweep, filter, items: Number(answer[sweep.field]) };
  } catch (error) {
    return { id, sweep, filter, error };
  }
}

/** Asks whether it is to be done. */
export function Sweep({ id, sweep, filter, items, error, hint, close, done }) {
  if (error) return html`<${Ask} title="They cannot be counted" close=${close}><p>${error.message}</p><//>`;
  const act = async () => {
    await call(id, sweep, filter, false);
    done?.();
  };
  return html`
    <${Ask} title="${sweep.verb} ${counted(items, "item")}?" confirm="${sweep.verb} ${count(items)}"
      isDangerous=${sweep.isDangerous} act=${items > 0 && act} close=${close}>
      <p>${items > 0 ? `${sweep.says} Others stay as they are.` : `Of those selected there is none to ${sweep.verb.toLowerCase()}.`}</p>
      ${hint && html`<p class="hint">${hint}</p>`}
    <//>`;
}
