//! The tracker in Redis: keys, scripts and a connection. The only module that names the client library.
//!
//! ```text
//! edgraph:{lead}:lock · epoch · store · pipelines · hosts        who leads, of which store, which pipelines, pauses
//! edgraph:{id}:fence · status · spec · head · items · states · events · journal        one pipeline, one slot
//! edgraph-NAMESPACE:{…}:…                                        the same of another namespace: see `keys`
//! ```
//! One multiplexed connection, dropped with the first error or timeout on it, so that nothing that was sent before is
//! ever confused with its repeat: repeats are safe, because each write carries its sequence and its id. Never a retry
//! in here. [`lead`] takes and keeps the lead, [`load`] reads everything, [`commit`] writes, [`writes`] is what a part
//! writes, as arguments, [`pauses`] keeps those of hosts, [`keeper`] the lock while [`items`] are read. The scripts
//! decide nothing but whether a write is the next one.

mod refusal;
mod keys;
mod nonces;
mod lead;
mod load;
mod index;
mod keeper;
mod items;
mod commit;
mod writes;
mod pauses;

use std::fmt;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use edgraph_shared::ids::{Namespace, PipelineId};
use edgraph_shared::secret::without_credentials;

use self::keys::Keys;
use self::nonces::Nonces;
use self::writes::Limits;
use super::{Lead, Leader, Look, Mark, Part, Renewed, Term, Tracker, TrackerError, Trouble};
use crate::pipeline::token_buckets::KeptPause;

/// A Redis that is frozen accepts connections and says nothing.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// With a handshake and certificates to read, on a machine that is busy.
const TLS_CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Far longer than any script here takes, even beside an fsync that hangs for a while.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(5);
/// Requests sent at once without waiting: enough to make round trips cheap, few enough to answer within the
/// timeout.
const PIPELINED: usize = 256;

/// An URL that names no Redis.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{url}` names no redis ({reason}); expected redis://[user:password@]host[:port][/db], rediss:// for TLS, or unix:///socket"
)]
pub struct BadUrl {
    url: String,
    reason: String,
}

type Command = redis::Cmd;
type RedisError = redis::RedisError;
type Reply = redis::Value;

/// See the module's documentation.
pub struct RedisTracker {
    client: redis::Client,
    /// For messages: without user and password.
    address: String,
    keys: Keys,
    scripts: Scripts,
    limits: Limits,
    link: tokio::sync::Mutex<Link>,
    nonces: Mutex<Nonces>,
    #[cfg(test)]
    pub(super) faults: super::tests::faults::Faults,
}

#[derive(Default)]
struct Link {
    connection: Option<redis::aio::MultiplexedConnection>,
    /// Counts connections.
    generation: u64,
}

/// The scripts, each with its hash.
struct Scripts {
    lead: redis::Script,
    register: redis::Script,
    raise: redis::Script,
    commit: redis::Script,
    stage: redis::Script,
    apply: redis::Script,
}

impl Scripts {
    /// The scripts after `edit`, which tests use to take a safeguard out.
    fn new(edit: impl Fn(&str) -> String) -> Self {
        const FENCE: &str = include_str!("redis/fence.lua");
        const WRITE: &str = include_str!("redis/write.lua");
        let script = |parts: &[&str]| redis::Script::new(&edit(&parts.concat()));
        Self {
            lead: script(&[include_str!("redis/lead.lua")]),
            register: script(&[include_str!("redis/register.lua")]),
            raise: script(&[FENCE, include_str!("redis/raise_fence.lua")]),
            commit: script(&[FENCE, WRITE, include_str!("redis/commit.lua")]),
            stage: script(&[FENCE, include_str!("redis/stage.lua")]),
            apply: script(&[FENCE, WRITE, include_str!("redis/apply.lua")]),
        }
    }

    fn all(&self) -> [&redis::Script; 6] {
        [&self.lead, &self.register, &self.raise, &self.commit, &self.stage, &self.apply]
    }
}

/// The first word of a script's answer, and what follows.
struct Answer {
    word: String,
    values: Vec<String>,
}

impl Answer {
    fn epoch(&self) -> u64 {
        self.values.first().and_then(|epoch| epoch.parse().ok()).unwrap_or(u64::MAX)
    }

    /// The error for an answer that is none of the expected ones.
    fn unexpected(self) -> TrackerError {
        match self.word.as_str() {
            "FENCED" => TrackerError::Fenced { epoch: self.epoch() },
            word => TrackerError::Unavailable(format!("a script answered {word}").into()),
        }
    }
}

impl fmt::Debug for RedisTracker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisTracker").field("address", &self.address).finish_non_exhaustive()
    }
}

impl RedisTracker {
    /// The tracker behind this URL. Connects with the first call; over TLS, to whom the system's authorities vouch for.
    ///
    /// # Errors
    /// [`BadUrl`]; nobody is asked.
    pub fn connect(url: &str) -> Result<Self, BadUrl> {
        Self::with(url, None, Limits::default(), str::to_owned)
    }

