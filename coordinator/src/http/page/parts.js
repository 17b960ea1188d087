// What all views are made of: states, progress, tables that scroll, dialogs that ask, and what went wrong.
import { html, useEffect, useRef, useState } from "./vendor/htm-preact.js";
import { tone } from "./words.js";

export const State = ({ of }) => html`<span class="state ${tone(of)}">${of}</span>`;

export const Progress = ({ percent, label }) => html`
  <span class="progress"><progress max="100" value=${percent} aria-label=${label}></progress><span>${percent}%</span></span>`;

/** A table that scrolls by itself where it is wider than the screen, also by keyboard. */
export const Table = ({ caption, columns, children, className = "" }) => html`
  <div class="scrolls" role="region" aria-label=${caption} tabindex="0">
    <table class=${className}>
      <caption class="unseen">${caption}</caption>
      <thead><tr>${columns.map((column) => {
        const { name, side = "", wide } = typeof column === "string" ? { name: column } : column;
        return html`<th scope="col" class="${side} ${wide ? "wide" : ""}">${name || html`<span class="unseen">actions</span>`}</th>`;
      })}</tr></thead>
      <tbody>${children}</tbody>
    </table>
  </div>`;

export const Problem = ({ error }) => error && html`<p class="problem" role="alert">${error.message}</p>`;

export const Nothing = ({ children }) => html`<p class="nothing">${children}</p>`;

/** Something that takes a moment; the room is kept. */
export const Waiting = () => html`<p class="nothing" aria-busy="true">asking …</p>`;

/** Asks before something is done, with what it comes to. `act` may fail: that is said, and the dialog stays. */
export function Ask({ title, children, confirm, act, close, isDangerous }) {
  const dialog = useRef();
  const [error, setError] = useState();
  const [isBusy, setBusy] = useState(false);
  useEffect(() => dialog.current.showModal(), []);
  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      await act();
      close();
    } catch (failed) {
      setError(failed);
      setBusy(false);
    }
  };
  return html`
    <dialog ref=${dialog} onClose=${close} aria-labelledby="ask-title">
      <form onSubmit=${submit}>
        <h2 id="ask-title">${title}</h2>
        ${children}
        <${Problem} error=${error} />
        <p class="actions">
          <button type="button" onClick=${close}>Leave it</button>
          ${act && html`<button class=${isDangerous ? "danger" : "primary"} disabled=${isBusy} autofocus>${confirm}</button>`}
        </p>
      </form>
    </dialog>`;
}

/** A form whose fields are in the address, so that what it shows can be linked to. */
export function Form({ label, onSubmit, children, button = "Show" }) {
  const submit = (event) => {
    event.preventDefault();
    onSubmit(Object.fromEntries(new FormData(event.currentTarget)));
  };
  return html`<form class="bar" aria-label=${label} onSubmit=${submit}>${children}<button class="primary">${button}</button></form>`;
}

export const Field = ({ label, className = "", ...input }) => html`
  <label class=${className}><span>${label}</span><input autocomplete="off" spellcheck=${false} ...${input} /></label>`;

export const Choice = ({ label, options, value, ...select }) => html`
  <label><span>${label}</span><select value=${value} ...${select}>${options.map(
    ([name, text]) => html`<option value=${name} selected=${name === value}>${text}</option>`,
  )}</select></label>`;
