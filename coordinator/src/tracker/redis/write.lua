-- A list of writes: what, the number of values, the values; and again.

local EVENTS_KEPT = 10000
-- Lua cannot pass more than some 8,000 values to one command.
local VALUES_PER_COMMAND = 1000

local hashes = { status = KEYS[5], items = KEYS[6], states = KEYS[7] }

local function write(list, at)
  while at <= #list do
    local what, first, last = list[at], at + 2, at + 1 + tonumber(list[at + 1])
    if what == 'spec' then
      redis.call('SET', KEYS[3], list[first])
    elseif what == 'head' then
      redis.call('SET', KEYS[4], list[first])
    elseif what == 'event' then
      redis.call('XADD', KEYS[8], 'MAXLEN', '~', EVENTS_KEPT, '*', unpack(list, first, last))
    else
      for from = first, last, VALUES_PER_COMMAND do
        redis.call('HSET', hashes[what], unpack(list, from, math.min(from + VALUES_PER_COMMAND - 1, last)))
      end
    end
    at = last + 1
  end
end
