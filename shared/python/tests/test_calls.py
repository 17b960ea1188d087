"""What is done about calls without an answer, and whom a token may be sent to: tables, without a connection."""

from __future__ import annotations

import pytest

from edgraph.calls import Ask, Call, Wait, conduct
from edgraph.errors import EdgraphError, NotFound, Unavailable
from edgraph.targets import Targets
from edgraph.v1.pipeline_pb2 import GetPipelineRequest, GetPipelineResponse

ONE, TWO = "http://one:1", "http://two:2"


def call(is_repeatable: bool = True) -> Call[GetPipelineResponse]:
    return Call("service/method", GetPipelineRequest(), GetPipelineResponse, is_repeatable)


def asked(outcomes: list[GetPipelineResponse | EdgraphError], given: Call[GetPipelineResponse]) -> list[str]:
    """The coordinators that are asked, where these are the answers; the last of them ends the call."""
    steps, addresses, clock = conduct(given, Targets([ONE, TWO], False), 30.0, lambda: 0.0), list[str](), iter(outcomes)
    outcome = None
    try:
        while True:
            step = steps.send(outcome)
            if isinstance(step, Wait):
                outcome = None
                continue
            assert isinstance(step, Ask)
            addresses.append(step.address)
            outcome = next(clock)
    except StopIteration:
        return addresses


def test_the_next_is_asked_and_a_named_leader_at_once() -> None:
    away, done = Unavailable("away"), GetPipelineResponse()
    standby = Unavailable("standby", reason="NOT_LEADER", metadata={"leader": "three:3"})
    assert asked([done], call()) == [ONE]
    assert asked([away, away, done], call()) == [ONE, TWO, ONE]
    assert asked([standby, done], call()) == [ONE, "http://three:3"]
    with pytest.raises(NotFound):
        asked([NotFound("gone")], call())


def test_what_may_be_done_twice_is_not_repeated_where_nobody_knows() -> None:
    standby = Unavailable("standby", reason="NOT_LEADER")
    assert asked([standby, GetPipelineResponse()], call(is_repeatable=False)) == [ONE, TWO]
    with pytest.raises(Unavailable, match="away"):
        asked([Unavailable("away")], call(is_repeatable=False))


@pytest.mark.parametrize(
    ("given", "leader", "is_believed"),
    [
        ([ONE], "one:2", True),
        ([ONE], "http://ONE:2", True),
        ([ONE], "two:2", False),
        ([ONE], "http://one@two:2", False),
        ([ONE, "http://[::1]:2"], "http://[::1]:3", True),
        (["https://one:1"], "two:2", True),
        ([ONE, "https://two:1"], "https://three:1", False),
    ],
)
def test_a_token_goes_to_given_hosts_and_to_who_has_a_certificate(
    given: list[str], leader: str, is_believed: bool
) -> None:
    targets = Targets(given, True)
    error, is_followed = targets.learn(given[0], Unavailable("standby", metadata={"leader": leader}))
    assert is_followed == is_believed
    assert is_believed or "the token is not sent there" in str(error)
