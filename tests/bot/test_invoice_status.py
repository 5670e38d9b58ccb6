"""The optional question to the tax bureau's books, against a real server on this machine."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from bot.invoice_status import HttpInvoiceStatus, with_status

NUMBER = "26112000000123456789"
READ: dict[str, Any] = {
    "kind": "invoice_digital",
    "documents": [
        {
            "kind": "invoice_digital",
            "fields": {
                "invoice_number": {"value": NUMBER},
                "date": {"value": "2026-03-09"},
                "total": {"value": "231.00"},
            },
            "checks": [],
        },
        {"kind": "receipt_till", "fields": {"total": {"value": "23.80"}}, "checks": []},
    ],
}


@dataclass
class Bureau:
    url: str = ""
    answer: bytes = b"{}"
    code: int = 200
    asked: list[dict[str, str]] = field(default_factory=list)


@pytest.fixture
def bureau() -> Iterator[Bureau]:
    there = Bureau()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            there.asked.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(there.code)
            self.end_headers()
            self.wfile.write(there.answer)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    there.url = f"http://127.0.0.1:{server.server_port}/status"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield there
    server.shutdown()
    thread.join()
    server.server_close()


def checks(bureau: Bureau) -> list[list[dict[str, str]]]:
    status = HttpInvoiceStatus(bureau.url)
    found = with_status(READ, status)
    status.close()
    return [document["checks"] for document in found["documents"]]


@pytest.mark.parametrize(("status", "words"), [("cancelled", "已经作废"), ("red", "已经红冲")])
def test_an_invoice_that_was_taken_back_is_told(bureau: Bureau, status: str, words: str) -> None:
    bureau.answer = json.dumps({"status": status}).encode()
    (check,), of_the_till_receipt = checks(bureau)
    assert (check["code"], check["severity"]) == ("cancelled", "error")
    assert words in check["words"] and NUMBER in check["words"]
    assert of_the_till_receipt == []
    assert bureau.asked == [{"number": NUMBER, "code": "", "date": "2026-03-09", "total": "231.00"}]


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        (200, b'{"status": "normal"}'),
        (200, b'{"status": "sleeping"}'),
        (200, b"[]"),
        (200, b"no"),
        (500, b"{}"),
    ],
)
def test_a_normal_invoice_and_a_failing_service_hold_nothing_up(
    bureau: Bureau, code: int, answer: bytes
) -> None:
    bureau.code, bureau.answer = code, answer
    assert checks(bureau) == [[], []]


def test_nobody_at_home_holds_nothing_up() -> None:
    assert checks(Bureau(url="http://127.0.0.1:9")) == [[], []]
