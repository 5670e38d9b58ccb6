"""The threads of a process: who looks for work, how often, and how they stop together."""

import gc
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from bot import failures


@dataclass(frozen=True)
class Post:
    """A place where one thread works: `step` does what there is to do and returns how much that was."""

    name: str
    step: Callable[[], int]
    idle: float
    """Seconds until the next look when nobody calls."""
    call: threading.Event = field(default_factory=threading.Event)
    """Set by whoever left work for this post."""


def calm_collector() -> None:
    """What was built at the start stays for ever: leave it out of garbage collection, and collect less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


class Crew:
    """Starts a thread a post; `stop` lets each finish what it has in hand."""

    def __init__(self, posts: list[Post]) -> None:
        self._posts = posts
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._work, args=(post,), name=post.name, daemon=True) for post in posts
        ]

    def start(self) -> None:
        calm_collector()
        for thread in self._threads:
            thread.start()

    def stop(self, patience: float = 20.0) -> None:
        self._stopping.set()
        for post in self._posts:
            post.call.set()
        for thread in self._threads:
            thread.join(patience)

    def _work(self, post: Post) -> None:
        failed = 0
        while not self._stopping.is_set():
            try:
                busy = post.step()
                failed = 0
            except Exception:
                failed += 1
                failures.bug(post.name)
                self._stopping.wait(failures.back_off(failed, most=30).total_seconds())
                continue
            if not busy:
                post.call.wait(post.idle)
                post.call.clear()
