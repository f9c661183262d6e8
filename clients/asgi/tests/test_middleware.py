# SPDX-License-Identifier: Apache-2.0
"""Every request is seen, and none is changed."""
import asyncio
import gzip
import json
import unittest

from support import AuditMiddleware, Settings, answering, ask, audited, scope_of
from tallystick_asgi import Route

JSON = [("content-type", "application/json")]


def call(name="t", identity=7, arguments=None):
    return {"jsonrpc": "2.0", "id": identity, "method": "tools/call", "params": {"name": name, "arguments": arguments or {}}}


def result(identity, **members):
    return {"jsonrpc": "2.0", "id": identity, "result": {"content": [{"type": "text", "text": "said"}], **members}}


class PassingThrough(unittest.TestCase):
    def test_the_response_is_what_the_application_sent(self):
        app, _ = audited(answering(201, b"body", "text/x", [(b"x-a", b"1"), (b"x-a", b"2")]))
        start, body = ask(app, scope_of())
        self.assertEqual((start["status"], body["body"]), (201, b"body"))
        self.assertEqual(start["headers"][:3], [(b"content-type", b"text/x"), (b"x-a", b"1"), (b"x-a", b"2")])
        self.assertEqual([name for name, _ in start["headers"][3:]], [b"x-request-id"])

    def test_the_application_reads_what_the_client_sent_above_every_bound(self):
        seen = []

        async def app(scope, receive, send):
            while True:
                message = await receive()
                seen.append(message["body"])
                if not message["more_body"]:
                    break
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b""})
        body = bytes(range(256)) * 100
        middleware, recorder = audited(app, body_bytes=1000, captured_bytes=500)
        ask(middleware, scope_of("POST", headers=JSON), body, pieces=7)
        self.assertEqual(b"".join(seen), body)
        self.assertEqual(middleware.room(), 500)  # nothing is held on to
        details = recorder.events()[0]["details"]
        self.assertEqual(details["request_body"], {"bytes": 25600, "reason": "too-large-or-cut-off"})

    def test_pieces_leave_when_they_are_sent(self):
        order = []

        async def app(scope, receive, send):
            await send({"type": "http.response.start", "status": 200, "headers": []})
            for piece in (b"a", b"b"):
                order.append(("app", piece))
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        middleware, recorder = audited(app)

        async def send(message):
            order.append(("client", message.get("body")))
        asyncio.run(middleware(scope_of(), None, send))
        self.assertEqual(order, [("client", None), ("app", b"a"), ("client", b"a"), ("app", b"b"), ("client", b"b"),
                                 ("client", b"")])
        self.assertEqual(recorder.events()[0]["event_result"], "success")

    def test_an_exception_leaves_as_it_came(self):
        async def app(scope, receive, send):
            raise KeyError("secret")
        middleware, recorder = audited(app)
        with self.assertRaises(KeyError):
            ask(middleware, scope_of())
        event = recorder.events()[0]
        self.assertEqual((event["event_result"], event["error_message"]), ("error", "KeyError"))
        self.assertEqual(event["details"]["status_code"], 500)
        self.assertNotIn("secret", json.dumps(event))

    def test_an_exception_behind_the_answer_changes_no_record(self):
        async def app(scope, receive, send):
            await answering()(scope, receive, send)
            raise ValueError("of a background task")
        middleware, recorder = audited(app)
        with self.assertRaises(ValueError):
            ask(middleware, scope_of())
        self.assertEqual([event["event_result"] for event in recorder.events()], ["success"])

    def test_a_client_that_leaves_and_a_cancelled_request_have_no_outcome(self):
        async def waits(scope, receive, send):
            while (await receive())["type"] != "http.disconnect":
                pass

        async def never(scope, receive, send):
            await asyncio.Event().wait()
        middleware, recorder = audited(waits)
        ask(middleware, scope_of())
        middleware.app = never

        async def cancelled():
            task = asyncio.ensure_future(middleware(scope_of(), None, None))
            await asyncio.sleep(0)
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task
        asyncio.run(cancelled())
        events = recorder.events()
        self.assertEqual([event["event_result"] for event in events], ["unknown", "unknown"])
        self.assertEqual([event["details"]["outcome"]["reason"] for event in events], ["disconnected", "cancelled"])

    def test_an_application_that_does_not_answer(self):
        async def silent(scope, receive, send):
            pass
        middleware, recorder = audited(silent)
        ask(middleware, scope_of())
        self.assertEqual(recorder.events()[0]["details"]["outcome"]["reason"], "no-answer")

    def test_our_own_trouble_costs_the_record_and_not_the_request(self):
        def actor(scope):
            raise RuntimeError("this function is broken")
        async def app(scope, receive, send):
            scope["path"]
            await answering()(scope, receive, send)
        middleware, recorder = audited(app, actor=actor)
        with self.assertLogs("tallystick", "ERROR"):
            sent = ask(middleware, scope_of())
        self.assertEqual(sent[0]["status"], 200)
        self.assertEqual(recorder.lost_ones, [("GET", "middleware")])
        with self.assertRaises(KeyError):  # a scope that no server makes: the application's business
            ask(middleware, {"type": "http", "method": "PUT"})
        self.assertEqual(recorder.lost_ones[1:], [("PUT", "middleware")])

    def test_lifespan_starts_the_sender_and_flushes_before_the_end(self):
        order = []

        async def app(scope, receive, send):
            for kind in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{kind}.complete"})
        middleware, recorder = audited(app)

        async def send(message):
            order.append((message["type"], list(recorder.calls)))

        async def receive():
            return {"type": "lifespan"}
        asyncio.run(middleware({"type": "lifespan"}, receive, send))
        self.assertEqual(order, [("lifespan.startup.complete", ["start"]),
                                 ("lifespan.shutdown.complete", ["start", "close"])])

    def test_a_lifespan_that_the_application_does_not_know_fails_as_without_us(self):
        async def app(scope, receive, send):
            raise AssertionError(scope["type"])
        middleware, _ = audited(app)
        with self.assertRaises(AssertionError):
            asyncio.run(middleware({"type": "lifespan"}, None, None))

    def test_websockets(self):
        async def app(scope, receive, send):
            await receive()
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.send", "text": (await receive())["text"]})
            await send({"type": "websocket.close", "code": 1001})
        middleware, recorder = audited(app)
        scope = scope_of(kind="websocket", path="/ws")
        del scope["method"]
        sent = ask(middleware, scope, incoming=[{"type": "websocket.connect"}, {"type": "websocket.receive", "text": "hi"}])
        self.assertEqual(sent, [{"type": "websocket.accept"}, {"type": "websocket.send", "text": "hi"},
                                {"type": "websocket.close", "code": 1001}])
        event = recorder.events()[0]
        self.assertEqual((event["event_action"], event["event_result"], event["details"]["close_code"]),
                         ("connect", "success", 1001))

    def test_a_refused_websocket_is_denied(self):
        async def app(scope, receive, send):
            await send({"type": "websocket.close", "code": 1008})
        middleware, recorder = audited(app)
        ask(middleware, scope_of(kind="websocket", path="/ws"), incoming=[])
        self.assertEqual((recorder.events()[0]["event_name"], recorder.events()[0]["event_result"]),
                         ("http-request", "denied"))

    def test_what_is_excluded_is_not_looked_at(self):
        middleware, recorder = audited(answering(), unlisted="skip")
        for path in ("/health", "/static/a.js", "/somewhere"):
            self.assertEqual(len(ask(middleware, scope_of(path=path))[0]["headers"]), 1)
        self.assertEqual(recorder.exchanges, [])


