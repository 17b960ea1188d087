-- Puts one chunk of a commit that is too big for one script into the journal. Nothing of it counts until the
-- commit seals the journal.
-- ARGV: epoch, leader, commit, place of the chunk from 0, writes

local commit, place = ARGV[3], tonumber(ARGV[4])

local fence = read_fence()
if is_fenced(fence) then
  return { 'FENCED', fence.epoch }
end
if fence.commit == commit then
  return { fence.sealed and 'SEALED' or 'REPEAT' }
end
-- A sealed journal is the truth of its pipeline: it is applied, never dropped. One that is lost cannot be applied.
if fence.sealed and fence.staged ~= commit and redis.call('EXISTS', KEYS[2]) == 1 then
  return { 'UNAPPLIED', fence.commit }
end
if place == 0 then
  redis.call('DEL', KEYS[2])
  redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'incarnation', leader, 'staged', commit)
else
  local staged = redis.call('LLEN', KEYS[2])
  if fence.staged ~= commit or staged < place then
    return { 'RESTAGE' }
  end
  if staged > place then
    return { 'STAGED' }
  end
end
local chunk = {}
for at = 5, #ARGV do
  chunk[at - 4] = ARGV[at]
end
redis.call('RPUSH', KEYS[2], cmsgpack.pack(chunk))
return { 'STAGED' }
