#!/usr/bin/env bash
# A tour of a ticket office with nothing but curl: map, stream, hold, refusal, order, repeat, tickets, lapse.
# Each step prints the call and the answer, and the script ends with 1 at the first answer that is not as promised.
#
#   make run                        in one terminal
#   examples/tour.sh                in another        (examples/tour.sh http://host:port for another office)
set -euo pipefail
export LC_ALL=C.UTF-8

OFFICE=${1:-http://localhost:8080}
EVENT=${EVENT:-1}
CATALOG=$OFFICE/ticketing/catalog/api
RESERVATION=$OFFICE/ticketing/reservation/api
ORDER=$OFFICE/ticketing/order/api

WORK=$(mktemp -d)
STREAM_PID=
leave() {
  [ -z "$STREAM_PID" ] || kill "$STREAM_PID" 2>/dev/null || true
  rm -rf "$WORK"
}
trap leave EXIT

step() { printf '\n\033[1m%s\033[0m\n' "$*"; }
fail() { printf '\nnot as promised: %s\n' "$*" >&2; exit 1; }

# call STATUS curl-arguments… : shows the call and its answer; the body is left in $WORK/body, the headers in $WORK/headers
call() {
  local want=$1 got body
  shift
  printf '$ curl'
  printf ' %q' "$@"
  printf '\n'
  got=$(curl --silent --show-error --max-time 20 --output "$WORK/body" --dump-header "$WORK/headers" --write-out '%{http_code}' "$@")
  body=$(tr -d '\0' <"$WORK/body")
  printf '%s  %s\n' "$got" "${body:0:400}"
  [ "$got" = "$want" ] || fail "expected $want, got $got"
}
# says TEXT… : the last body contains each of these
says() {
  local text
  for text in "$@"; do grep --quiet --fixed-strings -- "$text" "$WORK/body" || fail "the answer does not say $text"; done
}
# member NAME : a string or number member of the last body
member() { sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p" "$WORK/body" | head -n 1; }
# on_stream TEXT : waits until the stream has said it
on_stream() {
  for _ in $(seq 100); do
    if grep --quiet --fixed-strings -- "$1" "$WORK/stream"; then
      grep --fixed-strings -- "$1" "$WORK/stream" | head -n 1
      return
    fi
    sleep 0.1
  done
  fail "the stream did not say $1"
}

step "1. What is on offer?"
call 200 "$CATALOG/events"
says "\"id\":$EVENT"

step "2. The seat map: the first four free seats are ours to play with"
call 200 --compressed "$CATALOG/events/$EVENT/seats"
FREE=$(tr '{' '\n' <"$WORK/body" | sed -n 's/^"id":\([0-9]*\),.*"status": *"AVAILABLE".*/\1/p' | head -n 4)
[ "$(wc -w <<<"$FREE")" -eq 4 ] || fail "event $EVENT has no four free seats left; try EVENT=2"
# shellcheck disable=SC2086
set -- $FREE
ONE=$1 TWO=$2 THREE=$3 FOUR=$4

step "3. Watch the stream"
echo "$ curl --no-buffer $CATALOG/events/$EVENT/seats/stream &"
curl --silent --no-buffer --max-time 120 "$CATALOG/events/$EVENT/seats/stream" >"$WORK/stream" &
STREAM_PID=$!
on_stream "event: INIT"

step "4. Hold two seats; the office gives us a buyer's cookie"
call 201 --cookie-jar "$WORK/me" --cookie "$WORK/me" --json "{\"eventId\":$EVENT,\"seatIds\":[$ONE,$TWO]}" "$RESERVATION/reservations"
says '"expiresAt":'
on_stream "\"seatId\":$ONE,\"status\":\"HELD\""

step "5. Somebody else holds a third seat; we are refused, and told which seat"
call 201 --cookie-jar "$WORK/other" --json "{\"eventId\":$EVENT,\"seatId\":$THREE}" "$RESERVATION/reservations"
call 409 --cookie "$WORK/me" --json "{\"eventId\":$EVENT,\"seatId\":$THREE}" "$RESERVATION/reservations"
says RESERVATION_CONFLICT "\"seatId\":$THREE"

step "6. Order our two seats, with a key"
KEY=tour-$RANDOM-$RANDOM-$$
call 201 --cookie "$WORK/me" --header "Idempotency-Key: $KEY" --json "{\"eventId\":$EVENT,\"seatIds\":[$ONE,$TWO]}" "$ORDER/orders"
says '"status":"CREATED"'
cp "$WORK/body" "$WORK/first"
ID=$(member orderId)

step "7. The same call again: the same answer, byte for byte, and no second order"
call 201 --cookie "$WORK/me" --header "Idempotency-Key: $KEY" --json "{\"eventId\":$EVENT,\"seatIds\":[$ONE,$TWO]}" "$ORDER/orders"
cmp "$WORK/first" "$WORK/body" || fail "the repeated answer differs"
grep --quiet --ignore-case '^Idempotent-Replayed: true' "$WORK/headers" || fail "Idempotent-Replayed is missing"

step "8. The payment goes through by itself"
for _ in $(seq 150); do
  curl --silent --max-time 20 --cookie "$WORK/me" --output "$WORK/body" "$ORDER/orders/$ID"
  grep --quiet --extended-regexp '"status":"(CONFIRMED|CANCELLED)"' "$WORK/body" && break
  sleep 0.1
done
call 200 --cookie "$WORK/me" "$ORDER/orders/$ID"
if grep --quiet '"status":"CANCELLED"' "$WORK/body"; then
  # The mock provider says no to one in five, as real ones do: the seats are free again, and we try once more.
  step "   … was declined this time; the seats are free again. Once more:"
  leave
  exec "$0" "$OFFICE"
fi
says '"status":"CONFIRMED"' '"tickets":'

step "9. Every viewer sees SOLD"
on_stream "\"seatId\":$ONE,\"status\":\"SOLD\""
on_stream "\"seatId\":$TWO,\"status\":\"SOLD\""

step "10. A hold that lapses: 410, and the seat is free for all"
call 201 --cookie "$WORK/me" --json "{\"eventId\":$EVENT,\"seatId\":$FOUR,\"holdSeconds\":1}" "$RESERVATION/reservations"
SECONDS_HELD=$(member holdSeconds)
echo "(held for $SECONDS_HELD s; waiting)"
sleep "$((SECONDS_HELD + 1))"
call 410 --cookie "$WORK/me" --header "Idempotency-Key: $KEY-late" --json "{\"eventId\":$EVENT,\"seatIds\":[$FOUR]}" "$ORDER/orders"
says RESERVATION_EXPIRED
on_stream "\"seatId\":$FOUR,\"status\":\"AVAILABLE\""

step "That was all. The contract: $OFFICE/docs"
call 204 --request DELETE --cookie "$WORK/other" "$RESERVATION/reservations/$EVENT/$THREE"