    /// The same over TLS, to whom this authority, PEM, vouches for.
    ///
    /// # Errors
    /// [`BadUrl`], also where the URL does not ask for TLS.
    pub fn connect_trusting(url: &str, authority: Vec<u8>) -> Result<Self, BadUrl> {
        Self::with(url, Some(authority), Limits::default(), str::to_owned)
    }

    /// The same in a namespace of its own.
    pub fn within(self, namespace: Option<&Namespace>) -> Self {
        Self { keys: Keys::of(namespace), ..self }
    }

    fn with(
        url: &str,
        authority: Option<Vec<u8>>,
        limits: Limits,
        edit: impl Fn(&str) -> String,
    ) -> Result<Self, BadUrl> {
        let refused = |reason: String| BadUrl { url: without_credentials(url).into_owned(), reason };
        let bad = |error: RedisError| refused(error.to_string());
        let scheme = url.split_once("://").map_or("", |(scheme, _)| scheme);
        if scheme.contains("sentinel") || scheme.contains("cluster") {
            return Err(refused(refusal::ONE_PRIMARY.to_owned()));
        }
        if authority.is_some() && !url.starts_with("rediss://") {
            return Err(refused("an authority is for TLS, and the URL is not rediss://".to_owned()));
        }
        let info = redis::IntoConnectionInfo::into_connection_info(url).map_err(bad)?;
        let address = info.addr().to_string();
        // Naming the client needs a command that is newer than what this tracker promises to need.
        let settings = info.redis_settings().clone().set_skip_set_lib_name();
        let info = info.set_redis_settings(settings);
        let client = match authority {
            None => redis::Client::open(info),
            Some(authority) => {
                let trusted = redis::TlsCertificates { client_tls: None, root_cert: Some(authority) };
                redis::Client::build_with_tls(info, trusted)
            }
        };
        let client = client.map_err(bad)?;
        Ok(Self {
            client,
            address,
            keys: Keys::of(None),
            scripts: Scripts::new(edit),
            limits,
            link: tokio::sync::Mutex::default(),
            nonces: Mutex::default(),
            #[cfg(test)]
            faults: Default::default(),
        })
    }

    fn unavailable(&self, error: impl fmt::Display) -> TrackerError {
        TrackerError::Unavailable(format!("redis at {}: {error}", self.address).into())
    }

    fn refused(&self, error: RedisError) -> TrackerError {
        TrackerError::Unavailable(refusal::explain(&self.address, error.code(), &error.to_string()))
    }

    fn is_encrypted(&self) -> bool {
        matches!(self.client.get_connection_info().addr(), redis::ConnectionAddr::TcpTls { .. })
    }

    /// Why there is no connection. A server that waits for a command takes the beginning of TLS for one, and goes on
    /// waiting.
    fn not_connected(&self, error: RedisError) -> TrackerError {
        match self.is_encrypted() && error.is_timeout() {
            true => self.unavailable(format!("{error} (nor would a port answer that speaks no TLS)")),
            false => self.refused(error),
        }
    }

    /// A connection that knows the scripts, and its number.
    async fn connection(&self) -> Result<(redis::aio::MultiplexedConnection, u64), TrackerError> {
        let mut link = self.link.lock().await;
        if let Some(connection) = &link.connection {
            return Ok((connection.clone(), link.generation));
        }
        let patience = if self.is_encrypted() { TLS_CONNECT_TIMEOUT } else { CONNECT_TIMEOUT };
        let config = redis::AsyncConnectionConfig::new()
            .set_connection_timeout(Some(patience))
            .set_response_timeout(Some(RESPONSE_TIMEOUT));
        let mut connection = self
            .client
            .get_multiplexed_async_connection_with_config(&config)
            .await
            .map_err(|error| self.not_connected(error))?;
        self.check_mode(&mut connection).await?;
        for script in self.scripts.all() {
            script.load_async(&mut connection).await.map_err(|error| self.refused(error))?;
        }
        link.generation += 1;
        link.connection = Some(connection.clone());
        Ok((connection, link.generation))
    }

    /// Refuses what is no single primary, before anything is written: the keys of a pipeline may lie elsewhere in a
    /// cluster than those of the lead. A server that does not tell is asked nothing more.
    async fn check_mode(
        &self,
        connection: &mut redis::aio::MultiplexedConnection,
    ) -> Result<(), TrackerError> {
        let mut ask = async |words: [&str; 2]| {
            let mut call = command(words[0]);
            let said: redis::RedisResult<String> = call.arg(words[1]).query_async(&mut *connection).await;
            said.unwrap_or_default()
        };
        let server = ask(["INFO", "server"]).await;
        let what = match field(&server, "redis_mode") {
            Some("sentinel") => "a Sentinel",
            Some("cluster") => match field(&ask(["CLUSTER", "INFO"]).await, "cluster_size") {
                // A cluster of one has all keys.
                None | Some("0" | "1") => return Ok(()),
                Some(_) => "one of several servers of a cluster",
            },
            _ => return Ok(()),
        };
        let text = format!("redis at {} is {what}", self.address);
        Err(TrackerError::Unavailable(Trouble { text, fix: Some(refusal::ONE_PRIMARY) }))
    }

