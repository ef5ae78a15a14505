-- The button behind a mailed link, each link once. BENCH_LINKS names a file with a line for each:
-- the path, a space, and what the button sends.
dofile("answers.lua")

local headers = {
  ["Content-Type"] = "application/x-www-form-urlencoded",
  ["Sec-Fetch-Site"] = "same-origin",
}

function init(args)
  expect(args)
  links = {}
  local line_number = 0
  for line in io.lines(os.getenv("BENCH_LINKS")) do
    if line_number % 2 == id then table.insert(links, line) end
    line_number = line_number + 1
  end
  number = 0
end

function request()
  number = number + 1
  local link = links[number] or "/confirm/too-few-links-for-this-run -"
  local path, form = string.match(link, "^(%S+) (.+)$")
  return wrk.format("POST", path, headers, form)
end
