-- The beginning of every script about one pipeline: who may write to it, and how far it is written.
-- KEYS: fence, journal, spec, head, status, items, states, events
-- ARGV: epoch, leader, ...

-- The leader's id is stored as `incarnation`, its name since the first version: two versions may share a Redis.
local epoch, leader = tonumber(ARGV[1]), ARGV[2]

local function read_fence()
  local at = redis.call('HMGET', KEYS[1], 'epoch', 'incarnation', 'sequence', 'commit', 'staged', 'sealed')
  return {
    epoch = tonumber(at[1] or '0'),
    leader = at[2],
    sequence = tonumber(at[3] or '0'),
    commit = at[4] or '',
    staged = at[5],
    sealed = at[6],
  }
end

local function is_fenced(fence)
  return fence.epoch > epoch or (fence.epoch == epoch and fence.leader ~= leader)
end