    /// Sends requests together and waits for all replies. `point` says in the log, before anything is sent, what is
    /// about to happen, for tests that stop the process there: look, lead, index, fence, load; register, commit, stage,
    /// seal, apply, unregister; renew, resign, check.
    async fn ask(
        &self,
        point: &'static str,
        requests: Vec<Command>,
    ) -> Result<(Vec<Reply>, u64), TrackerError> {
        tracing::debug!(point, requests = requests.len());
        #[cfg(test)]
        self.faults.before_call()?;
        let (mut connection, generation) = self.connection().await?;
        let mut pipeline = redis::Pipeline::with_capacity(requests.len());
        let count = requests.len();
        for request in requests {
            pipeline.add_command(request);
        }
        let replies = connection.send_packed_commands(&pipeline, 0, count).await;
        let replies = replies.and_then(|replies| {
            replies.into_iter().map(|reply| reply.extract_error()).collect::<Result<Vec<_>, _>>()
        });
        #[cfg(test)]
        let replies = self.faults.after_call().and(replies);
        match replies {
            Ok(replies) => Ok((replies, generation)),
            Err(error) => {
                let mut link = self.link.lock().await;
                if link.generation == generation {
                    link.connection = None;
                }
                Err(self.refused(error))
            }
        }
    }

    /// Runs scripts, as many as there are, and gives their answers in order.
    async fn run(&self, point: &'static str, calls: Vec<Command>) -> Result<Vec<Answer>, TrackerError> {
        let mut answers = Vec::with_capacity(calls.len());
        let mut calls = calls.into_iter();
        loop {
            let together: Vec<Command> = calls.by_ref().take(PIPELINED).collect();
            if together.is_empty() {
                return Ok(answers);
            }
            let (replies, _) = self.ask(point, together).await?;
            for reply in replies {
                answers.push(self.answer(reply)?);
            }
        }
    }

    /// A call of a script about one pipeline.
    fn about(&self, script: &redis::Script, term: &Term, id: &PipelineId) -> Command {
        let keys = self.keys.all_of(id);
        let mut call = command("EVALSHA");
        call.arg(script.get_hash()).arg(keys.len()).arg(&keys);
        call.arg(term.epoch).arg(&term.leader.id);
        call
    }

    fn answer(&self, reply: Reply) -> Result<Answer, TrackerError> {
        let mut values = self.read::<Vec<String>>(reply)?.into_iter();
        let word = values.next().unwrap_or_default();
        Ok(Answer { word, values: values.collect() })
    }

    fn read<T: redis::FromRedisValue>(&self, reply: Reply) -> Result<T, TrackerError> {
        redis::from_redis_value(reply).map_err(|error| self.unavailable(error))
    }
}

/// A field of what `INFO` says.
fn field<'a>(info: &'a str, name: &str) -> Option<&'a str> {
    info.lines().find_map(|line| line.trim_end().strip_prefix(name)?.strip_prefix(':'))
}

fn command(name: &str) -> Command {
    redis::cmd(name)
}

#[async_trait]
impl Tracker for RedisTracker {
    async fn look(&self, leader: &Leader) -> Result<Look, TrackerError> {
        self.look_at_lock(leader).await
    }

    async fn lead(&self, leader: &Leader, upon: &Look) -> Result<Lead, TrackerError> {
        self.take_lead(leader, upon).await
    }

    async fn renew(&self, term: &Term) -> Result<Renewed, TrackerError> {
        self.renew_lock(term).await
    }

    async fn commit(&self, term: &Term, parts: &[Part]) -> Result<(), TrackerError> {
        self.write(term, parts).await
    }

    async fn keep_pause(&self, term: &Term, pause: &KeptPause) -> Result<(), TrackerError> {
        self.write_pause(term, pause).await
    }

    async fn behind(&self, marks: &[(PipelineId, Mark)]) -> Result<Vec<PipelineId>, TrackerError> {
        self.not_as_far(marks).await
    }

    async fn resign(&self, term: &Term) -> Result<(), TrackerError> {
        self.give_up(term).await
    }
}

#[cfg(test)]
pub(super) mod tests {
    //! What the trackers' tests need of the inside.

    use super::RedisTracker;
    pub(in crate::tracker) use super::writes::Limits;

    /// A tracker with other limits, and with scripts as `edit` leaves them.
    pub(in crate::tracker) fn tracker_with(
        url: &str,
        limits: Limits,
        edit: fn(&str) -> String,
    ) -> RedisTracker {
        RedisTracker::with(url, None, limits, edit).expect("a good url")
    }
}
