-- SPDX-License-Identifier: Apache-2.0
-- One tools/call after another, for wrk: `wrk -s load.lua URL -- TOOL [SESSION]`. With a session every call has an id of
-- its own, as a session demands; without one all are the same bytes, which costs the generator least.
-- A TOOL of "GET" or "POST" is no tool: requests with that method that are not MCP.

local tool, session
local count = 0

local function body(id)
  return string.format(
    '{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"%s","arguments":{"message":"hello"}}}', id, tool)
end

local thread_number = 0
function setup(thread)
  thread:set("first_id", thread_number * 100000000)
  thread_number = thread_number + 1
end

function init(args)
  tool = args[1]
  session = args[2]
  if tool == "GET" or tool == "POST" then
    wrk.method = tool
    if tool == "POST" then
      wrk.headers["Content-Type"] = "application/json"
      wrk.body = '{"name":"deploy","description":"hello"}'
    end
    fixed = wrk.format()
    return
  end
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
  wrk.headers["Accept"] = "application/json, text/event-stream"
  wrk.headers["Mcp-Session-Id"] = session
  if session then wrk.headers["MCP-Protocol-Version"] = "2025-11-25" end
  wrk.body = body(1)
  fixed = wrk.format()
end

function request()
  if not session then return fixed end
  count = count + 1
  return wrk.format(nil, nil, nil, body(first_id + count))
end

function done(summary, latency, requests)
  local failed = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.status +
    summary.errors.timeout
  io.write(string.format('{"calls":%d,"us":%d,"failed":%d,"p50_us":%d,"p99_us":%d}\n',
    summary.requests, summary.duration, failed, latency:percentile(50), latency:percentile(99)))
end
