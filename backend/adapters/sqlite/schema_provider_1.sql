-- The mock provider's book, version 1: lines are only added; attempts says where each one stands.

CREATE TABLE movements (
  seq       INTEGER PRIMARY KEY,
  attempt   BLOB NOT NULL,
  order_id  BLOB NOT NULL,
  operation INTEGER NOT NULL,  -- payment::Operation: 0 authorise 1 decline 2 capture 3 cancel
  amount    INTEGER NOT NULL,
  currency  TEXT NOT NULL,
  at        INTEGER NOT NULL
) STRICT;

CREATE TABLE attempts (
  attempt BLOB PRIMARY KEY,
  state   INTEGER NOT NULL  -- AttemptState
) STRICT, WITHOUT ROWID;

CREATE TABLE probe (
  id    INTEGER PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT;
INSERT INTO probe VALUES (1, 0);
