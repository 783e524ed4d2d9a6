local greet = require 'greeting'

local count = 0
for name in io.lines() do
  print(greet(name))
  count = count + 1
end
print(count .. ' names')
