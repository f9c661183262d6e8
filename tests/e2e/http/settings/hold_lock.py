#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds byte 0 of a log's lock file, the commit lock, as another writer would: hold_lock.py FILE, until SIGTERM."""
import fcntl
import os
import signal
import struct
import sys

F_OFD_SETLKW = 38
descriptor = os.open(sys.argv[1], os.O_RDWR)
# struct flock of 64-bit Linux: type, whence, start, length, pid (0 for locks of an open file description).
wanted = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 1, 0)
fcntl.fcntl(descriptor, F_OFD_SETLKW, wanted)
print('{"held":true}', flush=True)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
signal.pause()
