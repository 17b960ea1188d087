"""Which coordinator is asked: the last one that answered, the leader that a standby named, or the next in turn. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from .errors import EdgraphError, Unavailable


class Targets:
    """The coordinators of one fleet."""

    def __init__(self, endpoints: Sequence[str], has_token: bool) -> None:
        self._endpoints = list(endpoints)
        self._has_token = has_token
        self._turn = 0
        self.current = self._endpoints[0]

    def learn(self, address: str, error: EdgraphError) -> tuple[EdgraphError, bool]:
        """Chooses whom to ask next after an error from `address`.

        Returns the error, or what is wrong with the leader that was named; and whether that one is asked next.
        """
        if not error.is_retryable:
            return error, False
        leader = error.metadata.get("leader")
        if leader is None:
            self._lost(address)
            return error, False
        leader = self._with_scheme(leader)
        is_downgrade = self._is_encrypted and not leader.startswith("https://")
        if leader == address or is_downgrade:
            self._lost(address)
            return error, False
        if not self._may_have_token(leader):
            self._lost(address)
            strange = (
                f"{address} says that {leader} leads, an address that nobody gave and no certificate proves: the token "
                f"is not sent there; give {leader} too, or https:// addresses alone"
            )
            return Unavailable(strange, reason="NOT_LEADER"), False
        self.current = leader
        return error, True

    def _lost(self, address: str) -> None:
        if self.current == address:
            self._turn = (self._turn + 1) % len(self._endpoints)
            self.current = self._endpoints[self._turn]

    def _may_have_token(self, leader: str) -> bool:
        """Anybody can stand where a standby was, and name any address. Where all that were given have certificates,
        whoever names a leader has proven who it is; otherwise only the hosts that were given are believed."""
        is_proven = all(given.startswith("https://") for given in self._endpoints)
        is_given = any(_host(given) == _host(leader) for given in self._endpoints)
        return not self._has_token or is_proven or is_given

    @property
    def _is_encrypted(self) -> bool:
        return any(given.startswith("https://") for given in self._endpoints)

    def _with_scheme(self, address: str) -> str:
        if "://" in address:
            return address
        return f"https://{address}" if self._is_encrypted else f"http://{address}"


def _host(address: str) -> str | None:
    return urlsplit(address).hostname
