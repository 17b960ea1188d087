//! In what a repeated start differs from the one before: the first field, with both values.
//!
//! The same function says whether two starts are the same, so that what is refused can always be named.

use std::fmt::Debug;

use edgraph_shared::ids::PipelineId;
use edgraph_shared::kinds::{has_preset, says_the_same};
use edgraph_shared::model::{FinishSpec, KindSettings, PipelineSpec, WorkItem};

use super::Pipeline;

/// Most characters shown of a value: the error is one line.
const SHOWN_CHARS: usize = 60;
/// Characters shown before the first that differs.
const LEAD_CHARS: usize = 10;

/// The first field in which a start with this id and spec differs from the one that made the pipeline.
pub(super) fn difference(
    existing: &Pipeline,
    id: Option<&PipelineId>,
    spec: &PipelineSpec,
) -> Option<String> {
    let head = existing.head();
    id.and_then(|id| field("pipeline_id", &head.id, id)).or_else(|| of_specs(&head.spec, spec))
}

fn of_specs(existing: &PipelineSpec, asked: &PipelineSpec) -> Option<String> {
    // Destructured, so that no field is forgotten when one is added.
    let PipelineSpec {
        kind,
        params,
        roots,
        finish,
        limits,
        counted_kind,
        counters,
        dead_policy,
        deadline,
        client_items,
    } = asked;
    text("kind", &existing.kind, kind)
        .or_else(|| json(kind, "params", &existing.params, params))
        .or_else(|| of_roots(kind, &existing.roots, roots))
        .or_else(|| of_finish(kind, &existing.finish, finish))
        .or_else(|| text("counted_kind", &existing.counted_kind, counted_kind))
        .or_else(|| field("counters", &existing.counters, counters))
        .or_else(|| field("dead_policy", &existing.dead_policy, dead_policy))
        .or_else(|| field("deadline", &existing.deadline, deadline))
        .or_else(|| field("client_items", &existing.client_items, client_items))
        .or_else(|| {
            let kinds = existing.limits.keys().chain(limits.keys());
            let defaults = KindSettings::default();
            // An absent kind has the defaults, and is the same as one that names them.
            kinds.into_iter().find_map(|kind| {
                let of = |spec: &PipelineSpec| spec.limits.get(kind).unwrap_or(&defaults).clone();
                of_settings(kind, &of(existing), &of(asked))
            })
        })
}

/// Payloads of this many bytes together are compared as JSON; more only byte by byte, since parsing them would keep
/// everybody else waiting.
const MAX_PARSED: usize = 256 * 1024;

fn of_finish(kind: &str, existing: &[FinishSpec], asked: &[FinishSpec]) -> Option<String> {
    let first = |(n, (existing, asked)): (usize, (&FinishSpec, &FinishSpec))| {
        let name = |part| format!("finish[{n}].{part}");
        text(&name("kind"), &existing.kind, &asked.kind)
            .or_else(|| json(kind, &name("payload"), &existing.payload, &asked.payload))
    };
    // How the rounds of a known kind end is its coordinator's to say, and a newer version may say something else.
    let kinds = |steps: &[FinishSpec]| steps.iter().map(|step| step.kind.clone()).collect::<Vec<_>>();
    if has_preset(kind) && kinds(existing) != kinds(asked) {
        return None;
    }
    let pairs = existing.iter().zip(asked).enumerate();
    let lengths = (existing.len(), asked.len());
    pairs.into_iter().find_map(first).or_else(|| field("number of finish items", &lengths.0, &lengths.1))
}

fn of_roots(kind: &str, existing: &[WorkItem], asked: &[WorkItem]) -> Option<String> {
    let bytes: usize = asked.iter().map(|root| root.payload.len()).sum();
    let payload = |name: &str, existing: &str, asked: &str| match bytes <= MAX_PARSED {
        true => json(kind, name, existing, asked),
        false => text(name, existing, asked),
    };
    let pairs = existing.iter().zip(asked).enumerate();
    let first = |(n, (existing, asked)): (usize, (&WorkItem, &WorkItem))| {
        let name = |part| format!("roots[{n}].{part}");
        field(&name("key"), &existing.key, &asked.key)
            .or_else(|| text(&name("kind"), &existing.kind, &asked.kind))
            .or_else(|| payload(&name("payload"), &existing.payload, &asked.payload))
            .or_else(|| field(&name("priority"), &existing.priority, &asked.priority))
    };
    pairs.into_iter().find_map(first).or_else(|| field("number of roots", &existing.len(), &asked.len()))
}

