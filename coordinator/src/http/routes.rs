//! Which address is which method. Parts in braces are fields of the request; one with a star takes the rest, slashes
//! included.

use axum::http::{Method, StatusCode};

use super::refusal::Refusal;

const PIPELINES: &str = "edgraph.v1.PipelineService";
const ADMIN: &str = "edgraph.v1.AdminService";
/// What is asked of it is answered by one document, other streams are events.
pub(super) const GRAPH: &str = "edgraph.v1.GraphService";

/// One address.
#[derive(Debug)]
pub(super) struct Route {
    verb: &'static str,
    pattern: &'static str,
    pub(super) service: &'static str,
    pub(super) method: &'static str,
}

const fn route(
    verb: &'static str,
    pattern: &'static str,
    service: &'static str,
    method: &'static str,
) -> Route {
    Route { verb, pattern, service, method }
}

/// All of them. The first that fits counts.
pub(super) const ROUTES: [Route; 25] = [
    route("GET", "pipelines", PIPELINES, "ListPipelines"),
    route("POST", "pipelines", PIPELINES, "StartPipeline"),
    route("GET", "pipelines/{pipeline_id}", PIPELINES, "GetPipeline"),
    route("DELETE", "pipelines/{pipeline_id}", PIPELINES, "DeletePipeline"),
    route("GET", "pipelines/{pipeline_id}/watch", PIPELINES, "WatchPipeline"),
    route("POST", "pipelines/{pipeline_id}/cancel", PIPELINES, "CancelPipeline"),
    route("POST", "pipelines/{pipeline_id}/pause", PIPELINES, "PausePipeline"),
    route("POST", "pipelines/{pipeline_id}/resume", PIPELINES, "ResumePipeline"),
    route("POST", "pipelines/{pipeline_id}/retry", PIPELINES, "RetryFailedItems"),
    route("GET", "pipelines/{pipeline_id}/items", PIPELINES, "ListItems"),
    route("POST", "pipelines/{pipeline_id}/items/retry", PIPELINES, "RetryItems"),
    route("POST", "pipelines/{pipeline_id}/items/cancel", PIPELINES, "CancelItems"),
    route("POST", "pipelines/{pipeline_id}/items/run", PIPELINES, "RunItemsNow"),
    route("POST", "pipelines/{pipeline_id}/items/add", PIPELINES, "AddItems"),
    route("POST", "pipelines/{pipeline_id}/items/complete", PIPELINES, "CompleteItems"),
    route("POST", "pipelines/{pipeline_id}/items/fail", PIPELINES, "FailItems"),
    route("GET", "pipelines/{pipeline_id}/items/{item_key*}", PIPELINES, "GetItem"),
    route("GET", "workers", ADMIN, "ListWorkers"),
    route("POST", "workers/{worker_id}/drain", ADMIN, "DrainWorker"),
    route("GET", "scaling", ADMIN, "GetScalingSignal"),
    route("POST", "restore", ADMIN, "RestorePipelines"),
    route("POST", "graph/query", GRAPH, "Query"),
    route("GET", "graph/statement", GRAPH, "GetStatement"),
    route("GET", "graph/series", GRAPH, "GetSeries"),
    route("GET", "graph/find", GRAPH, "Find"),
];

/// Fields of the request that stand in the address, still encoded.
pub(super) type Parts<'a> = Vec<(&'static str, &'a str)>;

const ROOT: &str = "/api/v1/";

