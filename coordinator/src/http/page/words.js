// Numbers, times and states as people read them.

const integer = new Intl.NumberFormat("en-US");
const amount = new Intl.NumberFormat("en-US", { maximumFractionDigits: 1 });
const short = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });

/** A count, which JSON has as a text. */
export const count = (value) => integer.format(Number(value ?? 0));
export const compact = (value) => short.format(value);
export const rate = (perSecond) => (perSecond > 0 ? `${amount.format(perSecond)}/s` : "–");

/** `1 item`, `2 items`. */
export const counted = (value, noun) => `${count(value)} ${noun}${Number(value) === 1 ? "" : "s"}`;

/** A duration of protobuf, `75.5s`, in its two largest units. */
export function duration(text) {
  if (!text) return "–";
  return seconds(Number.parseFloat(text));
}

export function seconds(total) {
  const whole = Math.max(0, Math.round(total));
  const units = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];
  const first = units.findIndex(([, size]) => whole >= size);
  if (first < 0) return "0 s";
  const [[unit, size], next] = [units[first], units[first + 1]];
  const rest = next ? Math.floor((whole % size) / next[1]) : 0;
  return `${Math.floor(whole / size)} ${unit}${rest ? ` ${rest} ${next[0]}` : ""}`;
}

/** A time of this day by the clock, of another with its date. */
export function time(text) {
  if (!text) return "–";
  const when = new Date(text);
  const isToday = when.toDateString() === new Date().toDateString();
  return isToday ? when.toLocaleTimeString() : `${when.toLocaleDateString()} ${when.toLocaleTimeString()}`;
}

/** How long ago. */
export const ago = (text) => (text ? `${seconds((Date.now() - new Date(text)) / 1000)} ago` : "–");

/** `PIPELINE_STATE_COMPLETED_WITH_FAILURES` as `completed with failures`. */
export const word = (name, prefix) => (name ?? "").replace(prefix, "").toLowerCase().replaceAll("_", " ");
export const kind = (name) => (name ?? "").replaceAll("_", " ");
export const pipelineState = (pipeline) => (pipeline.paused ? "paused" : word(pipeline.state, "PIPELINE_STATE_"));

/** How a state is shown: it goes on, it is well, it wants somebody, it failed, it is over. */
export function tone(state) {
  if (/failures|held|paused|draining|detached/.test(state)) return "warn";
  if (/failed|dead|damaged/.test(state)) return "bad";
  if (/completed|succeeded|active/.test(state)) return "good";
  if (/running|ingesting|leased/.test(state)) return "live";
  return "quiet";
}
