-- Raises a pipeline's fence to a new leader's epoch, so that no older leader writes to it any more, and drops a
-- journal that was never sealed.
-- ARGV: epoch, leader

-- A fence without a pipeline stands as long as a leader could that does not know yet that it has been replaced.
local TOMBSTONE_SECONDS = 86400

local fence = read_fence()
if is_fenced(fence) then
  return { 'FENCED', fence.epoch }
end
-- A script that has begun to write may go on in a Redis that is full, and must not begin with what adds.
redis.call('PERSIST', KEYS[1])
redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'incarnation', leader)
if fence.staged then
  redis.call('UNLINK', KEYS[2])
  redis.call('HDEL', KEYS[1], 'staged')
end
if fence.sequence == 0 then
  redis.call('EXPIRE', KEYS[1], TOMBSTONE_SECONDS)
end
return { 'RAISED', fence.sequence, fence.commit, fence.sealed and 1 or 0 }
