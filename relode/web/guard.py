"""What stands between the network and the pages: hosts, sizes, rates, headers; and pages that are kept.

Every page is a pure function of its URL and of the place's files, so it is kept under both, compressed.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
METHODS = ("GET", "HEAD", "POST")
TEXTS = (b"text/html", b"application/json", b"text/css", b"text/javascript", b"application/javascript", b"image/svg")
"""What is kept and compressed: pages, maps, and the files that pages load."""


@dataclass(frozen=True)
class Limits:
    """What one client may do: bytes of a body, requests in a burst, requests per second after it."""

    body: int = 64 * 1024
    url: int = 8 * 1024
    burst: float = 400
    rate: float = 200
    heavy_burst: float = 40
    heavy_rate: float = 4


@dataclass
class Bucket:
    """A bucket of tokens for one client."""

    tokens: float
    since: float

    def take(self, burst: float, rate: float) -> bool:
        """Is there one left?"""
        now = time.monotonic()
        self.tokens = min(burst, self.tokens + (now - self.since) * rate)
        self.since = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


@dataclass
class Buckets:
    """The buckets of all clients; who has not come for long is forgotten."""

    burst: float
    rate: float
    most: int = 4096
    _by_client: OrderedDict[str, Bucket] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def take(self, client: str) -> bool:
        """May the client go on?"""
        with self._lock:
            bucket = self._by_client.setdefault(client, Bucket(self.burst, time.monotonic()))
            self._by_client.move_to_end(client)
            while len(self._by_client) > self.most:
                self._by_client.popitem(last=False)
            return bucket.take(self.burst, self.rate)


class Guard:
    """Refuses what no page needs, and puts the security headers on every answer."""

    def __init__(self, app: ASGIApp, hosts: tuple[str, ...], limits: Limits):
        self.app, self.hosts, self.limits = app, hosts, limits
        self._all = Buckets(limits.burst, limits.rate)
        self._heavy = Buckets(limits.heavy_burst, limits.heavy_rate)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        guarded = _with_headers(send)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        if fault := self._fault(scope, headers):
            await _refuse(guarded, *fault)
            return
        body = _Measured(receive, self.limits.body)
        try:
            await self.app(scope, body, guarded)
        except TooLong:
            await _refuse(guarded, 413, "request body too large")

    def _fault(self, scope: Scope, headers: MutableMapping[str, str]) -> tuple[int, str] | None:
        """Why the request is refused before anything is done for it."""
        client = (scope.get("client") or ("?",))[0]
        if not self._all.take(client):
            return 429, "too many requests"
        if not self._known(headers.get("host", "")):
            return 421, "unknown host"
        if scope["method"] not in METHODS:
            return 405, "method not allowed"
        if len(scope.get("raw_path", b"")) + len(scope.get("query_string", b"")) > self.limits.url:
            return 414, "address too long"
        if scope["method"] == "POST":
            return self._fault_of_post(client, headers)
        return None

    def _fault_of_post(self, client: str, headers: MutableMapping[str, str]) -> tuple[int, str] | None:
        if not self._heavy.take(client):
            return 429, "too many requests"
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > self.limits.body:
            return 413, "request body too large"
        if not _same_origin(headers):
            return 403, "request from another site"
        return None

    def _known(self, host: str) -> bool:
        return "*" in self.hosts or _name(host) in self.hosts


class TooLong(Exception):
    """A body that goes on after it should have ended."""


class _Measured:
    """The body of a request, counted as it comes: a length that was not said is not believed."""

    def __init__(self, receive: Receive, most: int):
        self._receive, self._left = receive, most

    async def __call__(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise TooLong
        return message


def _name(host: str) -> str:
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    return name.lower()


def _same_origin(headers: MutableMapping[str, str]) -> bool:
    """A form of our own pages, or a program: another site's page can send neither header as we want it."""
    if "sec-fetch-site" in headers:
        return headers["sec-fetch-site"] in ("same-origin", "none")
    origin = headers.get("origin", "")
    return not origin or urlsplit(origin).netloc == headers.get("host", "")


