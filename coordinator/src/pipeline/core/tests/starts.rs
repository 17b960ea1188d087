//! A start that comes again: the same pipeline, or a refusal that names the difference.

use super::*;

fn start(core: &mut Core, id: Option<&str>, request: &str, spec: PipelineSpec) -> Result<String, String> {
    let id = id.map(|id| id.parse().unwrap());
    let command = Command::Start { id, request_id: request.into(), spec: Box::new(spec) };
    match core.step(command, NOW, 1).reply {
        Some(Ok(Reply::Started(status, _))) => Ok(status.id.to_string()),
        Some(Err(error)) => Err(error.to_string()),
        other => panic!("a start is not answered with {other:?}"),
    }
}

#[test]
fn a_start_that_comes_again_is_the_same_pipeline() {
    let mut core = Core::new(Timing::default());
    let body = || spec("a", 2, None);
    assert_eq!(start(&mut core, Some("a"), "r1", body()).unwrap(), "a");
    for (id, request) in [(Some("a"), "r1"), (Some("a"), ""), (Some("a"), "r2"), (None, "r1")] {
        assert_eq!(start(&mut core, id, request, body()).unwrap(), "a", "{id:?} {request}");
    }
    let made_up = start(&mut core, None, "r3", body()).unwrap();
    assert_eq!(start(&mut core, None, "r3", body()).unwrap(), made_up);
    assert_eq!(core.pipelines().len(), 2);
}

#[test]
fn a_start_with_another_body_is_refused_with_the_difference() {
    let mut core = Core::new(Timing::default());
    start(&mut core, Some("a"), "r1", spec("a", 2, None)).unwrap();
    let other = || spec("a", 2, Some("graph"));
    for (id, request, body, difference) in [
        (Some("a"), "", other(), "limits.work.exclusive is `None` there and `Some(\"graph\")` here"),
        (None, "r1", other(), "limits.work.exclusive is `None` there and `Some(\"graph\")` here"),
        (Some("a"), "r1", spec("a", 3, None), "number of roots is `2` there and `3` here"),
        (Some("b"), "r1", spec("a", 2, None), "pipeline_id is `\"a\"` there and `\"b\"` here"),
    ] {
        let error = start(&mut core, id, request, body).unwrap_err();
        let expected =
            format!("pipeline `a` exists with other contents: {difference}; choose another id or request id");
        assert_eq!(error, expected);
    }
    assert_eq!(core.pipelines().len(), 1);
}
