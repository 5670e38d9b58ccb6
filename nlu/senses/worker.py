"""The inside of a worker process: `python -m nlu.senses.worker SOCKET hear|read|cut CONFIG`.

It answers one item after the other over a socket that it inherited. When the other end closes, which the
kernel does however the parent died, it is gone at once, even in the middle of an item. Nothing that it
sends is unpickled: an answer is one JSON text.
"""

import json
import os
import sys
import threading
from base64 import b64encode
from collections.abc import Callable
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from nlu.senses.config import SensesConfig
from nlu.senses.cropping import sheet
from nlu.senses.decoding import decode, wave_of
from nlu.senses.engines.choice import eye, reading_engine, speech_engine
from nlu.senses.errors import EngineFailed, EngineUnavailable, UnreadableMedia
from nlu.senses.perception import Source
from nlu.senses.reading import read
from nlu.senses.speech import hear

Request = dict[str, Any]

TAKEN = b"taken"


class Hearing:
    """Loads its model with the first item, and again with the next one where that failed."""

    def __init__(self, config: SensesConfig) -> None:
        self.engine = speech_engine(config)

    def warm(self) -> None:
        """Nothing to do: the model is loaded whole."""

    def __call__(self, data: bytes, request: Request) -> str:
        return hear(data, self.engine, request["hotwords"]).model_dump_json()


class Reading:
    def __init__(self, config: SensesConfig) -> None:
        self.engine = reading_engine(config)
        self.eye = eye()

    def warm(self) -> None:
        import numpy as np
        from PIL import Image, ImageDraw

        # The engine loads its models with the first picture that has writing on it.
        picture = Image.new("RGB", (320, 64), "white")
        ImageDraw.Draw(picture).text((20, 16), "Total 46.50", fill="black", font_size=28)
        self.engine.recognise(np.asarray(picture))

    def __call__(self, data: bytes, request: Request) -> str:
        found = read(data, self.engine, datetime.fromisoformat(request["now"]), self.eye)
        apart = {"problem": found.problem, "fingerprint": found.fingerprint}
        return json.dumps({"read": found.model_dump(mode="json"), **apart})


class Cutting:
    """Cuts evidence out of pictures and makes voice notes playable. No engine, so that deliveries never wait for
    somebody's photograph."""

    def __init__(self, config: SensesConfig) -> None:
        """Nothing to load."""

    def warm(self) -> None:
        """Nothing to do."""

    def __call__(self, data: bytes, request: Request) -> str:
        try:
            if request.get("playable"):
                return b64encode(wave_of(decode(data))).decode()
            places = [Source.model_validate(place) for place in request["places"]]
            return b64encode(sheet(data, places)).decode()
        except UnreadableMedia:
            return ""


Sense = Hearing | Reading | Cutting
SENSES: dict[str, Callable[[SensesConfig], Sense]] = {"hear": Hearing, "read": Reading, "cut": Cutting}


def serve(connection: Connection, sense: str, config: SensesConfig) -> None:
    loaded: Sense | None = None
    while True:
        request: Request = json.loads(connection.recv_bytes())
        data = connection.recv_bytes()
        # From here on a death is counted against the item; before, somebody else may have it.
        connection.send_bytes(TAKEN)
        try:
            if loaded is None:
                loaded = SENSES[sense](config)
                loaded.warm()
                limit_memory(config.item_memory_mb)
            answer = {"answer": None if request["warm"] else loaded(data, request)}
        except EngineUnavailable as error:
            answer = {"error": error.code, "message": str(error)}
        except MemoryError:
            answer = {"error": "too_heavy", "message": "out of memory"}
        except EngineFailed as error:
            heavy = isinstance(error.__cause__, MemoryError) or "alloc" in str(error).lower()
            answer = {"error": "too_heavy" if heavy else error.code, "message": str(error)}
        connection.send_bytes(json.dumps(answer | {"memory_mb": memory_mb()}).encode())


def limit_memory(item_mb: int) -> None:
    """Address space up to what is taken now plus `item_mb`: beyond, allocations fail instead of the machine."""
    if not sys.platform.startswith("linux"):
        return
    import resource

    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    wanted = taken + item_mb * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (wanted if hard < 0 else min(wanted, hard), hard))


def memory_mb() -> int:
    """Resident memory of this process; 0 where the system does not tell."""
    if not sys.platform.startswith("linux"):
        return 0
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 2**20


def leave_with(lifeline: int) -> None:
    """Ends this process as soon as the other end of the pipe is gone, whatever it is doing."""

    def watch() -> None:
        os.read(lifeline, 1)
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


def main(socket: str, lifeline: str, sense: str, config: str) -> None:
    # Messages of people who only type must not wait for somebody's photograph.
    os.nice(10)
    leave_with(int(lifeline))
    try:
        serve(Connection(int(socket)), sense, SensesConfig.model_validate_json(config))
    except (EOFError, OSError):
        return


if __name__ == "__main__":
    main(*sys.argv[1:])
