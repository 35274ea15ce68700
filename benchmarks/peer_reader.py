"""Runs the `reader` library over a list of feeds twice and prints what it took, as JSON. For sweep.py, in reader's venv.

It takes the addresses as lines on standard input, and the database's path and the number of workers as arguments.
"""

import json
import resource
import sys
import time

from reader import make_reader


def main() -> None:
    reader = make_reader(sys.argv[1])
    addresses = sys.stdin.read().split()
    for address in addresses:
        reader.add_feed(address)
    runs = []
    for _ in range(2):
        wall, cpu = time.perf_counter(), time.process_time()
        reader.update_feeds(workers=int(sys.argv[2]), scheduled=False)
        runs.append({"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall})
    failed = sum(1 for feed in reader.get_feeds() if feed.last_exception is not None)
    print(
        json.dumps(
            {
                "runs": runs,
                "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                "entries": reader.get_entry_counts().total,
                "failed": failed,
            }
        )
    )


if __name__ == "__main__":
    main()
