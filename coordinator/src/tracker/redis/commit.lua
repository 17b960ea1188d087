-- Writes one pipeline's part of a commit, or seals a journal that holds it.
-- A twin of tracker/memory.rs and of the simulation's tracker (pipeline/tests/simulation/tracker.rs): what one of the
-- three compares before it writes, the others compare too. One conformance suite runs on all of them.
-- ARGV: epoch, leader, content, sequence, commit, the commit before, chunks in the journal (0: none), writes

-- Longer than any leader that does not know yet that it has been replaced.
local TOMBSTONE_SECONDS = 86400

local content, sequence, commit = ARGV[3], tonumber(ARGV[4]), ARGV[5]
local before, chunks = ARGV[6], tonumber(ARGV[7])

local fence = read_fence()
if is_fenced(fence) then
  return { 'FENCED', fence.epoch }
end

if content == 'removed' then
  redis.call('UNLINK', KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8])
  redis.call('HDEL', KEYS[1], 'staged', 'sealed')
  redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'incarnation', leader, 'sequence', 0, 'commit', '')
  redis.call('EXPIRE', KEYS[1], TOMBSTONE_SECONDS)
  return { 'APPLIED' }
end

-- Single keys may be evicted or removed under a fence that stands.
local function is_whole()
  return redis.call('EXISTS', KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]) == 5
end

if fence.sequence == sequence and fence.commit == commit then
  if content == 'verify' and (fence.sealed or not is_whole()) then
    return { 'DIVERGED' }
  end
  -- First: what is verified in a Redis that is full must not begin with what adds.
  redis.call('PERSIST', KEYS[1])
  redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'incarnation', leader)
  return { fence.sealed and 'SEALED' or 'REPEAT' }
end

-- A repeat that was overtaken, on a connection that was given up: what came after it stays.
if content == 'whole' and fence.epoch == epoch and fence.sequence > sequence then
  return { 'REPEAT' }
end

local fits = content == 'whole'
  or (content == 'created' and fence.sequence == 0)
  or (content == 'saved' and fence.sequence + 1 == sequence and fence.commit == before and not fence.sealed
    and is_whole())
if not fits then
  return { 'DIVERGED' }
end

if chunks > 0 and (fence.staged ~= commit or redis.call('LLEN', KEYS[2]) ~= chunks) then
  return { 'RESTAGE' }
end

if content ~= 'saved' then
  redis.call('UNLINK', KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7])
end
redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'incarnation', leader, 'sequence', ARGV[4], 'commit', commit)
redis.call('PERSIST', KEYS[1])
if chunks > 0 then
  redis.call('HSET', KEYS[1], 'sealed', chunks)
  redis.call('HDEL', KEYS[1], 'staged')
  return { 'SEALED' }
end
if fence.staged or fence.sealed then
  redis.call('UNLINK', KEYS[2])
  redis.call('HDEL', KEYS[1], 'staged', 'sealed')
end
write(ARGV, 8)
return { 'APPLIED' }
