#!lua name=@NAME@
-- Who gets the seat, inside Redis: the rule of domain/seat/decide.cpp over one event's keys. One FCALL
-- is one atomic step over a batch of calls, each judged and made in turn, all-or-nothing by itself.
--
-- Keys of an event; F is the fence, the memory of this very server process (see docs/scaled/redis.md):
--   meta{e:7}        hash    epoch fence state first stride count
--   seats{e:7}:E.F   hash    "m": versions taken; 4 bytes (seat index, little endian): a seat's record;
--                            16 bytes (a buyer): the seat indexes this buyer has, 4 bytes each
--   due{e:7}:E.F     zset    seat index by the time (ms) its hold or pin ends; a seat may be in it in vain
--   feed{e:7}:E.F    stream  id E-counter, field "c": for each change 4 bytes seat index, 1 byte status;
--                            the id is the version of the last
-- Since epoch and fence are in the names, a caller with an outdated view finds no "m", and so nothing.
--
-- A record: byte 1 what the seat is, 2-17 the buyer (of an available seat: whose hold lapsed here), then
--   held    18-25 expires_at 26-33 extendable_until
--   pinned  18-25 expires_at 26-33 extendable_until 34-41 deadline 42-57 order
--   sold    18-33 order
-- Times are ms since 1970 as little-endian doubles. No field: available since ever.

-- Lua's own library is not there while this text is loaded, only when a function runs.
local call, byte, sub, char, concat, pack, bytes
local function begin()
  call, byte, sub, char = redis.call, string.byte, string.sub, string.char
  concat, pack, bytes = table.concat, struct.pack, struct.unpack
end

local AVAILABLE, HELD, PINNED, SOLD, BLOCKED = 0, 1, 2, 3, 4
local WIRE = {[AVAILABLE] = 0, [HELD] = 1, [PINNED] = 1, [SOLD] = 2, [BLOCKED] = 3}
local SHOWN_FREE, SHOWN_HELD, SHOWN_SOLD, SHOWN_BLOCKED = '\0', '\1', '\2', '\3'
local FREE, IS_BLOCKED = '\0', '\4'

-- Refusals, the gravest first: sold, conflict, not the caller's, expired. "L": over the limit.
local GRAVITY = {S = 4, C = 3, O = 2, X = 1}

-- The step under way.
local seats_key, now, counter
local cells                  -- fields of the seats hash by name; false: no such field
local dirty, dirty_n         -- names of the fields to write, in order
local changes, change_n      -- feed pieces
local due, due_n             -- ZADD arguments
local is_dirty
local ends_number, ends_text          -- the last time that was written out, and how
local life_wanted, life_max, life_tail  -- the end of the last record of a new hold, and of which

local function cell(field)
  local value = cells[field]
  if value == nil then
    value = call('HGET', seats_key, field)
    cells[field] = value
  end
  return value
end

local function write(field, value)
  cells[field] = value
  if not is_dirty[field] then
    is_dirty[field] = true
    dirty_n = dirty_n + 1
    dirty[dirty_n] = field
  end
end

-- What a seat is at `now`: past its end it is free, whether or not the sweep has met it.
local function as_of(record)
  if not record then return AVAILABLE end
  local kind = byte(record)
  if kind == HELD then
    if now >= bytes('<d', record, 18) then return AVAILABLE end
  elseif kind == PINNED then
    if now >= bytes('<d', record, 34) then return AVAILABLE end
  end
  return kind
end

local function owner_of(record)
  if not record then return nil end
  local kind = byte(record)
  if kind == HELD or kind == PINNED or kind == SOLD then return sub(record, 2, 17) end
end

local function without(list, seat)
  for i = 1, #list, 4 do
    if sub(list, i, i + 3) == seat then return sub(list, 1, i - 1) .. sub(list, i + 4) end
  end
  return list
end

-- A time as text: left to Redis, each number would be printed anew with 17 digits.
local function text_of(time)
  if time ~= ends_number then
    ends_number, ends_text = time, string.format('%.0f', time)
  end
  return ends_text
end

local function change(seat, new, shown, ends)
  write(seat, new)
  changes[change_n * 2 + 1] = seat
  changes[change_n * 2 + 2] = shown
  change_n = change_n + 1
  if ends then
    due[due_n + 1] = text_of(ends)
    due[due_n + 2] = seat
    due_n = due_n + 2
  end
end

