"""Many browsers that poll, as plain HTTP clients in one process: `python -m chaos.browsers URL SECONDS COUNT <run ids on stdin>`.

Each follows one run as assets/stream.js does: as often as the server says, with the version that it has seen, and the next one
when that is over. The last line is JSON.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import random
import sys
import time
from collections import Counter
from urllib.parse import urlsplit

PACE_S = 0.4  # until the server has said how often
PATIENCE_S = 8.0


class Browser:
    """One tab: a connection that is kept open, and what it was told last."""

    def __init__(self, host: str, port: int, runs: list[str], found: Findings) -> None:
        self._where, self._runs, self._found = (host, port), runs, found  # the first one is followed
        self._version = -1
        self._pace_s, self._slower, self._cookie, self._picture = PACE_S, 1.0, "", ""
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    @property
    def pace_s(self) -> float:
        """Until it looks again."""
        return self._pace_s * self._slower

    async def look(self) -> None:
        began = time.perf_counter()
        path = f"/stream/{self._runs[0]}?after={self._version}&picture={self._picture}&theme=light&neurons="
        try:
            status, body = await asyncio.wait_for(self._ask(path), PATIENCE_S)
        except (OSError, EOFError, ValueError, TimeoutError) as error:
            self._streams = None
            self._found.failed(f"{type(error).__name__}: {error}")
            return
        self._found.answered(status, time.perf_counter() - began)
        if status == 200:
            news = json.loads(body)
            self._picture = news["picture"]
            self._version, self._pace_s = news["version"], news["pace_ms"] / 1000
            if news["final"]:
                self._found.over.add(self._runs[0])
                self._runs = [run for run in self._runs if run not in self._found.over] or self._runs
                self._version = -1 if self._runs[0] not in self._found.over else self._version

    async def _ask(self, path: str) -> tuple[int, bytes]:
        fresh = self._streams is None
        reader, writer = self._streams or await asyncio.open_connection(*self._where)
        self._streams = None
        host = f"{self._where[0]}:{self._where[1]}"
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept-Encoding: gzip\r\n{self._cookie}\r\n".encode())
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        except (ConnectionError, asyncio.IncompleteReadError):
            if fresh:
                raise
            return await self._ask(path)  # a server may close a connection that was idle; browsers ask again, too
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        self._slower = float(headers.get("look-slower", 1))
        if "set-cookie" in headers:
            self._cookie = f"Cookie: {headers['set-cookie'].partition(';')[0]}\r\n"
        if headers.get("connection") == "close":
            writer.close()
        else:
            self._streams = (reader, writer)
        return int(head[0].split()[1]), gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body


class Findings:
    """What all of them met."""

    def __init__(self) -> None:
        self.statuses: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.seconds: list[float] = []
        self.over: set[str] = set()  # runs that are

    def answered(self, status: int, seconds: float) -> None:
        self.statuses[str(status)] += 1
        self.seconds.append(seconds)

    def failed(self, why: str) -> None:
        self.errors[why] += 1

    def summary(self, seconds: float) -> dict[str, object]:
        ordered = sorted(self.seconds) or [float("nan")]
        last = len(ordered) - 1
        at = {f"p{share}_ms": round(1000 * ordered[min(last, len(ordered) * share // 100)], 1) for share in (50, 95, 99)}
        return {
            "requests": len(self.seconds),
            "per_s": round(len(self.seconds) / seconds, 1),
            **at,
            "slowest_ms": round(1000 * ordered[-1], 1),
            "statuses": dict(self.statuses),
            "errors": dict(self.errors.most_common(5)),
        }


async def poll(url: str, seconds: float, count: int, runs: list[str]) -> dict[str, object]:
    """Have `count` browsers look for so long."""
    parts, found, chance = urlsplit(url), Findings(), random.Random(1)
    assert parts.hostname is not None
    assert parts.port is not None
    browsers = [Browser(parts.hostname, parts.port, runs[k % len(runs) :] + runs[: k % len(runs)], found) for k in range(count)]
    end = time.monotonic() + seconds

    async def live(browser: Browser) -> None:
        await asyncio.sleep(chance.uniform(0, PACE_S))
        while time.monotonic() < end:
            await browser.look()
            await asyncio.sleep(browser.pace_s)

    began = time.monotonic()
    await asyncio.gather(*map(live, browsers))
    return found.summary(time.monotonic() - began)


if __name__ == "__main__":
    summary = asyncio.run(poll(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), sys.stdin.read().split()))
    print(json.dumps(summary))
