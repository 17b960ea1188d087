"""The fenced blocks of documents, and their commands with what is printed after each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
#: What differs from run to run and from machine to machine.
VARIES = [
    (re.compile(r"\d+\.\d+ s\b"), "N s"),
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:]+Z"), "TIME"),
    (re.compile(r"\d+\.\d+ KiB"), "N KiB"),
    # Redis' own client quotes what it prints on a terminal.
    (re.compile(r'^"(\d+)"$', re.MULTILINE), r"\1"),
]


@dataclass(frozen=True)
class Command:
    """A command line of a document."""

    document: str
    line: str
    #: What stands after it; `None` where nothing is said of that.
    prints: str | None


def blocks(document: str) -> list[tuple[str, str]]:
    """All fenced blocks of a document: their language, and their text."""
    return FENCE.findall((ROOT / document).read_text())


def commands(document: str) -> list[Command]:
    """All commands of a document's `console` and `sh` blocks, in order, without remarks."""
    found = []
    for language, text in blocks(document):
        if language == "console":
            for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
                line, _, prints = part.partition("\n")
                found.append(Command(document, line, prints))
        elif language == "sh":
            lines = [re.sub(r"\s+# .*$", "", line) for line in text.splitlines()]
            found += [Command(document, line, None) for line in lines if line.strip()]
    return found


def plain(text: str) -> str:
    """A text without what varies."""
    for pattern, stands in VARIES:
        text = pattern.sub(stands, text)
    return text
