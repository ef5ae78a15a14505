-- A form filled in by a new signer each time; the environment says what makes this run's unlike
-- any other's. BENCH_SOLUTIONS may name a file with a proof of work on each line, for one form each.
dofile("answers.lua")

local given = { "Ada", "Chidi", "Elif", "Farah", "Greta", "Mateo", "Naoko", "Rafael", "Zora" }
local family = { "Brushwood", "B%C3%BChnenlicht", "Chalkline", "Halftone", "Linocut", "Vellum" }
local headers = {
  ["Content-Type"] = "application/x-www-form-urlencoded",
  ["Sec-Fetch-Site"] = "same-origin",
}

function init(args)
  expect(args)
  run = os.getenv("BENCH_RUN")
  number = 0
  proofs = {}
  local file, line_number = os.getenv("BENCH_SOLUTIONS"), 0
  if not file then return end
  for line in io.lines(file) do
    if line_number % 2 == id then table.insert(proofs, line) end
    line_number = line_number + 1
  end
end

function request()
  number = number + 1
  local name = given[number % #given + 1] .. "+" .. family[number % #family + 1]
  local email = "signer." .. run .. "." .. id .. "." .. number .. "%40example.org"
  return wrk.format("POST", nil, headers, "name=" .. name .. "&email=" .. email
    .. "&role=illustrator&affiliation=&location=Lisbon&comment=&show_name=y&website=&consent=y"
    .. "&puzzle=" .. (proofs[number] or ""))
end