/// The route of an address, with the fields that are in it. What is in the address is still encoded.
pub(super) fn find<'a>(method: &Method, path: &'a str) -> Result<(&'static Route, Parts<'a>), Refusal> {
    let unknown = || {
        let says =
            format!("there is no {path}; addresses begin with {ROOT}pipelines, workers, scaling or graph");
        Refusal::of(StatusCode::NOT_FOUND, "NOT_FOUND", says)
    };
    let rest = path.strip_prefix(ROOT).ok_or_else(unknown)?;
    let fitting: Vec<_> =
        ROUTES.iter().filter_map(|route| Some((route, parts(route.pattern, rest)?))).collect();
    if fitting.is_empty() {
        return Err(unknown());
    }
    let verbs: Vec<&str> = fitting.iter().map(|(route, _)| route.verb).collect();
    let says = format!("{method} is no way to ask for {path}; it takes {}", verbs.join(" or "));
    let mut fitting = fitting.into_iter();
    let found = fitting.find(|(route, _)| route.verb == method.as_str());
    found.ok_or_else(|| Refusal::of(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", says))
}

/// What stands in the places of the fields, if the path has this form.
fn parts<'a>(pattern: &'static str, path: &'a str) -> Option<Parts<'a>> {
    let mut found = Vec::new();
    let (mut pattern, mut path) = (pattern, path);
    loop {
        let (expected, more) =
            pattern.split_once('/').map_or((pattern, None), |(one, more)| (one, Some(more)));
        let field = expected.strip_prefix('{').and_then(|name| name.strip_suffix('}'));
        let takes_all = field.and_then(|name| name.strip_suffix('*'));
        let (given, rest) = match takes_all {
            Some(_) => (path, None),
            None => path.split_once('/').map_or((path, None), |(one, rest)| (one, Some(rest))),
        };
        let field = takes_all.or(field);
        match field {
            Some(name) if !given.is_empty() => found.push((name, given)),
            None if expected == given => {}
            _ => return None,
        }
        match (more, rest) {
            (None, None) => return Some(found),
            (Some(more), Some(rest)) => (pattern, path) = (more, rest),
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use prost_reflect::DescriptorPool;

    use super::*;

    #[test]
    fn every_route_is_a_method_and_its_fields_are_those_of_the_request() {
        let pool = DescriptorPool::decode(crate::service::DESCRIPTORS).unwrap();
        for Route { pattern, service, method, .. } in &ROUTES {
            let service = pool.get_service_by_name(service).unwrap();
            let found =
                service.methods().find(|known| known.name() == *method).unwrap_or_else(|| panic!("{method}"));
            assert!(!found.is_client_streaming());
            let fields = pattern.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
            for field in fields.map(|field| field.trim_end_matches('*')) {
                assert!(found.input().get_field_by_name(field).is_some(), "{method} has no {field}");
            }
        }
    }

    #[test]
    fn every_method_of_clients_has_a_route() {
        let pool = DescriptorPool::decode(crate::service::DESCRIPTORS).unwrap();
        let service = pool.get_service_by_name(PIPELINES).unwrap();
        for method in service.methods() {
            assert!(ROUTES.iter().any(|route| route.method == method.name()), "{}", method.name());
        }
    }

    #[test]
    fn addresses_lead_to_methods() {
        let found = |verb: &'static str, path: &'static str| {
            let verb = Method::from_bytes(verb.as_bytes()).unwrap();
            find(&verb, path).map(|(route, parts)| (route.method, parts)).map_err(|refusal| refusal.status())
        };
        let p = ("pipeline_id", "p");
        for (verb, path, expected) in [
            ("GET", "/api/v1/pipelines", Ok(("ListPipelines", vec![]))),
            ("POST", "/api/v1/pipelines", Ok(("StartPipeline", vec![]))),
            ("GET", "/api/v1/pipelines/p", Ok(("GetPipeline", vec![p]))),
            ("GET", "/api/v1/pipelines/p/items/a/b/c", Ok(("GetItem", vec![p, ("item_key", "a/b/c")]))),
            ("GET", "/api/v1/pipelines/p/items/retry", Ok(("GetItem", vec![p, ("item_key", "retry")]))),
            ("POST", "/api/v1/pipelines/p/items/retry", Ok(("RetryItems", vec![p]))),
            ("GET", "/api/v1/pipelines/", Err(StatusCode::NOT_FOUND)),
            ("GET", "/api/v1/pipelines/p/what", Err(StatusCode::NOT_FOUND)),
            ("GET", "/api/v1/", Err(StatusCode::NOT_FOUND)),
            ("GET", "/", Err(StatusCode::NOT_FOUND)),
            ("PUT", "/api/v1/pipelines/p", Err(StatusCode::METHOD_NOT_ALLOWED)),
            ("GET", "/api/v1/pipelines/p/cancel", Err(StatusCode::METHOD_NOT_ALLOWED)),
        ] {
            assert_eq!(found(verb, path), expected, "{verb} {path}");
        }
    }
}
