//! What work has cost: seconds by the clock, and of the processor, which who shares the machine does not lengthen.

use std::fmt;
use std::time::Instant;

use anyhow::Context;

/// Of `/proc/self/stat`, on every Linux.
const TICKS_PER_SECOND: f64 = 100.0;

/// Seconds.
pub(crate) struct Cost {
    /// By the clock.
    pub(crate) clock: f64,
    /// Of the processor, all threads together.
    pub(crate) processor: f64,
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:.2} s ({:.2})", self.clock, self.processor))
    }
}

/// Does work of this process that nothing else of it runs beside.
pub(crate) fn timed<T>(work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<(Cost, T)> {
    let (started, before) = (Instant::now(), processor()?);
    let done = work()?;
    Ok((Cost { clock: started.elapsed().as_secs_f64(), processor: processor()? - before }, done))
}

fn processor() -> anyhow::Result<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    // The name, in parentheses, may hold anything; 12 fields lie between it and the times.
    let (_, fields) = stat.rsplit_once(')').context("/proc/self/stat has no name")?;
    let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<f64>).sum::<Result<f64, _>>()?;
    Ok(ticks / TICKS_PER_SECOND)
}

/// The most memory this process has had so far, as the system counts it.
pub(crate) fn peak_memory() -> anyhow::Result<String> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    Ok(peak.context("/proc/self/status has no VmHWM")?.trim().to_owned())
}
