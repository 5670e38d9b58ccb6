"""Whom our calls trust, read once a process: reading all certificates takes longer than most calls."""

import ssl
from functools import cache

import httpx


@cache
def trusted() -> ssl.SSLContext:
    return httpx.create_ssl_context()
