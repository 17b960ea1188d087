// What the page asks the coordinator: documented JSON under /api/v1, and its events. Nothing else is known here of either.

const ROOT = "/api/v1/";
/** Waits between two attempts to follow a stream, in milliseconds; the last one is repeated. */
const WAITS = [250, 1000, 2000, 4000];
const TOKEN = "edgraph-token";

/** What the coordinator refused: `message` is for people, `status` 0 where nobody answered. */
export class Refusal extends Error {
  constructor(status, error = {}) {
    super(error.message ?? `the coordinator answered ${status}`);
    this.status = status;
  }
}

export const token = {
  get: () => sessionStorage.getItem(TOKEN) ?? "",
  set: (text) => (text ? sessionStorage.setItem(TOKEN, text) : sessionStorage.removeItem(TOKEN)),
};

function address(path, query) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== "" && value !== false);
  const pairs = given.flatMap(([name, value]) => [value].flat().map((one) => [name, one]));
  const text = new URLSearchParams(pairs).toString();
  return ROOT + path + (text ? `?${text}` : "");
}

async function ask(verb, path, { query = {}, body, signal } = {}) {
  const headers = body === undefined ? {} : { "content-type": "application/json" };
  if (token.get()) headers.authorization = `Bearer ${token.get()}`;
  const options = { method: verb, headers, signal, body: body === undefined ? undefined : JSON.stringify(body) };
  let response;
  try {
    response = await fetch(address(path, query), options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refusal(0, { message: "the coordinator does not answer" });
  }
  if (response.ok) return response;
  const text = await response.text();
  let error = { message: text };
  try {
    error = JSON.parse(text).error ?? error;
  } catch {
    // A proxy may answer with a page of its own.
  }
  throw new Refusal(response.status, error);
}

async function json(verb, path, options) {
  const response = await ask(verb, path, options);
  try {
    return await response.json();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refusal(0, { message: "the answer ended before its time; ask again" });
  }
}

export const get = (path, query, signal) => json("GET", path, { query, signal });
export const post = (path, body = {}, signal) => json("POST", path, { body, signal });
export const remove = (path) => json("DELETE", path);

/** A name as a part of a path; slashes of item keys stay. */
export const part = (name) => name.split("/").map(encodeURIComponent).join("/");

/** Rows of the graph as objects by column. */
export function objects({ columns, rows }) {
  return rows.map((row) => Object.fromEntries(columns.map((name, place) => [name, row[place]])));
}

/** The events of one stream, to its end. `begun` is called once it is answered, before there is any. */
async function* events(path, query, { signal, begun }) {
  const response = await ask("GET", path, { query, signal });
  begun();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const parts = (rest + value).split("\n\n");
    rest = parts.pop();
    for (const text of parts) {
      const lines = text.split("\n");
      const of = (field) => lines.filter((line) => line.startsWith(field)).map((line) => line.slice(field.length).trimStart());
      const data = of("data:").join("\n");
      if (!data) continue;
      if (of("event:")[0] === "error") throw new Refusal(503, JSON.parse(data).error);
      yield JSON.parse(data);
    }
  }
}

/** Follows a pipeline until it ends, over any number of streams: a coordinator may restart, and another may lead. */
export async function follow(id, { told, away, back, signal }) {
  let failures = 0;
  let resume_token = "";
  while (!signal.aborted) {
    try {
      let isOver = false;
      for await (const event of events(`pipelines/${part(id)}/watch`, { resume_token }, { signal, begun: back })) {
        failures = 0;
        resume_token = event.resume_token;
        isOver = Boolean(event.pipeline.end_time);
        told(event.pipeline);
      }
      // Retried, a finished pipeline goes on: that is seen by asking again, at leisure.
      if (isOver) failures = WAITS.length;
    } catch (error) {
      if (signal.aborted) return;
      const passes = error.status === 0 || error.status >= 500 || error.status === 409 || !(error instanceof Refusal);
      away(error);
      if (!passes) return;
    }
    const wait = WAITS[Math.min(failures, WAITS.length - 1)];
    failures += 1;
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}
