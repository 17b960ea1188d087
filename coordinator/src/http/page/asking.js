// State that comes from the coordinator: asked once, asked again and again, or followed.
import { useEffect, useState } from "./vendor/htm-preact.js";
import { follow } from "./api.js";

/** What `ask(signal)` gives, asked whenever one of `by` changes; what was there stays until the answer comes. */
export function useAnswer(ask, by, every) {
  const [state, setState] = useState({});
  useEffect(() => {
    const stop = new AbortController();
    let timer;
    const look = async () => {
      try {
        const answer = await ask(stop.signal);
        if (!stop.signal.aborted) setState({ answer });
      } catch (error) {
        if (!stop.signal.aborted) setState((known) => ({ answer: known.answer, error }));
      }
      if (every && !stop.signal.aborted) timer = setTimeout(look, every);
    };
    setState((known) => ({ answer: every ? known.answer : undefined, isAsking: true }));
    look();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, by);
  return state;
}

/** How long the throughput of a pipeline is remembered, in samples. */
const SAMPLES = 600;

/** A pipeline as it is, and its throughput since it is looked at. */
export function usePipeline(id) {
  const [state, setState] = useState({ samples: [] });
  useEffect(() => {
    const stop = new AbortController();
    setState({ samples: [] });
    follow(id, {
      signal: stop.signal,
      told: (pipeline) => setState(({ samples }) => ({ pipeline, samples: sampled(samples, pipeline) })),
      away: (error) => setState((known) => ({ ...known, error })),
      // Where nothing has changed meanwhile, nothing is told.
      back: () => setState((known) => (known.error ? { ...known, error: undefined } : known)),
    });
    return () => stop.abort();
  }, [id]);
  return state;
}

function sampled(samples, pipeline) {
  const at = Date.now() / 1000;
  const last = samples.at(-1);
  if (last && at - last.at < 1) return samples;
  return [...samples, { at, value: pipeline.tasks_per_second }].slice(-SAMPLES);
}
