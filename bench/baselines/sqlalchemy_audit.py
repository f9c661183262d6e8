#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""An audit table as web services keep one, to compare ingest with: SQLAlchemy, SQLite, 12 indexes, a checksum chain.

    sqlalchemy_audit.py DIRECTORY --serve plain|orm     takes POST of events over HTTP; its first line names its address
    sqlalchemy_audit.py DIRECTORY [--seconds N]         without HTTP: events a second as JSON, batched (500 a commit) and single

"plain" is the function that such a service has for an event, called for each event of a request: the checksum before is
read from the table, the event is added; one commit a request. "orm" does better: the checksum is read once a request
and all events are added together. "core" is the most that SQLAlchemy gives, and no service: no parsing, the chain kept
in memory (one process), rows as dictionaries through Core's insert().

One process writes, for SQLite has one writer; over HTTP it is Starlette on uvicorn. Durable as an audit needs it:
journal_mode=WAL, synchronous=FULL, so that a commit is on the disk when it returns. Each row's checksum is SHA-256 over
the one before and its own canonical JSON; at the end the chain is checked. Tables start empty.
"""
import argparse
import hashlib
import json
import os
import socket
import time
import uuid
from datetime import datetime, timezone

from sqlalchemy import JSON, Boolean, Column, DateTime, Float, Integer, String, Table, create_engine, event, insert, select
from sqlalchemy.orm import declarative_base, sessionmaker

BATCH = 500
INDEXED = ("timestamp", "event_name", "event_type", "event_action", "event_result", "severity_level", "actor_id", "actor_ip",
           "target_id", "request_id", "session_id", "trace_id")


def table_of(metadata):
    def text(name, length=255):
        return Column(name, String(length), index=name in INDEXED)

    return Table("audit_log", metadata, Column("id", Integer, primary_key=True), Column("event_id", String(36), nullable=False),
                 Column("timestamp", DateTime, nullable=False, index=True), text("event_name"), text("event_type", 32),
                 text("event_action", 32), text("event_result", 16), text("status", 16), text("severity", 16),
                 text("severity_level", 16), text("actor_id"), text("actor_type", 16), Column("actor_verified", Boolean),
                 text("actor_ip", 45), text("target_type", 32), text("target_id"), text("target_name"), text("request_id", 64),
                 text("session_id", 64), text("trace_id", 64), Column("duration_ms", Float), Column("details", JSON),
                 text("previous_checksum", 64), text("checksum", 64))


def event_of(number):
    """The event of ingest_bench.cc, with the defaults that a service fills in."""
    n = str(number % BATCH)
    return {"event_id": str(uuid.uuid4()), "timestamp": datetime.now(timezone.utc).replace(tzinfo=None),
            "event_name": "mcp-tool-execution", "event_type": "mcp", "event_action": "execute", "event_result": "success",
            "status": "succeeded", "severity": "info", "severity_level": "medium", "actor_id": f"user{n}@example.com",
            "actor_type": "user", "actor_verified": False, "actor_ip": "198.51.100.7", "target_type": "tool",
            "target_id": "files/read_text_file", "target_name": "read_text_file", "request_id": "7f0c" + n, "session_id": None,
            "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "duration_ms": 3.412,
            "details": {"transport": "streamable-http", "arguments": {"path": f"/srv/data/{n}.txt"},
                        "outcome": {"http_status": 200, "rpc_error": None, "is_error": False}}}


Base = declarative_base()


class Entry(Base):
    __table__ = table_of(Base.metadata)


class Audit:
    def __init__(self, path):
        self.engine = create_engine(f"sqlite:///{path}")

        @event.listens_for(self.engine, "connect")
        def settings(connection, _record):
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")

        self.table = Entry.__table__
        self.sessions = sessionmaker(self.engine)
        Base.metadata.create_all(self.engine)
        assert len(self.table.indexes) == 12, len(self.table.indexes)
        self.statement = insert(self.table)
        self.previous = "0" * 64

    def checksum(self, row):
        text = json.dumps(row, sort_keys=True, separators=(",", ":"), default=str)
        return hashlib.sha256((self.previous + text).encode()).hexdigest()

    def chained(self, rows):
        for row in rows:
            checksum = self.checksum(row)
            row["previous_checksum"], row["checksum"] = self.previous, checksum
            self.previous = checksum
        return rows

    def append_core(self, rows):
        """Durable when it returns."""
        rows = self.chained(rows)
        with self.engine.begin() as connection:
            connection.execute(self.statement, rows if len(rows) > 1 else rows[0])

    def append_orm(self, rows):
        for row in rows:
            row["timestamp"] = datetime.fromisoformat(row["timestamp"])
        with self.sessions.begin() as session:
            last = session.execute(select(Entry.checksum).order_by(Entry.id.desc()).limit(1)).scalar()
            self.previous = last or "0" * 64
            session.add_all([Entry(**row) for row in self.chained(rows)])

    def append_plain(self, rows):
        with self.sessions.begin() as session:
            for row in rows:
                row["timestamp"] = datetime.fromisoformat(row["timestamp"])
                last = session.execute(select(Entry).order_by(Entry.id.desc()).limit(1)).scalar()
                self.previous = last.checksum if last else "0" * 64
                session.add(Entry(**self.chained([row])[0]))

    def check(self, count):
        """Whether every row is there and the chain holds."""
        self.previous = "0" * 64
        found = 0
        with self.engine.connect() as connection:
            for row in connection.execute(select(self.table).order_by(self.table.c.id)):
                row = dict(row._mapping)
                checksum, previous = row.pop("checksum"), row.pop("previous_checksum")
                row.pop("id")
                assert previous == self.previous and checksum == self.checksum(row), found
                self.previous = checksum
                found += 1
        assert found == count, (found, count)


def rate(directory, way, batch, seconds):
    audit = Audit(os.path.join(directory, f"{way}-{batch}.sqlite"))
    done = 0
    took = 0.0
    while took < seconds:
        rows = [event_of(done + i) for i in range(batch)]
        body = json.dumps(rows, default=lambda time: time.isoformat())
        start = time.perf_counter()
        if way == "plain":
            audit.append_plain(json.loads(body))
        elif way == "orm":
            audit.append_orm(json.loads(body))
        else:
            audit.append_core(rows)
        took += time.perf_counter() - start
        done += batch
    audit.check(done)
    audit.engine.dispose()
    return round(done / took, 1)


DEFAULTS = {"event_type": "mcp", "event_action": "execute", "status": "succeeded", "severity": "info",
            "severity_level": "medium", "actor_verified": False, "session_id": None}


def events_of(body):
    """NDJSON, or one event: what a client left out is filled in."""
    now = datetime.now(timezone.utc).replace(tzinfo=None).isoformat()
    return [{**DEFAULTS, "event_id": str(uuid.uuid4()), "timestamp": now, **json.loads(line)} for line in body.splitlines()]


def serve(directory, way):
    """Until SIGTERM; then the chain is checked."""
    import uvicorn
    from starlette.applications import Starlette
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    audit = Audit(os.path.join(directory, f"http-{way}.sqlite"))
    append = {"plain": audit.append_plain, "orm": audit.append_orm}[way]
    done = 0

    async def events(request):
        nonlocal done
        rows = events_of(await request.body())
        append(rows)
        done += len(rows)
        return JSONResponse({"accepted": len(rows)}, status_code=201)

    app = Starlette(routes=[Route("/api/audit/events", events, methods=["POST"])])
    listener = socket.create_server(("127.0.0.1", 0))
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False))
    server.run(sockets=[listener])
    audit.check(done)


def main():
    parser = argparse.ArgumentParser(description="Ingest rate of a plain SQLAlchemy and SQLite audit table.")
    parser.add_argument("directory", help="an existing directory on the disk to be measured")
    parser.add_argument("--seconds", type=float, default=6, help="time for each of the six figures")
    parser.add_argument("--serve", choices=("plain", "orm"), metavar="WAY", help="take events over HTTP: plain or orm")
    args = parser.parse_args()
    if args.serve:
        serve(args.directory, args.serve)
        return
    print(json.dumps({f"{name}_{way}": rate(args.directory, way, batch, args.seconds)
                      for name, batch in (("batched", BATCH), ("single", 1)) for way in ("plain", "orm", "core")}))


if __name__ == "__main__":
    main()
