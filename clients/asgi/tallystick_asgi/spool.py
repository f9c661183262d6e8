# SPDX-License-Identifier: Apache-2.0
"""A folder of batches that could not be sent: one gzip file each, complete or not there at all."""
from __future__ import annotations

import fcntl
import gzip
import logging
import os
import zlib
from typing import Optional

from .ids import uuid7

log = logging.getLogger("tallystick")
_SUFFIX = ".ndjson.gz"


class SpooledBatch:
    """A batch that this process has locked; others leave it alone until it is let go."""

    def __init__(self, path: str, lines: list[bytes], descriptor: int) -> None:
        self.lines = lines
        self._path = path
        self._descriptor = descriptor

    def done(self) -> None:
        """It was sent: the file goes."""
        try:
            os.unlink(self._path)
        except FileNotFoundError:
            pass  # somebody tidied up
        finally:
            self.release()

    def release(self) -> None:
        os.close(self._descriptor)


class Spool:
    """Used by one thread at a time; several processes may share the folder."""

    def __init__(self, directory: str, bytes_max: int) -> None:
        self._directory = directory
        self._bytes_max = bytes_max
        os.makedirs(directory, mode=0o700, exist_ok=True)

    def write(self, lines: list[bytes]) -> bool:
        """Puts a batch on disk, synced; False when the bound or the disk does not allow it."""
        data = gzip.compress(b"\n".join(lines) + b"\n", 1)
        path = os.path.join(self._directory, uuid7() + _SUFFIX)
        try:
            if self._size() + len(data) > self._bytes_max:
                return False
            descriptor = os.open(path + ".part", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                os.rename(path + ".part", path)
            except OSError:
                os.unlink(path + ".part")
                raise
            folder = os.open(self._directory, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            log.error("audit: the spool %s cannot be written: %s", self._directory, error)
            return False
        return True

    def take(self) -> Optional[SpooledBatch]:
        """The oldest batch that nobody else is sending."""
        try:
            names = sorted(name for name in os.listdir(self._directory) if name.endswith(_SUFFIX))
        except OSError as error:
            log.error("audit: the spool %s cannot be read: %s", self._directory, error)
            return None
        for name in names:
            path = os.path.join(self._directory, name)
            batch = self._open(path)
            if batch is not None:
                return batch
        return None

    def _open(self, path: str) -> Optional[SpooledBatch]:
        try:
            descriptor = os.open(path, os.O_RDONLY)
        except OSError:
            return None  # another process has sent it
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(descriptor).st_nlink == 0:
                raise BlockingIOError
            with os.fdopen(os.dup(descriptor), "rb") as file:
                lines = gzip.decompress(file.read()).splitlines()
        except BlockingIOError:
            os.close(descriptor)
            return None
        except (OSError, EOFError, zlib.error) as error:
            os.close(descriptor)
            log.error("audit: %s is damaged and stays as %s.bad: %s", path, os.path.basename(path), error)
            try:
                os.rename(path, path + ".bad")
            except OSError:
                pass
            return None
        return SpooledBatch(path, [line for line in lines if line], descriptor)

    def _size(self) -> int:
        total = 0
        for entry in os.scandir(self._directory):
            try:
                total += entry.stat().st_size
            except FileNotFoundError:
                pass
        return total
