-- Writes one chunk of a sealed journal. Called until nothing is left.
-- ARGV: epoch, leader, commit

local fence = read_fence()
if is_fenced(fence) then
  return { 'FENCED', fence.epoch }
end
if fence.commit ~= ARGV[3] then
  return { 'DIVERGED' }
end
if not fence.sealed then
  return { 'APPLIED', 0 }
end
local chunk = redis.call('LPOP', KEYS[2])
if not chunk then
  return { 'DIVERGED' }
end
write(cmsgpack.unpack(chunk), 1)
local left = redis.call('LLEN', KEYS[2])
if left == 0 then
  redis.call('HDEL', KEYS[1], 'sealed')
end
return { 'APPLIED', left }
