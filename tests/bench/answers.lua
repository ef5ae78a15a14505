-- What every load script shares: each answer's status and body are looked at, and counted.
-- Started by load.py, in this folder, with the expected status and pieces of the body behind `--`.

local threads = {}

function setup(thread)
  thread:set("id", #threads)
  table.insert(threads, thread)
end

function expect(args)
  good, bad, example = 0, 0, ""
  status_wanted = tonumber(args[1])
  pieces = { unpack(args, 2) }
end

function response(status, headers, body)
  local fits = status == status_wanted
  for _, piece in ipairs(pieces) do
    fits = fits and string.find(body, piece, 1, true) ~= nil
  end
  if fits then
    good = good + 1
  else
    bad = bad + 1
    example = status .. " " .. string.gsub(string.sub(body, 1, 300), "%s+", " ")
  end
end

function done(summary, latency, requests)
  local good, bad, example = 0, 0, ""
  for _, thread in ipairs(threads) do
    good = good + thread:get("good")
    bad = bad + thread:get("bad")
    if thread:get("bad") > 0 then example = thread:get("example") end
  end
  local e = summary.errors
  local broken = e.connect + e.read + e.write + e.timeout
  io.write(string.format("RESULT %d %d %d %d %d %d\n", good, bad, broken, summary.duration,
    latency:percentile(50), latency:percentile(99)))
  if bad > 0 then io.write("EXAMPLE " .. example .. "\n") end
end
