"""A pipeline of one's own: counts the words of text files, on as many machines as there are workers.

python word_count.py worker one &          # as many as you like, each with a name
python word_count.py count nightly README.md LICENSE

Both find the coordinator at EDGRAPH_COORDINATOR. A worker may be killed at any moment: what it held is counted by
another one, and nothing twice.
"""

import sys
from pathlib import Path

from edgraph import Item, Permanent, Pipeline, Worker

KIND = "count_words"


def count_words(item: Item) -> dict[str, int]:
    """The work of one item."""
    try:
        return {"words": len(Path(item.payload).read_text().split())}
    except OSError as error:
        raise Permanent(str(error)) from error


def count(pipeline_id: str, files: list[str]) -> None:
    """Starts a pipeline, waits for it, and prints what came of each file."""
    pipeline = Pipeline("word_count", pipeline_id)
    roots = [{"kind": KIND, "key": f"{KIND}/{file}", "payload": file} for file in files]
    pipeline.start(spec={"roots": roots, "counted_kind": KIND})
    ended = pipeline.wait()
    for item in pipeline.items():
        words = int(item["result"]["words"]) if item["result"] else item["reason"]
        print(f"{item['key']}\t{words}")
    if ended["state"] != "completed":
        sys.exit(f"{ended['state']}: {ended['state_reason']}")


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if len(arguments) == 2 and arguments[0] == "worker":
        Worker({KIND: count_words}, worker_id=arguments[1], slots=4, drain=5).run()
    elif len(arguments) > 2 and arguments[0] == "count":
        count(arguments[1], arguments[2:])
    else:
        sys.exit("usage: word_count.py worker NAME | word_count.py count ID FILE…")