-- The seat becomes `new`: its record, its owner's list, its next version, its time in the index.
local function put(seat, old, new, shown, ends)
  local before, after = owner_of(old), owner_of(new)
  if before ~= after then
    if before then write(before, without(cell(before) or '', seat)) end
    if after then write(after, (cell(after) or '') .. seat) end
  end
  change(seat, new, shown, ends)
end

local function granted(expires_at)
  return 'K' .. pack('<dd', counter + change_n, expires_at or 0)
end

-- Why this is not the buyer's own live hold; nil if it is.
local function not_own_hold(record, buyer)
  local kind = as_of(record)
  if kind == SOLD then return 'S' end
  if kind == BLOCKED then return 'C' end
  if kind == AVAILABLE then return 'X' end
  local own = sub(record, 2, 17) == buyer
  if kind == PINNED then return own and 'C' or 'O' end
  return not own and 'O' or nil
end

-- Was it this buyer's hold or pin that ended here by itself?
local function lapsed_from(record, buyer)
  return record and #record >= 17 and byte(record) <= PINNED and sub(record, 2, 17) == buyer
end

-- Judges every seat of `op` from byte `first` on by rule(record) -> refusal | nil, new record | nil,
-- shown, ends; then changes all of them, or none.
local function each(op, first, rule)
  local plan, n, worst, refused = {}, 0, nil, ''
  for i = first, #op, 4 do
    local seat = sub(op, i, i + 3)
    local record = cells[seat]
    local refusal, new, shown, ends = rule(record)
    if refusal then
      if not worst or GRAVITY[refusal] > GRAVITY[worst] then worst = refusal end
      refused = refused .. char(i - first + WIRE[as_of(record)])
    elseif new then
      plan[n + 1], plan[n + 2], plan[n + 3], plan[n + 4], plan[n + 5] = seat, record, new, shown, ends or 0
      n = n + 5
    end
  end
  if worst then return worst .. refused end
  for i = 1, n, 5 do
    local ends = plan[i + 4]
    put(plan[i], plan[i + 1], plan[i + 2], plan[i + 3], ends ~= 0 and ends or nil)
  end
  return granted()
end

local function live_of(list)
  local n = 0
  for i = 1, #list, 4 do
    local kind = as_of(cell(sub(list, i, i + 3)))
    if kind == HELD or kind == PINNED or kind == SOLD then n = n + 1 end
  end
  return n
end

-- The calls, by the first byte of their text. FIRST: where its seats begin.
local CALLS, FIRST = {}, {}

-- H buyer wanted life limit seats…
FIRST.H = 35
function CALLS.H(op)
  local buyer, wanted, life, limit = bytes('<c16ddB', op, 2)
  local free, n, worst, refused, soonest = {}, 0, nil, '', nil
  for i = 35, #op, 4 do
    local seat = sub(op, i, i + 3)
    local record = cells[seat]
    local kind = as_of(record)
    if kind == AVAILABLE then
      n = n + 1
      free[n] = seat
    elseif kind == HELD and sub(record, 2, 17) == buyer then
      local expires = bytes('<d', record, 18)
      if not soonest or expires < soonest then soonest = expires end
    else
      local refusal = kind == SOLD and 'S' or 'C'
      if worst ~= 'S' then worst = refusal end
      refused = refused .. char(i - 35 + WIRE[kind])
    end
  end
  if worst then return worst .. refused end
  if n == 0 then return granted(soonest) end
  local list = cells[buyer] or ''
  if #list / 4 + n > limit and live_of(list) + n > limit then return 'L' end
  local expires = now + wanted
  if wanted ~= life_wanted or life ~= life_max then
    life_wanted, life_max, life_tail = wanted, life, pack('<dd', expires, now + life)
  end
  local record = '\1' .. buyer .. life_tail
  for i = 1, n do
    local seat = free[i]
    local old = cells[seat]
    if old and byte(old) ~= AVAILABLE then
      put(seat, old, record, SHOWN_HELD, expires)
    else  -- nobody's: the common case
      write(buyer, (cells[buyer] or '') .. seat)
      change(seat, record, SHOWN_HELD, expires)
    end
  end
  if not soonest or expires < soonest then soonest = expires end
  return granted(soonest)
end

