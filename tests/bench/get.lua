-- The same page, again and again.
dofile("answers.lua")

function init(args)
  expect(args)
end
