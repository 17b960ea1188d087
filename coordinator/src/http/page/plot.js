// Lines over time, as a drawing that screens of every width and colour show, and that is named for those who do not see it.
import { html, useEffect, useRef, useState } from "./vendor/htm-preact.js";
import { compact } from "./words.js";

const HEIGHT = 220;
/** Before it is known how wide the drawing is. */
const USUAL_WIDTH = 720;
const EDGE = { left: 56, right: 12, top: 12, bottom: 26 };

/** Round steps that cover a range. */
function ticks(low, high, most) {
  const rough = (high - low || Math.abs(high) || 1) / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough);
  const first = Math.floor(low / step) * step;
  const count = Math.ceil((high - first) / step);
  return Array.from({ length: count + 1 }, (_, place) => first + place * step);
}

/** How wide an element is, as its text is never scaled. */
function useWidth() {
  const element = useRef();
  const [width, setWidth] = useState(USUAL_WIDTH);
  useEffect(() => {
    if (!element.current) return undefined;
    const seen = new ResizeObserver(([entry]) => setWidth(Math.round(entry.contentRect.width)));
    seen.observe(element.current);
    return () => seen.disconnect();
  }, []);
  return [element, width];
}

/** Points in runs: what lies farther apart than `gap` is not joined, for nothing is known of the time between. */
function runs(points, gap) {
  const found = [];
  for (const point of points) {
    const last = found.at(-1);
    if (last && point.at - last.at(-1).at <= gap) last.push(point);
    else found.push([point]);
  }
  return found;
}

const clock = (at) => new Date(at * 1000).toLocaleTimeString();
const day = (at) => new Date(at * 1000).toISOString().slice(0, 7);

export function Lines({ label, unit = "", sets, gap = Infinity, isByDay = false }) {
  const [element, width] = useWidth();
  const points = sets.flatMap((set) => set.points);
  if (points.length === 0) return html`<figure class="plot empty" ref=${element}><p class="nothing">Nothing to draw yet.</p></figure>`;
  const values = ticks(Math.min(0, ...points.map((point) => point.value)), Math.max(...points.map((point) => point.value), 1e-9), 4);
  const [low, high] = [values[0], values.at(-1)];
  const times = points.map((point) => point.at);
  const [from, to] = [Math.min(...times), Math.max(...times)];
  const x = (at) => EDGE.left + ((at - from) / (to - from || 1)) * (width - EDGE.left - EDGE.right);
  const y = (value) => HEIGHT - EDGE.bottom - ((value - low) / (high - low || 1)) * (HEIGHT - EDGE.top - EDGE.bottom);
  const written = isByDay ? day : clock;
  const last = sets.map((set) => `${set.name} ${compact(set.points.at(-1)?.value ?? 0)}${unit}`).join(", ");
  return html`<figure class="plot" ref=${element}>
    <svg viewBox="0 0 ${width} ${HEIGHT}" role="img" aria-label="${label}. Last: ${last}">
      ${values.map((value) => html`<g key=${value}>
        <line class="grid" x1=${EDGE.left} x2=${width - EDGE.right} y1=${y(value)} y2=${y(value)} />
        <text x=${EDGE.left - 6} y=${y(value) + 4} text-anchor="end">${compact(value)}</text>
      </g>`)}
      <text x=${EDGE.left} y=${HEIGHT - 6}>${written(from)}</text>
      <text x=${width - EDGE.right} y=${HEIGHT - 6} text-anchor="end">${written(to)}</text>
      ${sets.map((set, place) => html`<g key=${set.name} class="line-${place % 6}">
        ${runs(set.points, gap).map((run) => html`<polyline points=${run.map((point) => `${x(point.at)},${y(point.value)}`).join(" ")} />`)}
        ${(set.points.length < 60 ? set.points : set.points.slice(-1)).map((point) => html`<circle cx=${x(point.at)} cy=${y(point.value)} r="3">
          <title>${set.name}, ${written(point.at)}: ${point.value.toLocaleString("en-US")}${unit}</title></circle>`)}
      </g>`)}
    </svg>
    <figcaption>${sets.map((set, place) => html`<span key=${set.name} class="line-${place % 6}"><i></i>${set.name}</span>`)}</figcaption>
  </figure>`;
}
