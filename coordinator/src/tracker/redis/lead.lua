-- Takes, renews or gives up the lead. One slot: the lock and the epoch.
-- KEYS: lock, epoch
-- ARGV: what, leader, then
--   take:   TTL in ms, address, nonce, an epoch that has been seen
--   renew:  TTL in ms, address, nonce, own epoch, the nonce before
--   resign: nothing

-- The leader's id is stored as `incarnation`, its name since the first version: two versions may share a Redis.
local what, leader = ARGV[1], ARGV[2]
local holder = redis.call('HMGET', KEYS[1], 'incarnation', 'nonce', 'address')
local newest = redis.call('HMGET', KEYS[2], 'epoch', 'incarnation')
local newest_epoch = tonumber(newest[1] or '0')

local function lead(epoch)
  -- First: a script that has begun to write may go on in a Redis that is full, and must not begin with what adds.
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[2], 'epoch', epoch, 'incarnation', leader)
  redis.call('HDEL', KEYS[2], 'resigned')
  redis.call('HSET', KEYS[1], 'incarnation', leader, 'address', ARGV[4], 'nonce', ARGV[5])
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
end

if what == 'take' then
  if holder[1] and holder[1] ~= leader then
    return { 'LED', holder[3] or '' }
  end
  local epoch = math.max(newest_epoch, tonumber(ARGV[6])) + 1
  local before = newest_epoch == 0 and 'nobody' or redis.call('HGET', KEYS[2], 'resigned') or 'unknown'
  lead(epoch)
  return { 'LEADS', epoch, before }
end

if what == 'renew' then
  local epoch = tonumber(ARGV[6])
  if newest_epoch > epoch or (newest_epoch == epoch and newest[2] ~= leader) then
    return { 'FENCED', newest_epoch }
  end
  local kept = newest_epoch == epoch and holder[1] == leader
    and (holder[2] == ARGV[7] or holder[2] == ARGV[5])
  lead(epoch)
  return { kept and 'KEPT' or 'RETAKEN' }
end

if holder[1] == leader then
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[2], 'resigned', 'resigned')
end
return { 'RESIGNED' }
