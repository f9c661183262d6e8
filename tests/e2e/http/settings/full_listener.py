#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A listener that accepts nothing and whose queue is full, so that connecting to it takes for ever; until SIGTERM."""
import json
import signal
import socket
import sys
import time

listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(0)
waiting = []
# Linux completes a few more than asked for; those that it drops stay in SYN_SENT.
for _ in range(8):
    client = socket.socket()
    client.setblocking(False)
    client.connect_ex(listener.getsockname())
    waiting.append(client)
time.sleep(0.1)
print(json.dumps({"port": listener.getsockname()[1]}), flush=True)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
signal.pause()
