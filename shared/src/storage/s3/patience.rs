//! How long a request to S3 may take and how often it is tried.

use std::time::Duration;

use aws_sdk_s3::config::StalledStreamProtectionConfig;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;

/// One attempt and three retries: enough for a hiccup; longer trouble is for the coordinator to see.
const MAX_ATTEMPTS: u32 = 4;
/// The first pause between attempts is a random part of this; it doubles.
const INITIAL_BACKOFF: Duration = Duration::from_millis(200);
/// The longest pause between attempts.
const MAX_BACKOFF: Duration = Duration::from_secs(5);
/// A store that takes longer to accept a connection is as good as down.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The time that a request of no size may take if the address does not say.
const BASE_TIME: Duration = Duration::from_secs(20);
/// Bytes a second below which a transfer is given up; far below what any usable link carries.
const SLOWEST_BYTES_PER_SECOND: u64 = 256 * 1024;
/// How long a transfer may stand still.
const STALL_GRACE: Duration = Duration::from_secs(20);

/// How long requests may take: a base, and the time that their bytes need.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    base: Duration,
}

impl Patience {
    /// As long as the address says, or as usual.
    pub(super) fn new(timeout: Option<Duration>) -> Self {
        Self { base: timeout.unwrap_or(BASE_TIME) }
    }

    /// How often a request is tried.
    pub(super) fn retries() -> RetryConfig {
        RetryConfig::standard()
            .with_max_attempts(MAX_ATTEMPTS)
            .with_initial_backoff(INITIAL_BACKOFF)
            .with_max_backoff(MAX_BACKOFF)
    }

    /// When a transfer that stands still is given up.
    pub(super) fn stalls() -> StalledStreamProtectionConfig {
        StalledStreamProtectionConfig::enabled().grace_period(STALL_GRACE).build()
    }

    /// The time that transferring so many bytes may take.
    pub(super) fn time_for(self, bytes: usize) -> Duration {
        self.base + Duration::from_secs(bytes as u64 / SLOWEST_BYTES_PER_SECOND)
    }

    /// The limits of a request that carries so many bytes.
    pub(super) fn timeouts(self, bytes: usize) -> TimeoutConfig {
        let attempt = self.time_for(bytes);
        TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(attempt)
            .operation_attempt_timeout(attempt)
            .operation_timeout((attempt + MAX_BACKOFF) * MAX_ATTEMPTS)
            .build()
    }
}
