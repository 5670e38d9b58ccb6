"""Hearing and reading in processes of their own: slow, hungry and fed by strangers, they must not harm the bot.

A fixed number of workers for each sense, started when first needed. A call takes a free worker, hands over
the bytes and waits, at most as long as the item may take; whoever waits longer, or whose worker dies, gets
an answer that says so, and the worker is replaced. Workers end when this process ends, even by kill -9.
"""

import json
import logging
import os
import queue
import socket
import subprocess
import sys
import threading
from base64 import b64decode
from collections.abc import Iterable
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from nlu.senses.config import SensesConfig
from nlu.senses.errors import EngineUnavailable, ModelBroken, ModelMissing
from nlu.senses.perception import Heard, Read

log = logging.getLogger(__name__)

PROJECT = Path(__file__).resolve().parents[2]

UNAVAILABLE: dict[str, type[EngineUnavailable]] = {"model_missing": ModelMissing, "model_broken": ModelBroken}

HEAR_WORDS = {
    "worker_lost": "这段语音听到一半时我这边出了故障，请过一会儿再发一遍，或者直接打字告诉我。",
    "engine_failed": "这段语音没有听成，是我这边的故障。请过一会儿再发一遍，或者直接打字告诉我。",
    "too_slow": "这段语音处理得太久，没有听成。请分成短一点的几段再发，或者直接打字告诉我。",
    "too_heavy": "这段语音占用太大，没有听成。请分成短一点的几段再发，或者直接打字告诉我。",
}
READ_WORDS = {
    "worker_lost": "这张图片看到一半时我这边出了故障，请过一会儿再发一遍，或者直接打字告诉我金额和日期。",
    "engine_failed": "这张图片没有读成，是我这边的故障。请过一会儿再发一遍，或者直接打字告诉我金额和日期。",
    "too_slow": "这个文件处理得太久，没有读完。请只拍票据部分再发，或者直接打字告诉我金额和日期。",
    "too_heavy": "这个文件占用太大，没有读成。请只拍票据部分再发，或者直接打字告诉我金额和日期。",
}


