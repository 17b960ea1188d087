"""Items a second that Celery completes: python celery_bench.py SOCKET ITEMS

One worker of four processes, late acknowledgement, results kept; tasks do nothing; payloads and results have 300 bytes.
"""

import os
import subprocess
import sys
import time

import redis
from celery import Celery

BYTES = 300
PROCESSES = 4
SOCKET = os.environ.get("BENCH_SOCKET", "")

app = Celery("bench", broker=f"redis+socket://{SOCKET}", backend=f"redis+socket://{SOCKET}")
app.conf.task_acks_late = True


@app.task(name="work")
def work(payload):
    return "r" * BYTES


def main(socket, items):
    # Read again by the worker, and by this module when it is imported there.
    os.environ["BENCH_SOCKET"] = socket
    if SOCKET != socket:
        os.execv(sys.executable, [sys.executable, *sys.argv])
    with app.pool.acquire() as connection:
        for _ in range(items):
            work.apply_async(("p" * BYTES,), connection=connection)
    server = redis.Redis(unix_socket_path=socket)
    command = [sys.executable, "-m", "celery", "-A", "celery_bench", "worker", "--concurrency", str(PROCESSES)]
    command += ["--loglevel", "ERROR", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    worker = subprocess.Popen(command, cwd=os.path.dirname(os.path.abspath(__file__)), **quiet)
    try:
        # What is left in the queue, but for the few that are prefetched. Between a tenth and nine tenths of all.
        low, high = items // 10, items * 9 // 10
        began = ended = None
        while ended is None:
            done, now = items - server.llen("celery"), time.monotonic()
            if done >= low and began is None:
                began = (done, now)
            if done >= high:
                ended = (done, now)
            time.sleep(0.05)
        print(round((ended[0] - began[0]) / (ended[1] - began[1])))
    finally:
        worker.terminate()
        worker.wait()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