def _with_headers(send: Send) -> Send:
    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            there = {name.lower() for name, _ in message["headers"]}
            added = [(k.encode(), v.encode()) for k, v in HEADERS.items() if k.encode() not in there]
            message = {**message, "headers": [*message["headers"], *added]}
        await send(message)

    return guarded


async def _refuse(send: Send, status: int, reason: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"retry-after", b"2")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": reason.encode()})


class Kept:
    """Keeps pages by URL, language and the state of the place; answers 304 to who has the page already.

    `most` bytes of pages are kept, those that nobody asked for longest are forgotten first.
    """

    def __init__(self, app: ASGIApp, stamp: Callable[[], str], most: int = 64_000_000):
        self.app, self._stamp, self._most, self._held = app, stamp, most, 0
        self._pages: OrderedDict[tuple[Any, ...], tuple[bytes, list[tuple[bytes, bytes]]]] = OrderedDict()
        self._making: dict[tuple[Any, ...], asyncio.Lock] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or scope["method"] != "GET" or not _keepable(scope["path"]):
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        zipped = b"gzip" in headers.get(b"accept-encoding", b"")
        tongue = headers.get(b"accept-language", b"")[:2]
        key = (scope["path"], scope["query_string"], tongue, zipped, b"hx-request" in headers, self._stamp())
        page = self._pages.get(key)
        if page is not None:
            self._pages.move_to_end(key)
        else:
            async with self._making.setdefault(key, asyncio.Lock()):  # who asks for the same meanwhile waits for it
                page = self._pages.get(key) or await self._made(key, scope, receive, send)
            self._making.pop(key, None)
        if page is not None:
            await _give(page, headers.get(b"if-none-match", b""), send)

    async def _made(
        self, key: tuple[Any, ...], scope: Scope, receive: Receive, send: Send
    ) -> tuple[bytes, list[tuple[bytes, bytes]]] | None:
        """The page, made and kept; None where it was sent already, because it is no page to keep."""
        start: Message = {}
        body = bytearray()

        async def hold(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                return
            if _is_page(start):
                body.extend(message.get("body", b""))
                return
            if start:
                await send(start)
                start = {}
            await send(message)

        await self.app(scope, receive, hold)
        if not start:
            return None
        page = _page(start, bytes(body), zipped=key[3])
        self._pages[key] = page
        self._held += len(page[0])
        while self._held > self._most:
            self._held -= len(self._pages.popitem(last=False)[1][0])
        return page


def _keepable(path: str) -> bool:
    return not path.startswith(("/api/", "/reports", "/font/"))


def _is_page(start: Message) -> bool:
    kinds = dict(start.get("headers", ())).get(b"content-type", b"")
    return start.get("status") == 200 and kinds.startswith(TEXTS)


def _page(start: Message, body: bytes, *, zipped: bool) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    left_out = (b"content-length", b"etag", b"last-modified", b"cache-control", b"content-encoding")
    headers = [(name, value) for name, value in start["headers"] if name not in left_out]
    if zipped:
        body = gzip.compress(body, 6, mtime=0)
        headers.append((b"content-encoding", b"gzip"))
    tag = b'"' + hashlib.sha256(body).hexdigest()[:24].encode() + b'"'
    headers += [(b"etag", tag), (b"cache-control", b"no-cache"), (b"vary", b"accept-language, accept-encoding")]
    return body, [*headers, (b"content-length", str(len(body)).encode())]


async def _give(page: tuple[bytes, list[tuple[bytes, bytes]]], known: bytes, send: Send) -> None:
    body, headers = page
    tag = dict(headers)[b"etag"]
    if known and tag in known:
        kept = [(name, value) for name, value in headers if name in (b"etag", b"cache-control", b"vary")]
        await send({"type": "http.response.start", "status": 304, "headers": kept})
        await send({"type": "http.response.body", "body": b""})
        return
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