class Facts(unittest.TestCase):
    def one(self, app, scope, body=b"", **options):
        middleware, recorder = audited(app, **options)
        ask(middleware, scope, body)
        events = recorder.events()
        self.assertEqual(len(events), 1)
        return events[0]

    def test_methods_and_paths_say_what_was_done_to_which_object(self):
        rows = [("GET", "/tools", "list", "endpoint", "/tools"), ("GET", "/tools/a1", "view", "tool", "a1"),
                ("POST", "/prompts/", "create", "endpoint", "/prompts/"), ("PUT", "/servers/s", "update", "server", "s"),
                ("PATCH", "/admin/gateways/g", "update", "gateway", "g"), ("DELETE", "/resources/r", "delete", "resource", "r"),
                ("POST", "/admin/tools/x/delete", "delete", "tool", "x"), ("POST", "/tools/x/toggle", "update", "tool", "x"),
                ("GET", "/admin/tools/partial", "list", "endpoint", "/admin/tools/partial"), ("POST", "/rpc", "execute", "endpoint", "/rpc"),
                ("DELETE", "/tokens/9", "delete", "token", "9"), ("POST", "/TOOLS/x/activate", "update", "tool", "x"),
                ("POST", "/anything", "execute", "endpoint", "/anything"), ("HEAD", "/else", "view", "endpoint", "/else")]
        for method, path, action, kind, identity in rows:
            with self.subTest(f"{method} {path}"):
                event = self.one(answering(), scope_of(method, path))
                self.assertEqual((event["event_action"], event["target_type"], event.get("target_name")),
                                 (action, kind, identity))

    def test_statuses_say_what_came_of_it(self):
        rows = [(200, "success", "succeeded", "http-request"), (302, "success", "succeeded", "http-request"),
                (404, "failure", "failed", "http-request"), (401, "failure", "failed", "auth-failure"),
                (403, "denied", "failed", "access-denied"), (429, "denied", "failed", "rate-limit-exceeded"),
                (500, "error", "failed", "http-request"), (503, "error", "failed", "http-request")]
        for status, outcome, state, name in rows:
            with self.subTest(status):
                event = self.one(answering(status), scope_of())
                self.assertEqual((event["event_result"], event["status"], event["event_name"]), (outcome, state, name))

    def test_logins(self):
        body = b'{"email":"a@b","password":"hunter2"}'
        for status, name in ((200, "auth-login"), (401, "auth-failure"), (422, "auth-failure")):
            event = self.one(answering(status), scope_of("POST", "/auth/login", headers=JSON), body)
            self.assertEqual((event["event_name"], event["event_type"], event["event_action"]), (name, "auth", "login"))
            self.assertEqual(event["details"]["request_body"], {"email": "a@b", "password": "[redacted]"})
            self.assertEqual((event["target_type"], event["target_name"], event["details"]["user"]), ("user", "a@b", "a@b"))
            self.assertEqual(event["details"].get("operation"), None if status == 200 else "auth-login")
        for location, name in (("/admin", "auth-login"), ("/admin/login", "auth-failure"), ("/x?error=1", "auth-failure")):
            app = answering(303, b"", headers=[(b"location", location.encode())])
            self.assertEqual(self.one(app, scope_of("POST", "/admin/login", headers=JSON), body)["event_name"], name)
        event = self.one(answering(body=b'{"success":false}'), scope_of("POST", "/auth/login", headers=JSON), body)
        self.assertEqual((event["event_name"], event["event_result"]), ("auth-failure", "failure"))
        event = self.one(answering(), scope_of("POST", "/auth/logout"))
        self.assertEqual((event["event_name"], event["event_action"]), ("auth-logout", "logout"))

    def test_forms_and_queries_are_redacted(self):
        form = [("content-type", "application/x-www-form-urlencoded; charset=utf-8")]
        event = self.one(answering(), scope_of("POST", "/admin/users", b"token=abc&x=1&x=2", form), b"name=a+b&pwd=x%26y")
        self.assertEqual(event["details"]["request_body"], {"name": "a b", "pwd": "[redacted]"})
        self.assertEqual(event["details"]["query_params"], {"token": "[redacted]", "x": ["1", "2"]})
        self.assertEqual(event["api_endpoint"], "/admin/users?token=[redacted]&x=1&x=2")
        self.assertEqual({note["path"] for note in event["redactions"]},
                         {"details.request_body.pwd", "details.query_params.token", "api_endpoint"})

    def test_multipart_forms(self):
        body = (b'--edge\r\nContent-Disposition: form-data; name="password"\r\n\r\nhunter2\r\n'
                b'--edge\r\nContent-Disposition: form-data; name="note"\r\n\r\nn\xc3\xa4w\r\n'
                b'--edge\r\nContent-Disposition: form-data; name="f"; filename="a.bin"\r\n\r\n\x00\x01hunter2\r\n--edge--\r\n')
        scope = scope_of("POST", "/admin/users/a@b/update", headers=[("content-type", "multipart/form-data; boundary=edge")])
        event = self.one(answering(303, b""), scope, body)
        self.assertEqual(event["details"]["request_body"],
                         {"password": "[redacted]", "note": "n\u00e4w", "f": "file a.bin, 9 bytes"})
        self.assertEqual(event["new_values"]["password"], "[redacted]")
        for broken in (b"", b"--edge", b"\r\n" * 1000, b"--edge\r\n" * 5000, body.replace(b"form-data", b"x" * 10000)):
            self.one(answering(), scope_of("POST", "/admin/users", headers=[("content-type", "multipart/form-data; boundary=edge")]),
                     broken)

    def test_a_body_that_the_application_did_not_read_is_not_read_for_it(self):
        async def app(scope, receive, send):
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b""})
        headers = [*JSON, ("content-length", "12")]
        event = self.one(app, scope_of("POST", "/tools", headers=headers), b'{"name":"x"}')
        self.assertEqual(event["details"]["request_body"], {"bytes": 12, "reason": "not-read-by-application"})

    def test_large_bodies_are_replaced_by_size_and_digest(self):
        big = json.dumps({"a": "x" * 20000}).encode()
        event = self.one(answering(), scope_of("PUT", "/tools/t", headers=JSON), big)
        stand_in = event["details"]["request_body"]
        self.assertTrue(stand_in["digest"].startswith("sha256:") and stand_in["bytes"] > 20000)
        secret = json.dumps({"a": "x" * 20000, "password": "p"}).encode()
        event = self.one(answering(), scope_of("PUT", "/tools/t", headers=JSON), secret)
        self.assertNotIn("digest", event["details"]["request_body"])  # it could be guessed by
        packed = [*JSON, ("content-encoding", "gzip")]
        event = self.one(answering(), scope_of("PUT", "/tools/t", headers=packed), gzip.compress(b'{"a":1}'))
        self.assertEqual(event["details"]["request_body"], {"a": 1})

    def test_request_ids_are_taken_or_made_and_returned(self):
        seen = []
        app, recorder = audited(answering(before=lambda scope: seen.append(dict(scope["headers"])[b"x-request-id"])))
        for given in ("my-id.1", None, "bad id with spaces and \x7f"):
            headers = [] if given is None else [("x-request-id", given)]
            returned = dict(ask(app, scope_of(headers=headers))[0]["headers"])[b"x-request-id"].decode()
            self.assertEqual(recorder.exchanges[-1].request_id, returned)
            self.assertEqual(returned == given, given == "my-id.1")
        self.assertEqual(seen[1].decode(), recorder.exchanges[1].request_id)  # the application can log it too

    def test_who_it_was(self):
        class User:
            is_authenticated = True

            @property
            def identity(self):
                raise NotImplementedError
            display_name = "alice"

        class Nobody:
            is_authenticated = False
            display_name = "x"
        rows = [({"user": User()}, {}, "alice"), ({"user": Nobody()}, {}, None), ({"state": {"user": {"email": "b@c"}}}, {}, "b@c"),
                ({}, {"actor_headers": ["X-Auth-User"]}, "from-header"), ({}, {"actor": lambda scope: "called"}, "called"),
                ({}, {"actor": lambda scope: {"actor_id": "k", "actor_type": "api_key"}}, "k"), ({}, {}, None)]
        for more, options, expected in rows:
            event = self.one(answering(), scope_of(headers=[("x-auth-user", "from-header")], **more), **options)
            self.assertEqual(event.get("actor_id"), expected)
            self.assertEqual(event["actor_type"], "anonymous" if expected is None else "api_key" if expected == "k" else "user")

    def test_forwarded_addresses_count_only_from_trusted_proxies(self):
        header = [("x-forwarded-for", "6.6.6.6, 198.51.100.9, 10.0.0.2")]
        self.assertEqual(self.one(answering(), scope_of(headers=header))["actor_ip"], "192.0.2.7")
        networks = ["192.0.2.0/24", "10.0.0.0/8"]
        lines = [("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "198.51.100.9")]  # the proxy's line is the last
        self.assertEqual(self.one(answering(), scope_of(headers=lines), trusted_proxies=networks)["actor_ip"], "198.51.100.9")
        self.assertEqual(self.one(answering(), scope_of(headers=header), trusted_proxies=networks)["actor_ip"], "198.51.100.9")

    def test_routes_of_ones_own(self):
        routes = [Route("/things/{id}/run", "admin", "tool", "execute")]
        event = self.one(answering(), scope_of("POST", "/api/things/7/run", root_path="/api"), routes=routes)
        self.assertEqual((event["event_type"], event["target_name"], event["event_action"]), ("admin", "7", "execute"))
        self.assertEqual(event["details"]["path"], "/api/things/7/run")
        event = self.one(answering(), scope_of("POST", "/auth/reset-password/abcdef?"))
        self.assertNotIn("abcdef", json.dumps(event))
        for wrong in ({"category": "x"}, {"action": "x"}):
            with self.assertRaises(ValueError):
                Route("/a", **wrong)

    def test_settings_that_would_leak_are_refused(self):
        for wrong in ({"url": "http://audit.example"}, {"url": "ftp://x"}, {"unlisted": "x"}, {"trusted_proxies": ["x"]}):
            with self.assertRaises(ValueError):
                Settings(**wrong)
        with self.assertRaises(TypeError):
            AuditMiddleware(answering(), no_such_setting=1)


class Objects(unittest.TestCase):
    """Changes of objects are events of their own, with old and new values where they were seen."""

    def run_steps(self, *steps, **options):
        """Events of (method, path, body, status, answer) in turn."""
        recorder, app = None, None
        for method, path, body, status, answer in steps:
            app, once = audited(answering(status, json.dumps(answer).encode()), **options)
            if recorder is None:
                recorder = once
            app.sender = recorder
            ask(app, scope_of(method, path, headers=JSON), b"" if body is None else json.dumps(body).encode())
        return recorder.events(**options)

    def values(self, event):
        return event["event_name"], event.get("old_values"), event.get("new_values")

    def test_the_life_of_a_tool(self):
        made = {"id": "7", "name": "t", "enabled": True, "authToken": "a"}
        events = self.run_steps(
            ("POST", "/tools", {"name": "t", "authToken": "a"}, 201, made),
            ("PUT", "/tools/7", {"name": "u"}, 200, {**made, "name": "u"}),
            ("PUT", "/tools/7", {"authToken": "b"}, 200, {**made, "name": "u", "authToken": "b"}),
            ("POST", "/tools/7/toggle", None, 200, {"status": "success", "tool": {**made, "name": "u", "authToken": "b", "enabled": False}}),
            ("PUT", "/tools/7", {"name": "v"}, 403, {}), ("DELETE", "/tools/7", None, 200, {}), ("DELETE", "/tools/7", None, 404, {}))
        masked = {**made, "authToken": "[redacted]"}
        self.assertEqual([self.values(event) for event in events], [
            ("admin-tool-created", None, masked), ("admin-tool-updated", {"name": "t"}, {"name": "u"}),
            ("admin-tool-updated", {"authToken": "[redacted]"}, {"authToken": "[redacted]"}),  # that it changed is seen
            ("admin-tool-state-changed", {"enabled": True}, {"enabled": False}), ("access-denied", None, None),
            ("admin-tool-deleted", {**masked, "name": "u", "enabled": False}, None), ("admin-tool-deleted", None, None)])
        self.assertEqual({event["target_id"] for event in events}, {"gw/7"})
        self.assertEqual([event.get("target_name") for event in events[:6]], ["t", "u", "u", "u", "u", "u"])
        self.assertEqual(events[1]["details"]["object"]["old"], "seen")
        self.assertEqual([event["severity_level"] for event in events[:6]], ["medium"] * 4 + ["high"] * 2)
        self.assertEqual(events[4]["details"]["operation"], "admin-tool-updated")

    def test_what_was_not_seen_is_unknown(self):
        event, = self.run_steps(("POST", "/admin/gateways/g/state", None, 303, {}))
        self.assertEqual(self.values(event), ("admin-gateway-state-changed", None, None))
        self.assertEqual(event["details"]["object"], {"old": "unknown", "new": "unknown"})
        middleware, recorder = audited(answering(303, b""))
        ask(middleware, scope_of("POST", "/admin/gateways/g/state", b"activate=false"))
        self.assertEqual(self.values(recorder.events()[0]), ("admin-gateway-state-changed", None, {"enabled": False}))

    def test_lists_and_views_are_remembered_and_another_object_is_not_believed(self):
        one, two = {"id": "1", "name": "a"}, {"id": "2", "name": "b"}
        events = self.run_steps(
            ("GET", "/prompts", None, 200, {"data": [one, two]}), ("GET", "/prompts", None, 200, {"data": [one, two]}),
            ("PUT", "/prompts/1", {"name": "c"}, 200, {"id": "2", "name": "evil"}), ("DELETE", "/prompts/2", None, 204, {}),
            ("DELETE", "/prompts/1", None, 204, {}))
        self.assertEqual([self.values(event) for event in events[2:]], [
            ("admin-prompt-updated", {"name": "a"}, {"name": "c"}), ("admin-prompt-deleted", two, None),
            ("admin-prompt-deleted", None, None)])  # what 1 is since nobody showed it is unknown
        self.assertEqual(events[2]["details"]["object"]["claimed_id"], "2")

    def test_memory_is_bounded(self):
        from tallystick_asgi.objects import ObjectMemory, read_object
        memory = ObjectMemory(objects_max=3, bytes_max=100_000)
        for number in range(10):
            memory.changed("tool", str(number), read_object({"id": str(number), "x": "y" * 3000}), number)
        self.assertEqual([memory.find("tool", str(number)) is not None for number in range(10)], [False] * 7 + [True] * 3)
        memory.shown("tool", "9", read_object({"id": "9"}), 5.0)  # asked before it was changed
        self.assertIn("x", memory.find("tool", "9").members)
        big = read_object({"id": "b", **{f"k{i}": "z" * 3000 for i in range(9)}})
        self.assertLess(big.bytes, 20_000)
        self.assertEqual(set(big.members["k8"]), {"bytes", "digest"})
        self.assertIsNone(read_object({str(i): i for i in range(200)}))
        self.assertIsNone(read_object([1]))


class JsonRpc(unittest.TestCase):
    def events(self, message, answer, content_type="application/json", status=200, path="/rpc", headers=()):
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        middleware, recorder = audited(answering(status, body, content_type, headers))
        ask(middleware, scope_of("POST", path, headers=[*JSON, ("mcp-session-id", "s-1")]), json.dumps(message).encode())
        return recorder.events()

    def test_calls_have_the_names_and_targets_of_the_proxy(self):
        event, = self.events(call(arguments={"city": "Bern", "api_key": "x"}), result(7))
        self.assertEqual((event["event_name"], event["event_type"], event["target_type"], event["target_id"]),
                         ("mcp-tool-execution", "mcp", "tool", "gw/t"))
        self.assertEqual((event["event_result"], event["severity"], event["severity_level"]), ("success", "info", "medium"))
        details = event["details"]
        self.assertEqual((details["method"], details["jsonrpc_id"], details["direction"]), ("tools/call", 7, "c2s"))
        self.assertEqual(details["arguments"], {"city": "Bern", "api_key": "[redacted]"})
        self.assertEqual(event["session_id"], "s-1")

    def test_success_needs_all_layers(self):
        error = {"jsonrpc": "2.0", "id": 7, "error": {"code": -32602, "message": "bad token=abcdefgh"}}
        rows = [(result(7, isError=True), 200, "failure"), (error, 200, "failure"), (result(7), 200, "success"),
                ({**error, "error": {"code": -32603, "message": "x"}}, 200, "error"), (result(7), 500, "error"),
                (result(7), 403, "denied"), (result("7"), 200, "unknown"), (b"{", 200, "unknown"), (b"", 200, "unknown"),
                (result(7, resultType="input_required"), 200, "deferred")]
        for answer, status, expected in rows:
            with self.subTest(f"{answer} {status}"):
                event, = self.events(call(), answer, status=status)
                self.assertEqual(event["event_result"], expected)
                self.assertNotIn("abcdefgh", json.dumps(event))

    def test_answers_in_event_streams_and_packed_ones(self):
        lines = b": ping\r\n\r\ndata: " + json.dumps({"jsonrpc": "2.0", "method": "notifications/progress"}).encode()
        lines += b"\r\n\r\nevent: message\r\ndata: " + json.dumps(result(7, isError=True)).encode() + b"\r\n\r\n"
        event, = self.events(call(), lines, "text/event-stream", path="/servers/9/mcp")
        self.assertEqual((event["event_result"], event["error_message"]), ("failure", "said"))
        packed = gzip.compress(json.dumps(result(7)).encode())
        event, = self.events(call(), packed, headers=[(b"content-encoding", b"gzip")])
        self.assertEqual(event["event_result"], "success")

    def test_an_answer_that_is_too_long_to_be_read_is_no_success(self):
        middleware, recorder = audited(answering(body=json.dumps(result(7)).encode()), answer_bytes=20)
        ask(middleware, scope_of("POST", "/rpc", headers=JSON), json.dumps(call()).encode())
        event = recorder.events()[0]
        self.assertEqual((event["event_result"], event["details"]["outcome"]["reason"]), ("unknown", "answer-not-read"))

    def test_batches_and_notifications(self):
        batch = [call(identity=1), {"jsonrpc": "2.0", "method": "notifications/initialized"}, call("u", 2)]
        events = self.events(batch, [result(2), result(1, isError=True)])
        self.assertEqual([event["event_result"] for event in events], ["failure", "success", "success"])
        self.assertEqual([event["details"]["batch"]["index"] for event in events], [0, 1, 2])
        self.assertEqual(len({event["details"]["batch"]["id"] for event in events}), 1)
        self.assertEqual(len({event["event_id"] for event in events}), 3)

    def test_what_is_no_json_rpc_is_an_http_request(self):
        for body in (b"[]", b"{", b"3", b'{"a":1}', b'[{"method":3}]', b'{"a":' * 5000):
            middleware, recorder = audited(answering(400))
            ask(middleware, scope_of("POST", "/rpc", headers=JSON), body)
            self.assertEqual([event["event_name"] for event in recorder.events()], ["rpc-request"], body[:20])

    def test_keys_that_stand_twice_are_told(self):
        twice = b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","name":"b"}}'
        for path, body, name in (("/rpc", twice, "b"), ("/tools", b'{"name":"a","name":"b"}', "b")):
            middleware, recorder = audited(answering())
            ask(middleware, scope_of("POST", path, headers=JSON), body)
            event = recorder.events()[0]
            self.assertEqual((event["details"]["repeated_keys"], event.get("new_values")), (True, None))
            self.assertEqual(event["target_name"], name)  # as Python's own parser has it

    def test_events_fit_into_an_entry_whatever_is_in_them(self):
        from tallystick_asgi.events import encoded
        wide = {f"key{i}": "\u20ac" * 300 for i in range(12)}
        middleware, recorder = audited(answering(body=json.dumps({"id": "1" * 400, **wide}).encode()))
        for path in ("/tools/" + "1" * 400, "/rpc"):
            body = {**call("n" * 5000, arguments=wide), **wide} if path == "/rpc" else wide
            scope = scope_of("PUT" if path != "/rpc" else "POST", path, ("\u20ac" * 4000).encode(), JSON)
            ask(middleware, scope, json.dumps(body).encode())
        for event in recorder.events():
            self.assertLess(len(encoded(event)), 47_000)

    def test_long_words_take_no_time(self):
        import time
        from tallystick_asgi.redaction import match_key, redact_text
        began = time.perf_counter()
        for text in ("a" * 250_000 + " =", "a." * 100_000 + ": x", "://a:" * 50_000, '"aa":"' * 40_000, "cookie " * 30_000 + ":",
                     "bearer " * 30_000, "x" + " " * 200_000 + ":", "A" * 200_000 + "a "):
            redact_text(text, "", [])
        match_key("aB" * 100_000)
        json.dumps(redact_text("9" * 200_000 + "=1", "", []))
        self.assertLess(time.perf_counter() - began, 5)

    def test_hostile_values_give_valid_json(self):
        from tallystick_asgi.json_text import dumps
        body = b'{"jsonrpc":"2.0","id":1e999,"method":"tools/call","params":{"name":"\\ud800\\u0000","arguments":{"n":NaN}}}'
        middleware, recorder = audited(answering())
        ask(middleware, scope_of("POST", "/rpc", headers=JSON), body)
        event = json.loads(dumps(recorder.events()[0]).encode("utf-8", "replace"))
        self.assertEqual(event["target_name"], "?\ufffd")
        self.assertEqual(event["details"]["arguments"], {"n": "NaN"})


if __name__ == "__main__":
    unittest.main()
