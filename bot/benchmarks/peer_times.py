"""JioNLP's reading of times. Runs in an environment of its own (`make bench-peers`): JioNLP pulls in GPL code.

Standard input: one JSON object {"now": seconds, "texts": [...], "rounds": n}. Output: {"milliseconds": [...],
"read": [... or null]}.
"""

import json
import sys
import time

import jionlp  # type: ignore[import-not-found]


def run() -> None:
    asked = json.load(sys.stdin)
    spent, read = [], []
    for turn in range(asked["rounds"]):
        for text in asked["texts"]:
            start = time.perf_counter()
            try:
                # Another base each turn, so that nothing comes from a cache.
                found = jionlp.parse_time(text, time_base=asked["now"] + turn)["time"]
            except (ValueError, KeyError, TypeError):
                found = None
            spent.append((time.perf_counter() - start) * 1000)
            if turn == 0:
                read.append(found if isinstance(found, list) else None)
    json.dump({"milliseconds": spent, "read": read}, sys.stdout)


if __name__ == "__main__":
    run()
