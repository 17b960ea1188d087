//! The messages about request tokens and pauses, of the Work stream and of the status.

use edgraph_proto::v1;

use super::error::WireError;
use super::field::{duration_from, duration_to, required, timestamp_to};
use crate::failure::cut;
use crate::model::{
    HostFamily, HostPause, MAX_PROGRESS_LEN, RequestBudget, RequestTerms, RequestTokens, Throttled,
    WorkerMessage,
};

pub(super) fn family(field: &'static str, text: &str) -> Result<HostFamily, WireError> {
    text.parse().map_err(|error: crate::model::request_tokens::UnknownFamily| WireError::Invalid {
        field,
        reason: error.to_string(),
    })
}

/// Families of a newer coordinator are left out: this version asks nothing of their hosts.
pub(super) fn terms_from(terms: Vec<v1::RequestTerms>) -> Result<Vec<RequestTerms>, WireError> {
    let known = terms.into_iter().filter_map(|terms| Some((terms.family.parse().ok()?, terms)));
    known
        .map(|(family, terms)| {
            Ok(RequestTerms {
                family,
                per_second: (terms.per_second > 0.0).then_some(terms.per_second),
                validity: required("welcome.requests.validity", terms.validity)?,
            })
        })
        .collect()
}

pub(super) fn terms_to(terms: RequestTerms) -> v1::RequestTerms {
    v1::RequestTerms {
        family: terms.family.to_string(),
        per_second: terms.per_second.unwrap_or(0.0),
        validity: Some(duration_to(terms.validity)),
    }
}

pub(super) fn demand_from(family: HostFamily, demand: &v1::RequestDemand) -> WorkerMessage {
    WorkerMessage::RequestDemand { family, asked: demand.asked, answered: demand.answered }
}

pub(super) fn throttled_from(
    family: HostFamily,
    throttled: v1::Throttled,
) -> Result<WorkerMessage, WireError> {
    Ok(WorkerMessage::Throttled(Throttled {
        family,
        cause: cut(throttled.cause, MAX_PROGRESS_LEN),
        retry_after: throttled
            .retry_after
            .map(|after| duration_from("throttled.retry_after", &after))
            .transpose()?,
    }))
}

pub(super) fn throttled_to(throttled: Throttled) -> v1::Throttled {
    v1::Throttled {
        family: throttled.family.to_string(),
        cause: throttled.cause,
        retry_after: throttled.retry_after.map(duration_to),
    }
}

pub(super) fn tokens_from(
    family: HostFamily,
    tokens: &v1::RequestTokens,
) -> Result<RequestTokens, WireError> {
    Ok(RequestTokens {
        family,
        count: tokens.count,
        asked: tokens.asked,
        waited: required("request_tokens.waited", tokens.waited)?,
    })
}

pub(super) fn tokens_to(tokens: RequestTokens) -> v1::RequestTokens {
    v1::RequestTokens {
        family: tokens.family.to_string(),
        count: tokens.count,
        asked: tokens.asked,
        waited: Some(duration_to(tokens.waited)),
    }
}

pub(super) fn pause_from(family: HostFamily, pause: v1::HostPaused) -> Result<HostPause, WireError> {
    Ok(HostPause {
        family,
        remaining: required("host_paused.remaining", pause.remaining)?,
        cause: pause.cause,
    })
}

pub(super) fn pause_to(pause: HostPause) -> v1::HostPaused {
    v1::HostPaused {
        family: pause.family.to_string(),
        remaining: Some(duration_to(pause.remaining)),
        cause: pause.cause,
    }
}

pub(super) fn budget_to(budget: &RequestBudget) -> v1::RequestBudget {
    let (until, cause) = budget.paused.clone().unzip();
    v1::RequestBudget {
        family: budget.family.to_string(),
        per_second: budget.per_second.unwrap_or(0.0),
        waiting: budget.waiting,
        lent: budget.lent,
        paused_until: until.map(timestamp_to),
        pause_cause: cause.unwrap_or_default(),
    }
}
