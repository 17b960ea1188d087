"""What people do on the page: follow a pipeline, retry what failed of one cause, look answers up; and what they are told."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Site
from playwright.sync_api import Page, expect
from tests.conftest import PROGRAM, Coordinator, eventually, filing_worker, free_port

NOT_FOUND, NO_SCHEMA = "GET /Archives/{}.zip: 404 Not Found", "the schema of 2031 is missing"


def test_from_a_failure_to_its_retry_in_three_clicks(site: Site, opened: Callable[..., Page]) -> None:
    site.own("nightly")
    site.failed(
        "nightly", range(312), [NOT_FOUND.format("0009900001-25-000011"), NOT_FOUND.format("0009900002-24-000040")]
    )
    site.failed("nightly", range(312, 350), [NO_SCHEMA])
    page = opened(site.page)
    page.get_by_role("link", name="nightly").click()
    cause = page.get_by_role("listitem").filter(has_text="404 Not Found")
    cause.get_by_role("button", name="Retry 312 …").click()
    asks = page.get_by_role("dialog", name="Retry 312 items?")
    expect(asks).to_be_visible()
    asks.get_by_role("button", name="Retry 312").click()
    expect(asks).not_to_be_visible()
    expect(cause).to_have_count(0)
    expect(page.get_by_role("listitem").filter(has_text=NO_SCHEMA)).to_be_visible()
    status = site.ask("GET", "pipelines/nightly")["pipeline"]
    assert (status["failed_tasks"], status["expected_tasks"]) == ("38", "350")


def test_a_run_is_followed_though_the_coordinator_restarts(site: Site, opened: Callable[..., Page]) -> None:
    # The browser notes that nobody answers.
    page = opened(site.page, may_fail=True)
    form = page.get_by_role("form", name="Start a pipeline")
    form.get_by_label("Tickers").fill("LKSP, QUIL")
    form.get_by_label("Name").fill("followed")
    form.get_by_role("button", name="Start").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("followed")
    expect(page.get_by_text("no worker takes")).to_be_visible()
    site.coordinator.kill()
    expect(page.get_by_text("The coordinator is away")).to_be_visible()
    site.coordinator.begin()
    expect(page.get_by_text("The coordinator is away")).not_to_be_visible()
    seen: list[int] = []
    page.expose_function("saw", lambda percent: seen.append(percent))
    page.evaluate("""() => {
      const note = () => window.saw(document.querySelector("progress").value);
      new MutationObserver(note).observe(document.querySelector("main"), { subtree: true, attributes: true, childList: true });
    }""")
    filing_worker(site.coordinator)
    expect(page.get_by_role("progressbar").first).to_have_js_property("value", 100)
    expect(page.get_by_text(re.compile("^completed")).first).to_be_visible()
    assert seen == sorted(seen)


def test_work_is_seen_selected_and_steered(site: Site, opened: Callable[..., Page]) -> None:
    site.own("nightly")
    site.ask("POST", "pipelines/nightly/items/add", {"items": [{"key": f"letters/{key}"} for key in range(30)]})
    page = opened(f"{site.page}#/pipelines/nightly")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("paused", exact=True)).to_be_visible()
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text("running", exact=True)).to_be_visible()
    page.get_by_role("link", name="Items", exact=True).click()
    form = page.get_by_role("form", name="Select items")
    form.get_by_role("combobox", name="State").select_option("ready")
    form.get_by_label("Kind").fill("letters")
    form.get_by_role("button", name="Show").click()
    expect(page.get_by_text("30 items")).to_be_visible()
    # What cannot be done to what is selected is not offered, and what comes to nothing is said.
    expect(page.get_by_role("button", name="Retry …")).to_be_disabled()
    page.get_by_role("button", name="Run now …").click()
    expect(page.get_by_text("there is none to run now")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="Cancel …").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel 30").click()
    expect(page.get_by_text("No such item.")).to_be_visible()
    page.get_by_role("link", name="Back to nightly").click()
    page.get_by_role("button", name="Cancel …").click()
    page.get_by_role("button", name="Cancel it").click()
    page.get_by_role("button", name="Forget …").click()
    page.get_by_role("button", name="Forget it").click()
    expect(page.get_by_text("No pipeline yet")).to_be_visible()


def test_it_is_used_by_keyboard_alone(site: Site, opened: Callable[..., Page]) -> None:
    site.own("nightly")
    site.failed("nightly", range(3), [NO_SCHEMA])
    page = opened(site.page)
    expect(page.get_by_role("link", name="nightly")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="To the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.get_by_role("link", name="nightly").focus()
    page.keyboard.press("Enter")
    # Whoever hears the page hears where they are.
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    expect(page).to_have_title("nightly · edgraph")
    page.get_by_role("button", name="Retry 3 …").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_role("button", name="Retry 3")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Failures by cause")).to_have_count(0)


def test_a_coordinator_with_tokens_asks_for_one(tmp_path: Path, opened: Callable[..., Page]) -> None:
    (tmp_path / "tokens").write_text("viewer looks\nadmin does\n")
    port = free_port()
    coordinator = Coordinator(tmp_path, "--http", f"127.0.0.1:{port}", "--tokens", str(tmp_path / "tokens"))
    site = Site(coordinator, f"http://127.0.0.1:{port}/")
    try:
        eventually("it leads", site.leads)
        page = opened(site.page, may_fail=True)
        expect(page.get_by_role("alert")).to_contain_text("token")
        page.get_by_role("button", name="Token").click()
        page.get_by_label("Bearer token").fill("looks")
        page.get_by_role("button", name="Keep").click()
        expect(page.get_by_text("No pipeline yet")).to_be_visible()
        form = page.get_by_role("form", name="Start a pipeline")
        form.get_by_label("Tickers").fill("LKSP")
        form.get_by_role("button", name="Start").click()
        expect(page.get_by_role("alert")).to_contain_text("viewer")
        assert "looks" not in page.url
    finally:
        coordinator.close()


def cells(page: Page) -> list[list[str]]:
    """The numbers of a statement, row by row."""
    rows = page.locator("table.sheet tbody tr").all()
    return [[cell.inner_text() for cell in row.locator("td").all()] for row in rows]


@pytest.mark.parametrize(
    ("company", "statement"), [("LKSP", "income"), ("LKSP", "balance"), ("0009900001-25-000011", "RetainedEarnings")]
)
def test_a_statement_is_what_the_command_prints(
    samples: str, data: Path, opened: Callable[..., Page], company: str, statement: str
) -> None:
    page = opened(f"{samples}#/statement?company={company}&statement={statement}")
    expect(page.get_by_text("Choose a number")).to_be_visible()
    command = [PROGRAM, "statement", company, statement, "--graph", str(data / "graph")]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    # Lines of the table, without those above totals.
    lines = [line for line in printed.splitlines() if line.startswith("│") and "──" not in line]
    body = [re.split("[│┆]", line)[2:-1] for line in lines]
    numbers = [[cell.strip() for cell in row] for row in body if any(re.search(r"\d|—", cell) for cell in row)]
    shown = [row for row in cells(page) if any(row)]
    assert shown == [row for row in numbers if row in shown], printed
    assert len(shown) >= 3


def test_a_number_says_where_it_is_from(samples: str, opened: Callable[..., Page]) -> None:
    page = opened(f"{samples}#/statement?company=LKSP")
    page.locator("table.sheet td button").first.click()
    proof = page.get_by_role("dialog")
    expect(proof).to_contain_text("Concept")
    expect(proof).to_contain_text("gaap:")
    proof.get_by_role("link").click()
    expect(page).to_have_url(re.compile(r"company=\d{10}-\d{2}-\d{6}"))


def test_series_search_and_cypher_answer(samples: str, opened: Callable[..., Page]) -> None:
    page = opened(f"{samples}#/find")
    page.get_by_label("Words").fill("larkspur")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("region", name="Companies").get_by_role("link").first.click()
    expect(page.locator("table.sheet")).to_be_visible()
    page.goto(f"{samples}#/series?companies=LKSP&name=gaap:Assets")
    expect(page.get_by_role("img", name=re.compile("gaap:Assets of LKSP"))).to_be_visible()
    rows = page.get_by_role("table", name="The same as rows").locator("tbody tr")
    assert rows.count() >= 2
    page.get_by_role("link", name="Query").click()
    page.get_by_label("Cypher that reads").fill("MATCH (e:Entity) RETURN e.ticker AS ticker ORDER BY ticker")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("table", name="Rows").locator("tbody")).to_have_text(re.compile("LKSP.*QUIL"))
    for example in page.get_by_role("group", name="Examples").get_by_role("button").all():
        example.click()
        expect(page.get_by_role("status").filter(has_text="row")).to_be_visible()
        expect(page.get_by_role("alert")).to_have_count(0)


def test_what_cannot_be_answered_says_why(samples: str, opened: Callable[..., Page]) -> None:
    for place, why in [
        ("statement?company=NOBODY", "NOBODY"),
        ("series?companies=LKSP&name=nonsense", "neither a name of the standard map"),
        ("find?text=zzzz", "nothing in this graph has that"),
        ("pipelines/nobody", "no pipeline `nobody`"),
        ("nowhere", "There is no such place"),
    ]:
        page = opened(f"{samples}#/{place}", may_fail=True)
        expect(page.get_by_text(why)).to_be_visible()


def test_nobody_else_may_put_it_into_a_frame_or_a_script_into_it(samples: str, opened: Callable[..., Page]) -> None:
    page = opened(samples, may_fail=True)
    expect(page.get_by_role("link", name="run", exact=True)).to_be_visible()
    page.evaluate("""() => {
      const script = document.createElement("script");
      script.textContent = "window.isTaken = true";
      document.body.append(script);
    }""")
    assert page.evaluate("window.isTaken") is None
