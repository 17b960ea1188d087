-- Looks at the lead, takes, renews or gives it up. One slot: the lock, the epoch, and whose records these are.
-- KEYS: lock, epoch, store
-- ARGV: what, leader, the id of its store or nothing, then
--   look:   nothing
--   take:   TTL in ms, address, nonce, an epoch that has been seen elsewhere, the epoch of the look that this follows,
--           the time of that look, how old it may be in ms
--   renew:  TTL in ms, address, nonce, own epoch, the nonce before
--   resign: nothing

-- The leader's id is stored as `incarnation`, its name since the first version: two versions may share a Redis.
local what, leader, store = ARGV[1], ARGV[2], ARGV[3]
local holder = redis.call('HMGET', KEYS[1], 'incarnation', 'nonce', 'address')
local newest = redis.call('HMGET', KEYS[2], 'epoch', 'incarnation')
local newest_epoch = tonumber(newest[1] or '0')

-- Milliseconds of the wall clock: the one clock that all coordinators share.
local function now()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

-- As text: Lua would write a number of this size as it likes.
local function digits(number)
  return string.format('%.0f', number)
end

local function lead(epoch)
  -- First: a script that has begun to write may go on in a Redis that is full, and must not begin with what adds.
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[2], 'epoch', digits(epoch), 'incarnation', leader)
  redis.call('HDEL', KEYS[2], 'resigned')
  if store ~= '' then
    redis.call('SET', KEYS[3], store)
  end
  redis.call('HSET', KEYS[1], 'incarnation', leader, 'address', ARGV[5], 'nonce', ARGV[6])
  redis.call('PEXPIRE', KEYS[1], ARGV[4])
end

if (what == 'look' or what == 'take') and store ~= '' then
  local kept = redis.call('GET', KEYS[3])
  if kept and kept ~= store then
    return { 'ANOTHERS', kept }
  end
end

if what == 'look' then
  local state = 'free'
  if holder[1] then
    state = holder[1] == leader and 'own' or 'held'
  elseif redis.call('HEXISTS', KEYS[2], 'resigned') == 1 then
    state = 'resigned'
  end
  return { state, digits(newest_epoch), digits(now()), digits(redis.call('PTTL', KEYS[1])), holder[3] or '' }
end

if what == 'take' then
  if holder[1] and holder[1] ~= leader then
    return { 'LED', holder[3] or '' }
  end
  -- What was decided from a look counts only while the look does: Redis may have stood still in between.
  if newest_epoch ~= tonumber(ARGV[8]) or now() - tonumber(ARGV[9]) > tonumber(ARGV[10]) then
    return { 'STALE' }
  end
  -- Never an epoch that was given before, also where Redis has forgotten it.
  local epoch = math.max(newest_epoch, tonumber(ARGV[7]), now()) + 1
  local before = newest_epoch == 0 and 'nobody' or redis.call('HGET', KEYS[2], 'resigned') or 'unknown'
  lead(epoch)
  return { 'LEADS', digits(epoch), before, digits(now()) }
end

if what == 'renew' then
  local epoch = tonumber(ARGV[7])
  if newest_epoch > epoch or (newest_epoch == epoch and newest[2] ~= leader) then
    return { 'FENCED', digits(newest_epoch) }
  end
  local kept = newest_epoch == epoch and holder[1] == leader
    and (holder[2] == ARGV[8] or holder[2] == ARGV[6])
  lead(epoch)
  return { kept and 'KEPT' or 'RETAKEN' }
end

if holder[1] == leader then
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[2], 'resigned', 'resigned')
end
return { 'RESIGNED' }
