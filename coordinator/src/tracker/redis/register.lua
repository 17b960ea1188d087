-- Enters a pipeline into the index, or takes it out.
-- KEYS: pipelines, epoch
-- ARGV: own epoch, leader, pipeline, entry (empty: take it out)

local epoch = tonumber(ARGV[1])
local newest = redis.call('HMGET', KEYS[2], 'epoch', 'incarnation')
local newest_epoch = tonumber(newest[1] or '0')
if newest_epoch > epoch or (newest_epoch == epoch and newest[2] ~= ARGV[2]) then
  return { 'FENCED', newest_epoch }
end
if ARGV[4] == '' then
  redis.call('HDEL', KEYS[1], ARGV[3])
else
  redis.call('HSET', KEYS[1], ARGV[3], ARGV[4])
end
return { 'REGISTERED' }