fn of_settings(kind: &str, existing: &KindSettings, asked: &KindSettings) -> Option<String> {
    // What results must be is the coordinator's to say, and no client's: a newer version may say more.
    let KindSettings { max_run, max_in_flight, budgets, backoff, max_unavailable, exclusive, result: _ } =
        asked;
    let name = |part| format!("limits.{kind}.{part}");
    field(&name("max_run"), &existing.max_run, max_run)
        .or_else(|| field(&name("max_in_flight"), &existing.max_in_flight, max_in_flight))
        .or_else(|| field(&name("budgets"), &existing.budgets, budgets))
        .or_else(|| field(&name("backoff"), &existing.backoff, backoff))
        .or_else(|| field(&name("max_unavailable"), &existing.max_unavailable, max_unavailable))
        .or_else(|| field(&name("exclusive"), &existing.exclusive, exclusive))
}

fn field<T: Debug + PartialEq>(name: &str, existing: &T, asked: &T) -> Option<String> {
    if existing == asked { None } else { text(name, &format!("{existing:?}"), &format!("{asked:?}")) }
}

/// Compares what is JSON by what it says.
fn json(kind: &str, name: &str, existing: &str, asked: &str) -> Option<String> {
    if says_the_same(kind, existing, asked) { None } else { text(name, existing, asked) }
}

fn text(name: &str, existing: &str, asked: &str) -> Option<String> {
    if existing == asked {
        return None;
    }
    let same = existing.chars().zip(asked.chars()).take_while(|(a, b)| a == b).count();
    Some(format!("{name} is `{}` there and `{}` here", shortened(existing, same), shortened(asked, same)))
}

/// A text cut to what a message can show, from shortly before the first character that differs.
fn shortened(text: &str, first_different: usize) -> String {
    let length = text.chars().count();
    if length <= SHOWN_CHARS {
        return text.to_owned();
    }
    let from = first_different.saturating_sub(LEAD_CHARS).min(length - SHOWN_CHARS);
    let shown: String = text.chars().skip(from).take(SHOWN_CHARS).collect();
    let (before, after) =
        (if from > 0 { "…" } else { "" }, if from + SHOWN_CHARS < length { "…" } else { "" });
    format!("{before}{shown}{after}")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use edgraph_shared::model::DeadPolicy;

    use super::*;

    fn spec() -> PipelineSpec {
        PipelineSpec {
            kind: "test".into(),
            params: "{}".into(),
            roots: vec![WorkItem::new("find", "find/1".parse().unwrap(), "{}")],
            counted_kind: "work".into(),
            limits: [("work".to_owned(), KindSettings::default())].into(),
            ..PipelineSpec::default()
        }
    }

    #[test]
    fn the_first_difference_is_named_with_both_values() {
        let change = |change: fn(&mut PipelineSpec)| {
            let mut other = spec();
            change(&mut other);
            of_specs(&spec(), &other).expect("they differ")
        };
        let long = |end: &str| format!("{}{end}", "x".repeat(100));
        for (found, expected) in [
            (change(|s| s.kind = "other".into()), "kind is `test` there and `other` here"),
            (change(|s| s.params = "{\"a\":1}".into()), "params is `{}` there and `{\"a\":1}` here"),
            (change(|s| s.roots[0].payload = "1".into()), "roots[0].payload is `{}` there and `1` here"),
            (change(|s| s.roots.clear()), "number of roots is `1` there and `0` here"),
            (
                change(|s| s.finish = vec![FinishSpec { kind: "load".into(), payload: String::new() }]),
                "number of finish items is `0` there and `1` here",
            ),
            (change(|s| s.dead_policy = DeadPolicy::Hold), "and `Hold` here"),
            (
                change(|s| s.deadline = Some(Duration::from_secs(9))),
                "deadline is `None` there and `Some(9s)` here",
            ),
            (
                change(|s| s.limits.get_mut("work").unwrap().max_in_flight = Some(3)),
                "limits.work.max_in_flight is `None` there and `Some(3)` here",
            ),
        ] {
            assert!(found.ends_with(expected), "{found}");
        }
        let found = text("params", &long("a"), &long("b")).unwrap();
        assert!(found.len() < 200 && found.contains("xa` there") && found.contains("xb` here"), "{found}");
    }

    #[test]
    fn json_is_compared_by_what_it_says() {
        let with = |params: &str| {
            let mut spec = PipelineSpec { params: params.into(), ..spec() };
            spec.roots[0].payload = params.into();
            spec.finish = vec![FinishSpec { kind: "load".into(), payload: params.into() }];
            spec
        };
        let one = with(r#"{"a":1,"b":[2]}"#);
        assert_eq!(of_specs(&one, &with(r#"{ "b": [2], "a": 1 }"#)), None);
        let found = of_specs(&one, &with(r#"{"b":[2],"a":2}"#)).unwrap();
        assert!(found.starts_with("params is"), "{found}");
    }

    #[test]
    fn a_kind_without_limits_has_the_defaults() {
        let mut bare = spec();
        bare.limits.clear();
        assert_eq!(of_specs(&spec(), &bare), None);
    }
}