class Lost(Exception):
    """No answer came; `code` says why: worker_lost, too_slow, too_heavy, engine_failed."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class NeverTaken(Lost):
    """The worker was dead before it had the item."""


class Worker:
    """One process. `ask` is called by one thread at a time."""

    def __init__(self, sense: str, config: SensesConfig) -> None:
        self._config = config
        ours, theirs = socket.socketpair()
        watched, self._lifeline = os.pipe()
        path = os.pathsep.join(filter(None, (str(PROJECT), os.environ.get("PYTHONPATH"))))
        numbers = (str(theirs.fileno()), str(watched))
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "nlu.senses.worker", *numbers, sense, config.model_dump_json()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(), watched),
                env=os.environ | {"PYTHONPATH": path, "OMP_NUM_THREADS": str(config.threads)},
            )
        finally:
            theirs.close()
            os.close(watched)
        self._connection = Connection(ours.detach())
        self._ready = False
        self.at_work = False
        self.items = 0
        self.memory_mb = 0

    def warm(self) -> None:
        """Loads the engine. Raises ModelMissing, ModelBroken or Lost."""
        if not self._ready:
            self._exchange({"warm": True}, b"", self._config.load_seconds)
            self._ready = True

    def ask(self, request: dict[str, Any], data: bytes, seconds: float) -> str:
        self.warm()
        self.items += 1
        return str(self._exchange(request | {"warm": False}, data, seconds))

    def _exchange(self, request: dict[str, Any], data: bytes, seconds: float) -> Any:
        try:
            self._connection.send_bytes(json.dumps(request).encode())
            self._connection.send_bytes(data)
            if not self._connection.poll(self._config.load_seconds):
                raise Lost("too_slow")
            self._connection.recv_bytes()
        except (EOFError, OSError) as error:
            raise NeverTaken("worker_lost") from error
        self.at_work = True
        try:
            if not self._connection.poll(seconds):
                raise Lost("too_slow")
            answer = json.loads(self._connection.recv_bytes())
        except (EOFError, OSError) as error:
            raise Lost("worker_lost") from error
        finally:
            self.at_work = False
        self.memory_mb = answer["memory_mb"]
        if code := answer.get("error"):
            if code in UNAVAILABLE:
                raise UNAVAILABLE[code](answer["message"])
            log.warning("a worker could not finish its item: %s: %s", code, answer["message"])
            raise Lost(code)
        return answer["answer"]

    @property
    def worn(self) -> bool:
        return self.items >= self._config.most_items or self.memory_mb > self._config.worker_memory_mb

    def end(self) -> None:
        """Ends the process and waits for it."""
        self._connection.close()
        os.close(self._lifeline)
        try:
            self.process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Crew:
    """The workers of one sense. A place is empty until it is first taken."""

    def __init__(self, sense: str, config: SensesConfig, size: int) -> None:
        self._sense, self._config, self._size = sense, config, size
        self._lock, self._warming = threading.Lock(), threading.Lock()
        self._closed = False
        self._busy: set[Worker] = set()
        # The last one used is taken first, so that no second worker is started before it is needed.
        self._places: queue.LifoQueue[Worker | None] = queue.LifoQueue()
        for _ in range(size):
            self._places.put(None)

    def ask(self, request: dict[str, Any], data: bytes, seconds: float) -> str:
        """Waits for a free worker as long as it takes. Raises Lost, ModelMissing or ModelBroken."""
        try:
            return self._ask(request, data, seconds)
        except NeverTaken:
            if self._closed:
                raise
            return self._ask(request, data, seconds)

    def _ask(self, request: dict[str, Any], data: bytes, seconds: float) -> str:
        worker = self._take()
        keep = False
        try:
            answer = worker.ask(request, data, seconds)
            keep = not worker.worn
            return answer
        except EngineUnavailable:
            keep = True
            raise
        finally:
            self._give_back(worker, keep)

    def warm(self) -> None:
        """Starts every worker and loads its engine. Raises Lost, ModelMissing or ModelBroken."""
        with self._warming:
            taken = [self._take() for _ in range(self._size)]
            warm: set[Worker] = set()
            try:
                for worker in taken:
                    worker.warm()
                    warm.add(worker)
            finally:
                for worker in taken:
                    self._give_back(worker, worker in warm)

    def close(self) -> None:
        """Ends every worker; items under way are answered as lost, later ones raise RuntimeError."""
        with self._lock:
            self._closed = True
            for worker in self._busy:
                worker.process.kill()
        for _ in range(self._size):
            if (idle := self._places.get()) is not None:
                idle.end()
        for _ in range(self._size):
            self._places.put(None)

    def busy(self) -> set[int]:
        """The ids of the processes that have an item in hand."""
        with self._lock:
            return {worker.process.pid for worker in self._busy if worker.at_work}

    def idle(self) -> set[int]:
        """The ids of the processes that wait for one."""
        with self._places.mutex:
            return {worker.process.pid for worker in self._places.queue if worker is not None}

    def _take(self) -> Worker:
        worker = self._places.get()
        with self._lock:
            if self._closed:
                self._places.put(worker)
                raise RuntimeError("The senses are closed: this process is shutting down.")
            if worker is not None and worker.process.poll() is not None:
                worker.end()
                worker = None
            try:
                worker = worker or Worker(self._sense, self._config)
            except BaseException:
                self._places.put(None)
                raise
            self._busy.add(worker)
        return worker

    def _give_back(self, worker: Worker, keep: bool) -> None:
        with self._lock:
            self._busy.discard(worker)
            keep = keep and not self._closed
        if not keep:
            worker.end()
        self._places.put(worker if keep else None)


def _unread(code: str) -> Read:
    return Read(kind="other", readable=False, ask=READ_WORDS[code], problem=code)


class SensePool:
    """Hearing and reading for the whole process; call it from any thread.

    Answers with a problem in `perception.TRANSIENT` are our failures, not properties of the file: they are
    told to the person, but never stored as what the file contains.
    """

    def __init__(self, config: SensesConfig) -> None:
        self.config = config
        self._hearing = Crew("hear", config, config.hearing_workers)
        self._reading = Crew("read", config, config.reading_workers)
        self._cutting = Crew("cut", config, 1)

    def hear(self, audio: bytes, hotwords: Iterable[str] = ()) -> Heard:
        """Raises ModelMissing or ModelBroken: then the note waits, see `speech.unheard`."""
        try:
            answer = self._hearing.ask({"hotwords": list(hotwords)}, audio, self.config.hear_seconds)
        except Lost as lost:
            return Heard.model_validate(
                {"engine": self.config.speech_engine, "problem": lost.code, "words": HEAR_WORDS[lost.code]}
            )
        return Heard.model_validate_json(answer)

    def read(self, data: bytes, now: datetime) -> Read:
        """`now` is aware; dates on paper are judged by it."""
        try:
            answer = json.loads(self._reading.ask({"now": now.isoformat()}, data, self.config.read_seconds))
        except Lost as lost:
            return _unread(lost.code)
        except EngineUnavailable as unavailable:
            log.error("pictures cannot be read: %s", unavailable)
            return _unread("engine_failed")
        apart = {key: answer[key] for key in ("problem", "fingerprint")}
        return Read.model_validate(answer["read"] | apart)

    def cut(self, data: bytes, places: Iterable[str]) -> bytes | None:
        """The places of a picture or PDF (`ocr box …`) as one JPEG; None where they cannot be had."""
        try:
            answer = self._cutting.ask({"places": list(places)}, data, self.config.read_seconds)
        except Lost:
            return None
        return b64decode(answer) or None

    def playable(self, audio: bytes) -> bytes | None:
        """A voice note as WAV, which every browser plays; None where it cannot be decoded."""
        try:
            answer = self._cutting.ask({"playable": True}, audio, self.config.hear_seconds)
        except Lost:
            return None
        return b64decode(answer) or None

    def warm(self) -> None:
        """Loads every engine, so that the first message does not wait for it. Raises ModelMissing, ModelBroken
        (reading is warm all the same) or Lost."""
        self._reading.warm()
        self._hearing.warm()

    def close(self) -> None:
        for crew in (self._hearing, self._reading, self._cutting):
            crew.close()

    def working(self) -> set[int]:
        """The process ids of the workers that have an item in hand."""
        return self._hearing.busy() | self._reading.busy() | self._cutting.busy()

    def waiting(self) -> set[int]:
        """The process ids of the workers that have none."""
        return self._hearing.idle() | self._reading.idle() | self._cutting.idle()

    def __enter__(self) -> "SensePool":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
