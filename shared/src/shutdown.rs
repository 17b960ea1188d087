//! Signals become one cancellation token that is passed down. Called by `main` only.

use tokio_util::sync::CancellationToken;

/// A token that is cancelled at the first SIGINT or SIGTERM. At the second one the process exits with 130:
/// a person who presses Ctrl-C twice means it.
pub fn on_signal() -> std::io::Result<CancellationToken> {
    let token = CancellationToken::new();
    let cancelled = token.clone();
    let mut signals = Signals::install()?;
    tokio::spawn(async move {
        signals.next().await;
        tracing::info!("stopping; once more to stop at once");
        cancelled.cancel();
        signals.next().await;
        std::process::exit(130);
    });
    Ok(token)
}

struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    fn install() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
