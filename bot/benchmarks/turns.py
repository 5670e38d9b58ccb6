"""One worker process of the benchmark: takes turns until the inbox is empty, then prints its figures as JSON."""

import json
import sys
import time

from bot.crew import calm_collector
from bot.wiring import build
from config.settings import Settings


def run(database_url: str) -> None:
    house = build(Settings.model_validate({"database_url": database_url}))
    began, cpu, turns, empty = 0.0, 0.0, 0, 0
    while empty < 3:
        done = house.worker.run_once()
        if turns == 0 and done:  # the first look builds the lexicon: not part of a turn
            calm_collector()
            began, cpu = time.perf_counter(), time.process_time()
        turns += done
        empty = 0 if done else empty + 1
        if not done:
            time.sleep(0.02)
    seconds = time.perf_counter() - began
    print(json.dumps({"turns": turns, "seconds": seconds, "cpu": time.process_time() - cpu}))
    house.close()


if __name__ == "__main__":
    run(sys.argv[1])
