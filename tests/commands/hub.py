"""A model hub on this machine: the two addresses that fetching a model needs, and the accidents of a real network."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

COMMIT = "5" * 40
LARGE = 4096
"""Files from this size on are large files, told by their sha256; smaller ones by git's id."""


@dataclass
class Hub:
    repositories: dict[str, dict[str, bytes]]
    endpoint: str = ""
    breaks_after: dict[str, list[int]] = field(default_factory=dict)
    """File → after how many bytes each of its next answers breaks off."""
    served_instead: dict[str, bytes] = field(default_factory=dict)
    """File → what is sent in place of its content."""
    busy: int = 0
    """So many answers of 503 first."""
    asked: list[tuple[str, str]] = field(default_factory=list)
    """File and range of every download."""

    def metadata(self, repository: str) -> dict[str, Any]:
        siblings = []
        for name, content in self.repositories[repository].items():
            about: dict[str, Any] = {"rfilename": name, "size": len(content)}
            about["blobId"] = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
            if len(content) >= LARGE:
                sha256 = hashlib.sha256(content).hexdigest()
                about["lfs"] = {"sha256": sha256, "size": len(content), "pointerSize": 134}
            siblings.append(about)
        return {"id": repository, "modelId": repository, "sha": COMMIT, "siblings": siblings, "tags": []}


@contextmanager
def hub(repositories: dict[str, dict[str, bytes]]) -> Iterator[Hub]:
    served = Hub(repositories)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            for repository, files in served.repositories.items():
                if path == f"/api/models/{repository}":
                    return self._answer(200, json.dumps(served.metadata(repository)).encode())
                prefix = f"/{repository}/resolve/{COMMIT}/"
                if path.startswith(prefix) and path.removeprefix(prefix) in files:
                    return self._file(path.removeprefix(prefix), files)
            return self._answer(404, b'{"error":"Repository not found"}')

        def _file(self, name: str, files: dict[str, bytes]) -> None:
            served.asked.append((name, self.headers.get("Range", "")))
            if served.busy:
                served.busy -= 1
                return self._answer(503, b"")
            content = served.served_instead.get(name, files[name])
            start = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
            rest = content[start:]
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(rest)))
            self.end_headers()
            breaks = served.breaks_after.get(name)
            if breaks:
                self.wfile.write(rest[: breaks.pop(0)])
                self.close_connection = True
                return None
            self.wfile.write(rest)
            return None

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.endpoint = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