-- E buyer by seat
FIRST.E = 26
function CALLS.E(op)
  local buyer, by = bytes('<c16d', op, 2)
  local reached
  local answer = each(op, 26, function(record)
    local refusal = not_own_hold(record, buyer)
    if refusal then return refusal end
    local expires, extendable = bytes('<dd', record, 18)
    reached = expires
    local wanted = now + by
    if wanted > extendable then wanted = extendable end
    if wanted <= expires then return nil end
    reached = wanted
    return nil, sub(record, 1, 17) .. pack('<dd', wanted, extendable), SHOWN_HELD, wanted
  end)
  return byte(answer) == 75 and granted(reached) or answer
end

-- R buyer seats…
FIRST.R = 18
function CALLS.R(op)
  local buyer = sub(op, 2, 17)
  return each(op, 18, function(record)
    local refusal = not_own_hold(record, buyer)
    if refusal == 'X' then return nil end
    return refusal, FREE, SHOWN_FREE
  end)
end

-- P buyer order deadline seats…
FIRST.P = 42
function CALLS.P(op)
  local buyer, order, deadline = bytes('<c16c16d', op, 2)
  return each(op, 42, function(record)
    if as_of(record) == PINNED and sub(record, 2, 17) == buyer and sub(record, 42, 57) == order then
      return nil
    end
    local refusal = not_own_hold(record, buyer)
    if refusal == 'X' and not lapsed_from(record, buyer) then refusal = 'C' end
    if refusal then return refusal end
    return nil, '\2' .. sub(record, 2, 33) .. pack('<d', deadline) .. order, SHOWN_HELD, deadline
  end)
end

local function pinned_to(record, order)
  return as_of(record) == PINNED and sub(record, 42, 57) == order
end
local function sold_to(record, order)
  return record and byte(record) == SOLD and sub(record, 18, 33) == order
end

-- S order seats…
FIRST.S = 18
function CALLS.S(op)
  local order = sub(op, 2, 17)
  return each(op, 18, function(record)
    if sold_to(record, order) then return nil end
    if not pinned_to(record, order) then return 'X' end
    return nil, '\3' .. sub(record, 2, 17) .. order, SHOWN_SOLD
  end)
end

-- U order seats…
FIRST.U = 18
function CALLS.U(op)
  local order = sub(op, 2, 17)
  return each(op, 18, function(record)
    if not pinned_to(record, order) then return nil end
    local expires = bytes('<d', record, 18)
    if now >= expires then return nil, FREE, SHOWN_FREE end
    return nil, '\1' .. sub(record, 2, 33), SHOWN_HELD, expires
  end)
end

-- G order seats…
FIRST.G = 18
function CALLS.G(op)
  local order = sub(op, 2, 17)
  return each(op, 18, function(record)
    if sold_to(record, order) or pinned_to(record, order) then return nil, FREE, SHOWN_FREE end
  end)
end

-- C buyer order seat
FIRST.C = 34
function CALLS.C(op)
  local buyer, order = bytes('<c16c16', op, 2)
  return each(op, 34, function(record)
    if sold_to(record, order) and sub(record, 2, 17) == buyer then return nil end
    local refusal = not_own_hold(record, buyer)
    if refusal then return refusal end
    return nil, '\3' .. buyer .. order, SHOWN_SOLD
  end)
end

-- B seats…: block; b seats…: block what is available; N seats…: unblock
FIRST.B = 2
function CALLS.B(op)
  return each(op, 2, function(record)
    local kind = as_of(record)
    if kind == SOLD then return 'S' end
    if kind == HELD or kind == PINNED then return 'C' end
    if kind == AVAILABLE then return nil, IS_BLOCKED, SHOWN_BLOCKED end
  end)
end
FIRST.b = 2
function CALLS.b(op)
  return each(op, 2, function(record)
    if as_of(record) == AVAILABLE then return nil, IS_BLOCKED, SHOWN_BLOCKED end
  end)
end
FIRST.N = 2
function CALLS.N(op)
  return each(op, 2, function(record)
    if as_of(record) == BLOCKED then return nil, FREE, SHOWN_FREE end
  end)
end

-- L seats…: what is past its end is available, and remembers whose it was
FIRST.L = 2
function CALLS.L(op)
  return each(op, 2, function(record)
    if owner_of(record) and as_of(record) == AVAILABLE then
      return nil, FREE .. sub(record, 2, 17), SHOWN_FREE
    end
  end)
end

