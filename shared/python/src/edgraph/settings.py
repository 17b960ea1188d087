"""Where the coordinators are and who asks them: arguments before environment, the same variables as the command line's."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import grpc

_DEFAULT = "http://127.0.0.1:50051"
#: Half-open connections are noticed by pings; a coordinator that comes back is tried again at once.
_OPTIONS: list[tuple[str, int]] = [
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1_000),
    ("grpc.max_receive_message_length", 16 * 1024 * 1024),
    ("grpc.enable_retries", 0),
]


@dataclass(frozen=True)
class Settings:
    """How coordinators are reached."""

    #: ``http://host:port`` or ``https://host:port``, of one fleet: the one that leads is found.
    endpoints: tuple[str, ...]
    token: str | None
    #: PEM; the system's authorities when absent.
    authority: bytes | None
    #: Certificate chain and private key, PEM.
    identity: tuple[bytes, bytes] | None
    #: Seconds for which a call that is safe to repeat is repeated while no coordinator leads or answers.
    patience: float

    @classmethod
    def of(
        cls,
        endpoints: str | Sequence[str] | None = None,
        token: str | None = None,
        tls_ca: str | Path | None = None,
        identity: tuple[str | Path, str | Path] | None = None,
        patience: float = 30.0,
    ) -> Settings:
        """What is given, and for the rest what EDGRAPH_COORDINATOR, EDGRAPH_TOKEN, EDGRAPH_TLS_CA, EDGRAPH_CLIENT_CERT
        and EDGRAPH_CLIENT_KEY say.

        Raises ValueError for what is no address.
        """
        given = endpoints if endpoints is not None else os.environ.get("EDGRAPH_COORDINATOR", _DEFAULT)
        named = given.split(",") if isinstance(given, str) else list(given)
        addresses = tuple(address.strip().rstrip("/") for address in named if address.strip())
        if not addresses:
            raise ValueError("no coordinator is named; give endpoints=… or EDGRAPH_COORDINATOR")
        for address in addresses:
            if not address.startswith(("http://", "https://")):
                raise ValueError(f"`{address}` is no address: give http://host:port or https://host:port")
        authority = tls_ca if tls_ca is not None else os.environ.get("EDGRAPH_TLS_CA")
        chain, key = os.environ.get("EDGRAPH_CLIENT_CERT"), os.environ.get("EDGRAPH_CLIENT_KEY")
        if identity is None and chain is not None and key is not None:
            identity = (chain, key)
        return cls(
            endpoints=addresses,
            token=token if token is not None else os.environ.get("EDGRAPH_TOKEN"),
            authority=Path(authority).read_bytes() if authority is not None else None,
            identity=(Path(identity[0]).read_bytes(), Path(identity[1]).read_bytes()) if identity else None,
            patience=patience,
        )

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        """What goes with every call."""
        return () if self.token is None else (("authorization", f"Bearer {self.token}"),)

    def channel(self, address: str) -> grpc.Channel:
        """A connection to one coordinator."""
        target = address.split("://", 1)[1]
        if address.startswith("http://"):
            return grpc.insecure_channel(target, options=_OPTIONS)
        return grpc.secure_channel(target, self._credentials(), options=_OPTIONS)

    def async_channel(self, address: str) -> grpc.aio.Channel:
        """The same for asyncio."""
        target = address.split("://", 1)[1]
        if address.startswith("http://"):
            return grpc.aio.insecure_channel(target, options=_OPTIONS)
        return grpc.aio.secure_channel(target, self._credentials(), options=_OPTIONS)

    def _credentials(self) -> grpc.ChannelCredentials:
        chain, key = self.identity or (None, None)
        return grpc.ssl_channel_credentials(self.authority, key, chain)
