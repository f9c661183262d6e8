# SPDX-License-Identifier: Apache-2.0
"""Nothing is lost that fits, nothing is written twice, and what is lost is told."""
import os
import tempfile
import threading
import unittest

from support import Server
from tallystick_asgi import Sender, Settings
from tallystick_asgi.exchange import Exchange
from tallystick_asgi.spool import Spool

FAST = {"token": "t", "flush_seconds": 0.01, "retry_seconds": 0.05, "shutdown_seconds": 5.0}


def exchange(number, method="GET", path="/tools"):
    return Exchange("http", method, path, b"", [], "", f"r{number}", 0.0, status=200)


class Sending(unittest.TestCase):
    def setUp(self):
        self.closing = []

    def tearDown(self):
        for each in reversed(self.closing):
            each.close()

    def server(self, plan=None, port=0):
        server = Server(plan, port)
        self.closing.append(server)
        return server

    def sender(self, url, **options):
        sender = Sender(Settings(url=url, **{**FAST, **options}))
        self.closing.append(sender)
        return sender

    def ids(self, server):
        return [event["request_id"] for event in server.taken if "request_id" in event]

    def test_everything_arrives_in_order_in_batches(self):
        server = self.server()
        sender = self.sender(server.url, batch_events=10)
        for number in range(35):
            self.assertTrue(sender.put(exchange(number)))
        self.assertEqual(sender.close(), 0)
        self.assertEqual(self.ids(server), [f"r{number}" for number in range(35)])
        self.assertGreaterEqual(server.requests, 4)
        self.assertEqual((sender.written, sender.waiting), (35, 0))

    def test_the_same_events_with_the_same_ids_until_they_are_taken(self):
        seen = []

        def plan(number, events):
            seen.append([event["event_id"] for event in events])
            return (None, (503, {}), (500, {"detail": "x"}), (401, {}), (404, {}), (429, {}), (201, {}))[min(number, 6)]
        server = self.server(plan)
        sender = self.sender(server.url)
        with self.assertLogs("tallystick", "WARNING") as logs:
            sender.put(exchange(1))
            self.assertTrue(server.wait(lambda s: s.taken))
            sender.close()
        self.assertEqual(len({tuple(ids) for ids in seen}), 1)
        self.assertEqual(self.ids(server), ["r1"])
        self.assertEqual(len(logs.output), 2)  # one word for the trouble, one for its end

    def test_a_server_that_is_away_and_comes_back(self):
        first = Server()
        port = first.port
        first.close()
        sender = self.sender(f"http://127.0.0.1:{port}")
        with self.assertLogs("tallystick", "WARNING") as logs:
            for number in range(5):
                sender.put(exchange(number))
            while not logs.output:  # until it has tried
                threading.Event().wait(0.01)
            server = self.server(port=port)
            self.assertTrue(server.wait(lambda s: len(s.taken) == 5))
            sender.close()
        self.assertEqual(self.ids(server), [f"r{number}" for number in range(5)])

    def test_a_full_queue_is_counted_and_told(self):
        gate = threading.Event()

        def plan(number, events):
            gate.wait(10)
            return 201, {}
        server = self.server(plan)
        sender = self.sender(server.url, queue_events=3)
        with self.assertLogs("tallystick", "ERROR"):
            taken = [sender.put(exchange(number, "PUT" if number % 2 else "GET")) for number in range(10)]
        gate.set()
        sender.close()
        self.assertEqual(self.ids(server), [f"r{number}" for number in range(10) if taken[number]])
        gap, = [event for event in server.taken if event["event_name"] == "client-audit-gap"]
        self.assertEqual(gap["details"]["count"], taken.count(False))
        self.assertEqual(sum(gap["details"]["by_method"].values()), taken.count(False))
        self.assertEqual((gap["details"]["reason"], gap["severity_level"]), ("queue-full", "critical"))
        self.assertLessEqual(gap["details"]["from"], gap["details"]["to"])

    def test_bytes_bound_the_queue_too(self):
        sender = self.sender("http://127.0.0.1:1", queue_bytes=5000, shutdown_seconds=0.01)
        with self.assertLogs("tallystick", "ERROR"):
            self.assertEqual([sender.put(exchange(number)) for number in range(4)][2:], [False, False])
            self.assertEqual(sender.close(), 3)  # two, and the gap that could not be told

    def test_one_refused_event_does_not_hold_up_the_others(self):
        def partly(number, events):
            items = [{"index": 0, "error": "event_name: must be a string"}] + [{"index": i} for i in range(1, len(events))]
            return 207, {"items": items}
        server = self.server(lambda number, events: partly(number, events) if len(events) > 1 else (201, {}))
        sender = self.sender(server.url)
        with self.assertLogs("tallystick", "ERROR") as logs:
            for number in range(3):
                sender.put(exchange(number))
            sender.close()
        self.assertIn("must be a string", logs.output[0])
        gap = server.taken[-1]
        self.assertEqual((gap["event_name"], gap["details"]["count"], gap["details"]["reason"]),
                         ("client-audit-gap", 1, "refused"))

    def test_a_batch_that_is_too_large_goes_in_pieces(self):
        server = self.server(lambda number, events: (413, {"detail": "too large"}) if len(events) > 1 else (201, {}))
        sender = self.sender(server.url)
        for number in range(4):
            sender.put(exchange(number))
        sender.close()
        self.assertEqual(self.ids(server), ["r0", "r1", "r2", "r3"])

    def test_a_request_that_cannot_be_told_is_counted(self):
        server = self.server()
        sender = Sender(Settings(url=server.url, **FAST), make=lambda exchange: [{"details": object()}])
        with self.assertLogs("tallystick", "ERROR"):
            sender.put(exchange(1, "POST"))
            sender.close()
        self.assertEqual(server.taken[0]["details"]["by_method"], {"POST": 1})
        self.assertEqual(server.taken[0]["details"]["reason"], "not-encoded")

    def test_a_token_file_is_read_again_when_the_token_is_refused(self):
        with tempfile.NamedTemporaryFile("w", suffix=".token") as file:
            file.write("old\n")
            file.flush()

            def plan(number, events):
                if number == 0:
                    file.seek(0)
                    file.write("new\n")
                    file.flush()
                    return 401, {}
                return 201, {}
            server = self.server(plan)
            sender = self.sender(server.url, token_file=file.name)
            with self.assertLogs("tallystick", "WARNING"):
                sender.put(exchange(1))
                sender.close()
        self.assertEqual(server.tokens, ["Bearer old", "Bearer new"])

    def test_the_end_is_bounded_without_a_server(self):
        sender = self.sender("http://127.0.0.1:1", shutdown_seconds=0.05)
        with self.assertLogs("tallystick", "WARNING") as logs:
            sender.put(exchange(1))
            self.assertEqual(sender.close(), 1)
        self.assertIn("1 events could not be sent", logs.output[-1])
        self.assertEqual(sender.close(), 0)

    def test_a_sender_can_be_started_again(self):
        server = self.server()
        sender = self.sender(server.url)
        for number in range(3):
            sender.put(exchange(number))
            sender.close()
            sender.start()
        self.assertEqual(self.ids(server), ["r0", "r1", "r2"])

    def test_what_is_left_at_the_end_waits_in_the_spool(self):
        with tempfile.TemporaryDirectory() as folder:
            spool = os.path.join(folder, "spool")
            sender = self.sender("http://127.0.0.1:1", spool=spool, shutdown_seconds=0.05, batch_events=2)
            with self.assertLogs("tallystick", "WARNING"):
                for number in range(5):
                    sender.put(exchange(number))
                self.assertEqual(sender.close(), 0)
            self.assertEqual(len(os.listdir(spool)), 3)
            self.assertEqual(os.stat(spool).st_mode & 0o777, 0o700)
            server = self.server()
            later = self.sender(server.url, spool=spool)
            later.start()
            self.assertTrue(server.wait(lambda s: len(s.taken) == 5))
            later.close()
            self.assertEqual(sorted(self.ids(server)), [f"r{number}" for number in range(5)])
            self.assertEqual(os.listdir(spool), [])

    def test_a_full_spool_is_counted_and_what_is_in_it_comes_later(self):
        with tempfile.TemporaryDirectory() as folder:
            first = Server()
            port = first.port
            first.close()
            sender = self.sender(f"http://127.0.0.1:{port}", spool=folder, spool_bytes=3000, queue_events=20, batch_events=5)
            with self.assertLogs("tallystick", "WARNING"):
                taken = 0
                for number in range(400):
                    taken += sender.put(exchange(number))
                    threading.Event().wait(0.001)
                self.assertLess(taken, 400)
                self.assertLessEqual(sum(os.stat(os.path.join(folder, name)).st_size for name in os.listdir(folder)), 3000)
                self.assertGreater(len(os.listdir(folder)), 0)
                server = self.server(port=port)
                self.assertTrue(server.wait(lambda s: len(self.ids(s)) >= taken))
                sender.close()
                self.assertEqual(os.listdir(folder), [])
            self.assertEqual(len(set(self.ids(server))), taken)
            gaps = [event["details"]["count"] for event in server.taken if event["event_name"] == "client-audit-gap"]
            self.assertEqual(sum(gaps), 400 - taken)

    def test_after_a_fork_each_process_sends_its_own(self):
        server = self.server()
        sender = self.sender(server.url)
        sender.put(exchange(1))
        self.assertTrue(server.wait(lambda s: s.taken))
        child = os.fork()
        if child == 0:
            sender.put(exchange(2))
            sender.close()
            os._exit(0)
        self.assertEqual(os.waitpid(child, 0)[1], 0)
        sender.put(exchange(3))
        sender.close()
        self.assertEqual(sorted(self.ids(server)), ["r1", "r2", "r3"])


    def test_the_thread_outlives_what_nobody_thought_of(self):
        server = self.server()
        sender = self.sender(server.url)
        real, broken = sender._encode, []

        def once():
            if not broken:
                broken.append(True)
                raise MemoryError
            real()
        sender._encode = once
        with self.assertLogs("tallystick", "ERROR"):
            sender.put(exchange(1))
            self.assertTrue(server.wait(lambda s: s.taken))