-- W seat, 2 bytes length of what it was, that, what it becomes: only if it still is that
FIRST.W = 2
function CALLS.W(op)
  local seat, length = bytes('<c4H', op, 2)
  local old, new = sub(op, 8, 7 + length), sub(op, 8 + length)
  local record = cells[seat]
  if (record or '') ~= old then return 'X' end
  local kind = byte(new)
  local ends
  if kind == HELD then ends = bytes('<d', new, 18) elseif kind == PINNED then ends = bytes('<d', new, 34) end
  -- A seat may have been lost without its owner's list.
  local owner = owner_of(new)
  if owner and owner ~= owner_of(record) then write(owner, without(cell(owner) or '', seat)) end
  put(seat, record, new, char(WIRE[kind]), ends)
  return granted()
end

local function time_now(given)
  if given ~= '' then return tonumber(given) end
  local t = call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

-- Reads all that the calls name in one command. False: the event is closed to this caller.
local function begin_step(key, given_now, ops, first_op)
  seats_key, now = key, time_now(given_now)
  cells, is_dirty, dirty, dirty_n = {}, {}, {}, 0
  changes, change_n, due, due_n = {}, 0, {}, 0
  ends_number, life_wanted = nil, nil
  local names, n = {'m'}, 1
  for i = first_op, #ops do
    local op = ops[i]
    local what = sub(op, 1, 1)
    if what == 'H' or what == 'R' then
      local buyer = sub(op, 2, 17)
      if cells[buyer] == nil then
        n = n + 1
        names[n] = buyer
        cells[buyer] = false
      end
    end
    for at = FIRST[what], what == 'W' and 2 or #op, 4 do
      local seat = sub(op, at, at + 3)
      if cells[seat] == nil then
        n = n + 1
        names[n] = seat
        cells[seat] = false
      end
    end
  end
  local values = call('HMGET', key, unpack(names))
  if not values[1] then return false end
  for i = 2, n do cells[names[i]] = values[i] end
  counter = tonumber(values[1])
  return true
end

