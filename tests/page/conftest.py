"""A browser, and coordinators that serve the page."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright
from tests.conftest import PROGRAM, SAMPLES, Coordinator, eventually, free_port

#: What keeps a browser from asking anybody but the page.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
#: Milliseconds after which something that is waited for on the page is missing.
PATIENCE = 30_000
expect.set_options(timeout=PATIENCE)


@dataclass
class Site:
    """A coordinator with the page."""

    coordinator: Coordinator
    page: str

    def ask(self, verb: str, path: str, body: object = None) -> dict[str, Any]:
        """What the API answers."""
        data = None if body is None else json.dumps(body).encode()
        headers = {} if data is None else {"content-type": "application/json"}
        request = urllib.request.Request(f"{self.page}api/v1/{path}", data, headers, method=verb)
        with urllib.request.urlopen(request) as response:
            return json.load(response)

    def leads(self) -> bool:
        """Whether it can be asked by now."""
        try:
            with urllib.request.urlopen(f"{self.page}readyz"):
                return True
        except (urllib.error.URLError, ConnectionError):
            return False

    def own(self, pipeline: str) -> None:
        """Starts a pipeline whose items are its clients'."""
        spec = {"counted_kind": "letters", "client_items": {}}
        self.ask("POST", "pipelines", {"pipeline_id": pipeline, "kind": "letters", "spec": spec})

    def done(self, pipeline: str, keys: range) -> None:
        """Some of its items are done."""
        items = [{"key": f"letters/{key:05}"} for key in keys]
        self.ask("POST", f"pipelines/{pipeline}/items/complete", {"items": items})

    def failed(self, pipeline: str, keys: range, reasons: list[str]) -> None:
        """Some of its items are dead, each of one of the reasons in turn."""
        items = [{"key": f"letters/{key:05}", "reason": reasons[key % len(reasons)]} for key in keys]
        self.ask("POST", f"pipelines/{pipeline}/items/fail", {"items": items})


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    port = free_port()
    coordinator = Coordinator(tmp_path, "--http", f"127.0.0.1:{port}", "--graph", str(tmp_path / "graph"))
    try:
        site = Site(coordinator, f"http://127.0.0.1:{port}/")
        eventually("it leads", site.leads)
        yield site
    finally:
        coordinator.close()


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a run over the sample filings writes."""
    return tmp_path_factory.mktemp("samples") / "data"


@pytest.fixture(scope="session")
def samples(data: Path) -> Iterator[str]:
    """The page of that run, which has ended and stays."""
    folder = data.parent
    command = [
        *(PROGRAM, "run", "--ui=127.0.0.1:0", "--edgar", SAMPLES.as_uri(), "--taxonomies", str(SAMPLES / "taxonomies")),
        *("--universe", "all", "--amendments", "--out", str(data)),
    ]
    with (folder / "said").open("w+") as said:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said)
        stays = re.compile(r"the page stays at (\S+) until Ctrl-C")
        found = eventually("the run ends", lambda: stays.search((folder / "said").read_text()))
        yield found[1] + "/"
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0, (folder / "said").read_text()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=os.environ["EDGRAPH_CHROMIUM"], args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def opened(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens pages; one whose console says anything fails the test, unless it may."""
    said: list[str] = []
    contexts = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            said.append(f"{message.type}: {message.text}")

    def begin(address: str, width: int = 1280, scheme: str = "light", may_fail: bool = False) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        # A browser itself notes each request that fails.
        if not may_fail:
            page.on("console", note)
        page.on("pageerror", lambda error: said.append(f"thrown: {error}"))
        page.goto(address)
        return page

    yield begin
    for context in contexts:
        context.close()
    assert said == []