class Spooling(unittest.TestCase):
    def test_batches_come_back_oldest_first_and_once(self):
        with tempfile.TemporaryDirectory() as folder:
            spool = Spool(folder, 1 << 20)
            self.assertTrue(spool.write([b"1", b"2"]))
            self.assertTrue(spool.write([b"3"]))
            first = spool.take()
            self.assertEqual(len(first.lines), 2 if first.lines[0] == b"1" else 1)
            other = Spool(folder, 1 << 20).take()  # as another process: what is taken is left alone
            self.assertEqual(sorted(first.lines + other.lines), [b"1", b"2", b"3"])
            self.assertIsNone(spool.take())
            other.release()
            first.done()
            again = spool.take()
            self.assertEqual(again.lines, other.lines)
            again.done()
            self.assertIsNone(spool.take())

    def test_the_bound_and_damage(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertFalse(Spool(folder, 10).write([b"x" * 100]))
            self.assertEqual(os.listdir(folder), [])
            with open(os.path.join(folder, "0.ndjson.gz"), "wb") as file:
                file.write(b"no gzip")
            with self.assertLogs("tallystick", "ERROR"):
                self.assertIsNone(Spool(folder, 1 << 20).take())
            self.assertEqual(os.listdir(folder), ["0.ndjson.gz.bad"])


if __name__ == "__main__":
    unittest.main()