local function commit_step(keys, epoch, feed_entries)
  if change_n == 0 then return end
  local last = string.format('%.0f', counter + change_n)
  local set, n, gone = {'m', last}, 2, nil
  for i = 1, dirty_n do
    local field = dirty[i]
    local value = cells[field]
    if value == '' then  -- a buyer without seats
      gone = gone or {}
      gone[#gone + 1] = field
    else
      set[n + 1] = field
      set[n + 2] = value
      n = n + 2
    end
  end
  call('HSET', seats_key, unpack(set))
  if gone then call('HDEL', seats_key, unpack(gone)) end
  if due_n ~= 0 then call('ZADD', keys[2], unpack(due)) end
  call('XADD', keys[3], 'MAXLEN', '~', feed_entries, epoch .. '-' .. last, 'c', concat(changes))
end

-- KEYS seats due feed; ARGV epoch, entries the feed keeps, now or "", calls… -> an answer each
local function step(keys, args)
  begin()
  if not begin_step(keys[1], args[3], args, 4) then return 'CLOSED' end
  local answers = {}
  for i = 4, #args do
    local op = args[i]
    answers[i - 3] = CALLS[sub(op, 1, 1)](op)
  end
  commit_step(keys, args[1], args[2])
  return answers
end

-- KEYS seats due feed; ARGV epoch, entries the feed keeps, now or "", at most
-- -> {seats freed, when the next is due or -1}
local function expire(keys, args)
  begin()
  local at = time_now(args[3])
  local freed = 0
  local seats = call('ZRANGEBYSCORE', keys[2], '-inf', at, 'LIMIT', 0, args[4])
  if #seats ~= 0 then
    if not begin_step(keys[1], args[3], {'L' .. concat(seats)}, 1) then return 'CLOSED' end
    CALLS.L('L' .. concat(seats))
    commit_step(keys, args[1], args[2])
    call('ZREM', keys[2], unpack(seats))
    freed = change_n
  elseif call('HEXISTS', keys[1], 'm') == 0 then
    return 'CLOSED'
  end
  local next_due = call('ZRANGE', keys[2], 0, 0, 'WITHSCORES')[2]
  return {freed, next_due and tonumber(next_due) - at or -1}
end

-- KEYS seats feed; ARGV epoch, counter to read after, entries at most -> {counter, entries}
local function read(keys, args)
  begin()
  local last = call('HGET', keys[1], 'm')
  if not last then return 'CLOSED' end
  return {last, call('XRANGE', keys[2], '(' .. args[1] .. '-' .. args[2], '+', 'COUNT', args[3])}
end

-- KEYS seats; ARGV buyer, now or "" -> {counter, now, seat, record, …}
local function holds_of(keys, args)
  begin()
  local found = call('HMGET', keys[1], 'm', args[1])
  if not found[1] then return 'CLOSED' end
  local out = {found[1], string.format('%.0f', time_now(args[2]))}
  local list = found[2] or ''
  for i = 1, #list, 4 do
    local seat = sub(list, i, i + 3)
    out[#out + 1] = seat
    out[#out + 1] = call('HGET', keys[1], seat) or FREE
  end
  return out
end

-- KEYS meta; ARGV first stride count -> OK, MISSING, MISMATCH. More seats at the end.
local function grow(keys, args)
  begin()
  local known = call('HMGET', keys[1], 'first', 'stride', 'count')
  if not known[1] then return 'MISSING' end
  if known[1] ~= args[1] or known[2] ~= args[2] or tonumber(known[3]) > tonumber(args[3]) then
    return 'MISMATCH'
  end
  if known[3] ~= args[3] then call('HSET', keys[1], 'count', args[3]) end
  return 'OK'
end

-- The rebuild. All keys carry the same tag; the names of the previous memory are in its meta.

-- KEYS meta; ARGV tag epoch first stride count now -> now, or SUPERSEDED. Closes the event: what it
-- was goes to old{tag}, where no caller looks.
local function rebuild_begin(keys, args)
  begin()
  local tag = args[1]
  local known = call('HMGET', keys[1], 'epoch', 'fence', 'state', 'count')
  local count = args[5]
  if known[1] then
    if tonumber(known[1]) >= tonumber(args[2]) then return 'SUPERSEDED' end
    if known[3] == 'open' then
      local suffix = tag .. ':' .. known[1] .. '.' .. known[2]
      if call('EXISTS', 'seats' .. suffix) == 1 then
        call('RENAME', 'seats' .. suffix, 'old' .. tag)
      end
      call('DEL', 'due' .. suffix, 'feed' .. suffix)
    else
      call('DEL', 'new' .. tag .. ':' .. known[1], 'newdue' .. tag .. ':' .. known[1])
    end
    if tonumber(known[4]) > tonumber(count) then count = known[4] end
  end
  call('HSET', keys[1], 'epoch', args[2], 'fence', '', 'state', 'rebuilding', 'first', args[3],
    'stride', args[4], 'count', count)
  return string.format('%.0f', time_now(args[6]))
end

local function is_rebuilding(meta, epoch)
  local known = call('HMGET', meta, 'epoch', 'state')
  return known[1] == epoch and known[2] == 'rebuilding'
end

-- KEYS meta; ARGV tag epoch n, n field and value arguments, score and seat arguments
local function rebuild_fill(keys, args)
  begin()
  if not is_rebuilding(keys[1], args[2]) then return 'SUPERSEDED' end
  local name = args[1] .. ':' .. args[2]
  local n = tonumber(args[3])
  if n > 0 then call('HSET', 'new' .. name, unpack(args, 4, 3 + n)) end
  if #args > 3 + n then call('ZADD', 'newdue' .. name, unpack(args, 4 + n)) end
  return 'OK'
end

-- KEYS meta; ARGV tag epoch fence, fields that were filled in. Opens the event again.
local function rebuild_finish(keys, args)
  begin()
  local tag, epoch = args[1], args[2]
  if not is_rebuilding(keys[1], epoch) then return 'SUPERSEDED' end
  local name = tag .. ':' .. epoch
  if call('HLEN', 'new' .. name) ~= tonumber(args[4]) then return 'SUPERSEDED' end
  local suffix = name .. '.' .. args[3]
  call('HSET', 'new' .. name, 'm', '0')
  call('RENAME', 'new' .. name, 'seats' .. suffix)
  if call('EXISTS', 'newdue' .. name) == 1 then
    call('RENAME', 'newdue' .. name, 'due' .. suffix)
  end
  call('DEL', 'old' .. tag)
  call('HSET', keys[1], 'fence', args[3], 'state', 'open')
  return 'OK'
end

redis.register_function('@NAME@_step', step)
redis.register_function('@NAME@_expire', expire)
redis.register_function{function_name = '@NAME@_read', callback = read, flags = {'no-writes'}}
redis.register_function{function_name = '@NAME@_holds_of', callback = holds_of, flags = {'no-writes'}}
redis.register_function('@NAME@_grow', grow)
redis.register_function('@NAME@_rebuild_begin', rebuild_begin)
redis.register_function('@NAME@_rebuild_fill', rebuild_fill)
redis.register_function('@NAME@_rebuild_finish', rebuild_finish)
