# SPDX-License-Identifier: Apache-2.0
"""From the event loop to the server: a bounded queue, one thread, batches, retries, and the count of what was lost.

An event leaves the queue only when the server has answered that it is on disk. It is sent again with the same id until
then, so a server that is stopped, killed or away loses nothing and gets nothing twice.
"""
from __future__ import annotations

import atexit
import logging
import os
import threading
import time
from collections import deque
from typing import Any, Callable, Optional

from .delivery import Answer, Delivery, Verdict
from .events import Event, EventMaker, encoded
from .events_text import timestamp
from .exchange import Exchange
from .ids import uuid7
from .json_text import dumps
from .settings import Settings
from .spool import Spool, SpooledBatch

log = logging.getLogger("tallystick")

BATCH_BYTES_MAX = 4 * 1024 * 1024  # of 16 MiB that a request may have
METHODS_MAX = 20  # names in by_method of one gap
FIRST_PAUSE_SECONDS = 0.1
SPOOL_LOOK_SECONDS = 60.0


class Sender:
    """put() on any thread, never blocks; everything else happens on a thread of its own."""

    def __init__(self, settings: Settings, make: Optional[Callable[[Exchange], list[Event]]] = None) -> None:
        self._settings = settings
        self._make: Callable[[Exchange], list[Event]] = make or EventMaker(settings)
        self._lock = threading.Lock()
        self._encoding = threading.Lock()  # taken before _lock
        self._wake = threading.Event()  # something is there to do
        self._full = threading.Event()  # a whole batch, or the end: no waiting for more
        self._fresh: deque[Exchange] = deque()
        self._lines: deque[bytes] = deque()  # encoded, oldest first; those being sent stay until they are answered
        self._waiting = 0  # exchanges and lines
        self._waiting_bytes = 0
        self._lost: dict[str, int] = {}
        self._lost_from = self._lost_to = 0.0
        self._lost_reason = ""
        self._thread: Optional[threading.Thread] = None
        self._pid = 0
        self._stopping = False
        self._deadline = 0.0
        self._spool: Optional[Spool] = None
        self._spool_broken = False
        self._spool_again = 0.0  # no writing to it before then
        self._trouble = ""
        self.written = 0  # events that the server has answered for

    def start(self) -> None:
        """Starts the thread unless it runs in this process. After a fork the child begins with an empty queue."""
        with self._lock:
            if self._thread is not None and self._pid == os.getpid():
                return
            if self._thread is not None:  # a copy made by fork(): what is queued belongs to the parent
                self._fresh.clear()
                self._lines.clear()
                self._waiting = self._waiting_bytes = 0
                self._wake, self._full = threading.Event(), threading.Event()
            else:
                atexit.register(self.close)
            self._pid = os.getpid()
            self._stopping = False
            self._thread = threading.Thread(target=self._run, name="tallystick-audit", daemon=True)
            self._thread.start()

    def put(self, exchange: Exchange) -> bool:
        """False when the queue is full; it is counted then, and told when there is room again."""
        if self._pid != os.getpid():
            if self._thread is not None:  # after a fork: nobody here lets go of what the parent held
                self._lock, self._encoding = threading.Lock(), threading.Lock()
            self.start()
        size = exchange.size
        with self._lock:
            room = (self._waiting < self._settings.queue_events
                    and self._waiting_bytes + size <= self._settings.queue_bytes)
            if room and not self._stopping:
                self._fresh.append(exchange)
                self._waiting += 1
                self._waiting_bytes += size
            else:
                self._count_lost(exchange.method, 1, "stopping" if room else "queue-full")
                return False
            hurry = len(self._fresh) >= self._settings.batch_events or (
                self._settings.spool is not None and self._is_half_full())
        if hurry:
            self._full.set()
        if not self._wake.is_set():
            self._wake.set()
        return True

    def lost(self, method: str, reason: str) -> None:
        """Counts an event that could not be made."""
        with self._lock:
            self._count_lost(method, 1, reason)
        self._wake.set()

    @property
    def waiting(self) -> int:
        return self._waiting

    def close(self) -> int:
        """Sends what is left for at most shutdown_seconds, then spools it; returns how many events are lost."""
        thread = self._thread
        if thread is None or self._pid != os.getpid():
            return 0
        with self._lock:
            self._stopping = True
            self._deadline = time.monotonic() + self._settings.shutdown_seconds
        self._full.set()
        self._wake.set()
        thread.join(self._settings.shutdown_seconds + 0.5)
        with self._lock:
            if self._thread is not thread:
                return 0
            self._thread = None
        self._encode()
        with self._lock:
            left = list(self._lines)
            self._lines.clear()
            self._waiting = self._waiting_bytes = 0
            gap = self._gap_locked()
        atexit.unregister(self.close)
        if gap is not None:
            left.append(gap)
        if not left:
            return 0
        lost = 0
        spool = self._spool_of()
        for batch in _batches(left, self._settings.batch_events):
            if spool is None or not spool.write(batch):
                lost += len(batch)
        if lost:
            log.error("audit: %d events could not be sent before the end and are lost", lost)
        else:
            log.warning("audit: %d events wait in the spool for the next start", len(left))
        return lost

    # On the thread.

    def _run(self) -> None:
        delivery = Delivery(self._settings)
        pause = 0.0
        spooled = True  # something may be in the spool
        while self._thread is threading.current_thread():
            if self._stopping and (time.monotonic() >= self._deadline or not (self._waiting or self._lost)):
                break
            if not pause and not spooled:  # without events, now and then for what other processes left in the spool
                self._wake.wait(None if self._spool is None else SPOOL_LOOK_SECONDS)
            self._full.wait(self._settings.flush_seconds if not self._stopping else min(pause, 0.2))
            self._full.clear()
            self._wake.clear()
            if pause and not self._stopping:
                self._wait_out(pause)
            try:
                self._encode()
                pause, spooled = self._send_all(delivery, pause)
                if pause:
                    self._relieve()
            except Exception:  # whatever it is, the thread must live on
                log.error("audit: the sender has a problem", exc_info=True)
                delivery.close()
                pause, spooled = self._settings.retry_seconds, True
        delivery.close()

    def _wait_out(self, pause: float) -> None:
        """A full queue must not shorten the pause, but has to be relieved meanwhile."""
        end = time.monotonic() + pause
        while not self._stopping and time.monotonic() < end:
            if self._full.wait(min(0.1, pause)):
                self._full.clear()
                self._encode()
            if self._is_half_full():
                self._encode()
                self._relieve()

    def _is_half_full(self) -> bool:
        return (self._waiting * 2 > self._settings.queue_events
                or self._waiting_bytes * 2 > self._settings.queue_bytes)

    def _encode(self) -> None:
        """Makes lines of what is there now. Without the lock, so that put() never waits for it."""
        # Letting the event loop go first costs up to 5 ms an event where it never rests: not when many wait.
        polite = min(self._settings.batch_events, self._settings.queue_events // 8)
        with self._encoding:
            for _ in range(len(self._fresh)):
                with self._lock:
                    if not self._fresh:
                        return
                    exchange = self._fresh.popleft()
                try:
                    lines = [encoded(event) for event in self._make(exchange)]
                except Exception:  # a bug of ours, or an actor that is no JSON: the others must go on
                    log.error("audit: a request could not be told", exc_info=True)
                    lines = []
                with self._lock:
                    self._waiting -= 1
                    self._waiting_bytes -= exchange.size
                    if not lines:
                        self._count_lost(exchange.method, 1, "not-encoded")
                    for line in lines:
                        self._push_locked(line)
                if len(self._fresh) < polite:
                    time.sleep(0)

    def _push_locked(self, line: bytes) -> None:
        self._lines.append(line)
        self._waiting += 1
        self._waiting_bytes += len(line)

    def _pop_locked(self, count: int) -> None:
        for _ in range(min(count, len(self._lines))):
            self._waiting_bytes -= len(self._lines.popleft())
            self._waiting -= 1

    def _send_all(self, delivery: Delivery, pause: float) -> tuple[float, bool]:
        """(pause before the next try, whether more may be in the spool)"""
        while True:
            with self._lock:
                if not self._lines:
                    gap = self._gap_locked()
                    if gap is not None:
                        self._push_locked(gap)
                batch = _first_batch(self._lines, self._settings.batch_events)
            if not batch:
                break
            answer = delivery.post(batch)
            if answer.verdict is Verdict.SMALLER:
                answer = self._one_by_one(delivery, batch, answer)
            if answer.verdict is Verdict.LATER:
                return self._later(answer, pause), True
            self._taken(len(batch), answer)
            with self._lock:
                self._pop_locked(len(batch))
            self._encode()
            pause = 0.0
            if self._stopping and time.monotonic() >= self._deadline:
                return 0.0, False
        return self._send_spool(delivery)

    def _send_spool(self, delivery: Delivery) -> tuple[float, bool]:
        """Batches of the spool, as long as events of now do not wait."""
        spool = self._spool_of()
        while spool is not None and not self._fresh and not self._stopping:
            batch: Optional[SpooledBatch] = spool.take()
            if batch is None:
                break
            answer = delivery.post(batch.lines)
            if answer.verdict is Verdict.SMALLER:
                answer = self._one_by_one(delivery, batch.lines, answer)
            if answer.verdict is Verdict.LATER:
                batch.release()
                return self._later(answer, 0.0), True
            self._taken(len(batch.lines), answer)
            batch.done()
        return 0.0, False

    def _one_by_one(self, delivery: Delivery, batch: list[bytes], why: Answer) -> Answer:
        """A batch that the server cannot take as one."""
        refused, detail = 0, ""
        for line in batch:
            answer = delivery.post([line]) if len(batch) > 1 else why
            if answer.verdict is Verdict.LATER:
                return answer
            if answer.verdict is Verdict.SMALLER or answer.refused:
                refused, detail = refused + 1, detail or answer.detail
        return Answer(Verdict.WRITTEN, refused, detail)

    def _taken(self, count: int, answer: Answer) -> None:
        self.written += count - answer.refused
        if self._trouble:
            log.warning("audit: events are written again")
            self._trouble = ""
        if answer.refused:
            log.error("audit: the server refuses %d events: %s", answer.refused, answer.detail)
            with self._lock:
                self._count_lost("", answer.refused, "refused")

    def _later(self, answer: Answer, pause: float) -> float:
        if not self._trouble:
            log.warning("audit: events wait, the server does not take them: %s", answer.detail)
            self._trouble = answer.detail
        limit = self._settings.retry_seconds
        return min(limit, max(answer.pause, pause * 2, FIRST_PAUSE_SECONDS))

    def _relieve(self) -> None:
        """When half of the queue is full and there is a spool: the oldest half goes to disk."""
        spool = self._spool_of()
        while spool is not None and time.monotonic() >= self._spool_again:
            with self._lock:
                batch = _first_batch(self._lines, self._settings.batch_events) if self._is_half_full() else []
            if not batch:
                return
            if not spool.write(batch):  # full, or a broken disk: not for every request anew
                self._spool_again = time.monotonic() + self._settings.retry_seconds
                return
            with self._lock:
                self._pop_locked(len(batch))

    def _spool_of(self) -> Optional[Spool]:
        if self._spool is None and self._settings.spool is not None and not self._spool_broken:
            try:
                self._spool = Spool(self._settings.spool, self._settings.spool_bytes)
            except OSError as error:
                self._spool_broken = True
                log.error("audit: no spool: %s", error)
        return self._spool

    def _count_lost(self, method: str, count: int, reason: str) -> None:
        now = time.time()
        if not self._lost:
            self._lost_from = now
            log.error("audit: events are lost: %s", reason)
        self._lost_to, self._lost_reason = now, reason
        key = method if method in self._lost or len(self._lost) < METHODS_MAX else "other"
        self._lost[key] = self._lost.get(key, 0) + count

    def _gap_locked(self) -> Optional[bytes]:
        """The event that says what is missing; takes the count with it."""
        if not self._lost:
            return None
        count = sum(self._lost.values())
        details: dict[str, Any] = {
            "from": timestamp(self._lost_from), "to": timestamp(self._lost_to), "count": count,
            "by_method": {name or "unknown": number for name, number in self._lost.items()},
            "spooled": 0, "reason": self._lost_reason,
        }
        event: Event = {
            "timestamp": timestamp(time.time()), "event_id": uuid7(), "event_name": "client-audit-gap",
            "event_type": "security", "event_action": "create", "event_result": "error", "status": "failed",
            "severity": "error", "severity_level": "critical", "actor_id": self._settings.server,
            "actor_type": "service", "target_type": "log",
            "error_message": f"{count} requests could not be recorded", "details": details,
        }
        self._lost = {}
        return dumps(event).encode()


def _first_batch(lines: deque[bytes], count_max: int) -> list[bytes]:
    out: list[bytes] = []
    size = 0
    for line in lines:
        size += len(line)
        if out and (len(out) == count_max or size > BATCH_BYTES_MAX):
            break
        out.append(line)
    return out


def _batches(lines: list[bytes], count_max: int) -> list[list[bytes]]:
    left = deque(lines)
    out = []
    while left:
        batch = _first_batch(left, count_max)
        out.append(batch)
        for _ in batch:
            left.popleft()
    return out
