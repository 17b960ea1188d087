"""How every view looks: at every width and in both schemes, empty and full, to those who see it and to those who do not."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import Site
from playwright.sync_api import Page, expect

PICTURES = os.environ.get("EDGRAPH_PICTURES")
SIZES = [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]
#: A reason as a hostile server might give it, and the others that items die of.
REASONS = [
    "GET /Archives/1.zip: 404 Not Found",
    '<img src=x onerror="alert(1)"> is no filing',
    "the schema https://xbrl.example.com/a/very/long/address/without/any/space/in/it/that/does/not/fit/a/phone.xsd is missing",
]

#: Notes each jump of the layout, and what moved.
JUMPS = """
window.jumps = [];
new PerformanceObserver((list) => {
  for (const jump of list.getEntries()) {
    if (!jump.hadRecentInput) {
      window.jumps.push([jump.value, jump.sources.map((source) => source.node && source.node.outerHTML?.slice(0, 90))]);
    }
  }
}).observe({ type: "layout-shift", buffered: true });
"""


def fill(site: Site, pipelines: int) -> None:
    """Pipelines whose items are their clients', the first with 10,000 of which some are dead."""
    for number in range(pipelines):
        site.own(f"pipeline-{number:02}")
    for first in range(0, 10_000 if pipelines else 0, 1_000):
        items = [{"key": f"letters/{key:05}"} for key in range(first, first + 1_000)]
        site.ask("POST", "pipelines/pipeline-00/items/add", {"items": items})
    if pipelines:
        site.done("pipeline-00", range(600))
        site.failed("pipeline-00", range(1_000, 1_900), REASONS)


def look(page: Page, name: str) -> None:
    """Nothing wider than the screen, no jump, nothing that a reader of screens cannot use."""
    page.wait_for_timeout(600)
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0, f"{name} is {overflow} px wider than the screen"
    jumps = page.evaluate("window.jumps")
    assert sum(value for value, _ in jumps) < 0.1, f"{name} jumps: {jumps}"
    found = Axe().run(page)
    assert found.violations_count == 0, f"{name}: {found.generate_report()}"
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("pipelines", [0, 1, 20])
def test_pipelines_items_and_workers(site: Site, opened: Callable[..., Page], pipelines: int) -> None:
    fill(site, pipelines)
    for width, scheme in SIZES:
        page = opened("about:blank", width, scheme)
        page.add_init_script(JUMPS)
        page.goto(site.page)
        size = f"{pipelines}-{width}-{scheme}"
        if pipelines == 0:
            expect(page.get_by_text("No pipeline yet")).to_be_visible()
            look(page, f"pipelines-{size}")
            page.get_by_role("link", name="Workers").click()
            # What ends rounds in the coordinator's own process is a worker, too.
            expect(page.get_by_role("table", name="Workers").locator("tbody tr")).to_have_count(1)
            look(page, f"workers-{size}")
            continue
        rows = page.get_by_role("table", name="Pipelines").locator("tbody tr")
        expect(rows).to_have_count(pipelines)
        look(page, f"pipelines-{size}")
        page.get_by_role("link", name="pipeline-00").click()
        expect(page.get_by_text("Failures by cause")).to_be_visible()
        expect(page.get_by_text(REASONS[1])).to_be_visible()
        look(page, f"pipeline-{size}")
        page.get_by_role("link", name="Items", exact=True).click()
        expect(page.get_by_role("status").filter(has_text="so far")).to_have_text("100 items so far")
        look(page, f"items-{size}")
        page.get_by_role("button", name="More").click()
        expect(page.get_by_role("status").filter(has_text="so far")).to_have_text("200 items so far")
        page.get_by_role("link", name="letters/00000").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("letters/00000")
        look(page, f"item-{size}")


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_answers_of_the_graph(samples: str, opened: Callable[..., Page], width: int, scheme: str) -> None:
    page = opened("about:blank", width, scheme)
    page.add_init_script(JUMPS)
    for name, place, sign in [
        ("pipeline", "pipelines/run", "Work by kind"),
        ("workers", "workers", "worker-1"),
        ("statement", "statement?company=LKSP&span=years&periods=3", "Choose a number"),
        ("earnings", "statement?company=0009900001-25-000011&statement=RetainedEarnings", "Choose a number"),
        ("series", "series?companies=LKSP,QUIL&name=gaap:Assets", "The same as rows"),
        ("absent", "series?companies=LKSP&name=net_income", "no filing in this graph tells"),
        ("find", "find?text=revenue", "Concepts"),
        ("query", "query", "Cypher that reads"),
    ]:
        page.goto("about:blank")
        page.goto(f"{samples}#/{place}")
        expect(page.get_by_text(sign).first).to_be_attached()
        if name == "query":
            page.get_by_role("button", name="Run").click()
            expect(page.get_by_role("table", name="Rows")).to_be_visible()
        look(page, f"{name}-{width}-{scheme}")
