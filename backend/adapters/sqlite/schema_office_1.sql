-- The office's file, version 1. 128-bit ids are 16-byte blobs, big-endian, so that UUIDv7 rows of
-- one moment lie side by side; instants are milliseconds since the epoch; seats are packed 8 bytes
-- each. Tables that many requests write at once have no more indices than somebody reads by.

CREATE TABLE orders (
  id         BLOB PRIMARY KEY,
  buyer      BLOB NOT NULL,
  event      INTEGER NOT NULL,
  seats      BLOB NOT NULL,
  amount     INTEGER NOT NULL,
  currency   TEXT NOT NULL,
  status     INTEGER NOT NULL,  -- order::Status: 0 created 1 authorised 2 confirmed 3 cancelling 4 cancelled
  reason     INTEGER NOT NULL,  -- order::Reason
  version    INTEGER NOT NULL,
  attempt    BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  pay_by     INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  trace_id   BLOB NOT NULL,
  key_hash   INTEGER NOT NULL,  -- of the idempotency key and its route
  tickets    BLOB NOT NULL      -- 24 bytes each: ticket id, seat
) STRICT, WITHOUT ROWID;
-- The only index whose rows lie at random, so every order pays a page of the log for it: it serves
-- both a buyer's list and the search for an idempotency key (whose text is in answers).
CREATE INDEX orders_of_buyer ON orders (buyer, key_hash);
CREATE INDEX orders_open ON orders (id) WHERE status IN (0, 1, 3);

-- The proof: a seat of an event belongs to at most one live order.
CREATE TABLE claims (
  event    INTEGER NOT NULL,
  seat     INTEGER NOT NULL,
  order_id BLOB NOT NULL,
  PRIMARY KEY (event, seat)
) STRICT, WITHOUT ROWID;

-- What was answered under an idempotency key. Ids grow with time, so the purge of old answers takes
-- from the front.
CREATE TABLE answers (
  order_id    BLOB PRIMARY KEY,
  route       TEXT NOT NULL,
  key         TEXT NOT NULL,
  body_hash   BLOB NOT NULL,
  http_status INTEGER NOT NULL,
  location    TEXT NOT NULL,
  body        BLOB NOT NULL,
  stored_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Only what is not sent yet: a row goes when the bus has taken it. seq keeps each order's sequence.
CREATE TABLE outbox (
  seq      INTEGER PRIMARY KEY,
  id       BLOB NOT NULL,
  type     INTEGER NOT NULL,
  order_id BLOB NOT NULL,
  event    INTEGER NOT NULL,
  seats    BLOB NOT NULL,
  buyer    BLOB NOT NULL,
  amount   INTEGER NOT NULL,
  currency TEXT NOT NULL,
  reason   INTEGER NOT NULL,
  at       INTEGER NOT NULL,
  trace_id BLOB NOT NULL
) STRICT;

CREATE TABLE inbox (
  message  BLOB NOT NULL,
  consumer TEXT NOT NULL,
  PRIMARY KEY (message, consumer)
) STRICT, WITHOUT ROWID;

CREATE TABLE catalogue (
  event INTEGER PRIMARY KEY,
  entry BLOB NOT NULL  -- catalogue_blob.hpp
) STRICT;

-- A row to write when nothing else is to be written: finding out whether the disk works again.
CREATE TABLE probe (
  id    INTEGER PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT;
INSERT INTO probe VALUES (1, 0);
