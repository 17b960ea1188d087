// The frame of the page: where one is, how to get elsewhere, and who asks.
import { h, html, render, useEffect, useLayoutEffect, useRef, useState } from "./vendor/htm-preact.js";
import { token } from "./api.js";
import { Find } from "./find.js";
import { Field } from "./parts.js";
import { Pipeline } from "./pipeline.js";
import { Pipelines } from "./pipelines.js";
import { Item } from "./item.js";
import { Items } from "./items.js";
import { Query } from "./query.js";
import { here } from "./route.js";
import { Series } from "./series.js";
import { Statement } from "./statement.js";
import { Workers } from "./workers.js";

const PLACES = [
  ["pipelines", "Pipelines"],
  ["workers", "Workers"],
  ["statement", "Statement"],
  ["series", "Series"],
  ["find", "Find"],
  ["query", "Query"],
];

function view({ parts, query }) {
  const [place = "pipelines", id, inside, key] = parts;
  if (place === "pipelines" && id && inside === "items" && key) return [`${key} · ${id}`, html`<${Item} id=${id} of=${key} />`];
  if (place === "pipelines" && id && inside === "items") return [`Items of ${id}`, html`<${Items} id=${id} query=${query} />`];
  if (place === "pipelines" && id) return [id, html`<${Pipeline} id=${id} />`];
  const views = { pipelines: Pipelines, workers: Workers, statement: Statement, series: Series, find: Find, query: Query };
  const found = PLACES.find(([name]) => name === place);
  if (!found) return ["Nothing is here", html`<p class="nothing">There is no such place; take one of those above.</p>`];
  return [found[1], h(views[place], { query })];
}

function Key() {
  const [isOpen, setOpen] = useState(false);
  const keep = (event) => {
    event.preventDefault();
    token.set(new FormData(event.currentTarget).get("token").trim());
    location.reload();
  };
  return html`
    <div class="key">
      <button aria-expanded=${isOpen} onClick=${() => setOpen(!isOpen)}>${token.get() ? "Token set" : "Token"}</button>
      ${isOpen && html`<form onSubmit=${keep}>
        <${Field} label="Bearer token, kept until this tab is closed" name="token" type="password" value=${token.get()} />
        <button class="primary">Keep</button>
      </form>`}
    </div>`;
}

function App() {
  const [place, setPlace] = useState(here());
  const heading = useRef();
  const isFirst = useRef(true);
  useEffect(() => {
    const moved = () => setPlace(here());
    addEventListener("hashchange", moved);
    return () => removeEventListener("hashchange", moved);
  }, []);
  const [title, shown] = view(place);
  const path = place.parts.join("/");
  useLayoutEffect(() => {
    document.title = `${title} · edgraph`;
    // Whoever hears the page is told where they have come to, before they go on.
    if (!isFirst.current) heading.current.focus();
    isFirst.current = false;
  }, [path]);
  const current = place.parts[0] ?? "pipelines";
  return html`
    <a class="skip" href="#content" onClick=${(event) => (event.preventDefault(), heading.current.focus())}>To the content</a>
    <header>
      <a class="brand" href="#/pipelines"><img src="/page/icon.svg" alt="" width="24" height="24" />edgraph</a>
      <nav aria-label="Places">${PLACES.map(
        ([name, label]) => html`<a href="#/${name}" aria-current=${name === current ? "page" : undefined}>${label}</a>`,
      )}</nav>
      <${Key} />
    </header>
    <main id="content">
      <h1 tabindex="-1" ref=${heading}>${title}</h1>
      <div key=${path}>${shown}</div>
    </main>`;
}

render(h(App), document.getElementById("app"));
