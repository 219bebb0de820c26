-- The office's tables on MySQL 8 and MariaDB, version 1. 128-bit ids are 16 bytes, big-endian, so that
-- UUIDv7 rows of one moment lie side by side; instants are milliseconds since the epoch; seats are
-- packed 8 bytes each. What lapses by the server's own clock is a DATETIME(3), UTC.
-- Each statement may be run again after a migration that broke off: DDL commits by itself.

CREATE TABLE IF NOT EXISTS orders (
  id           BINARY(16) NOT NULL PRIMARY KEY,
  buyer        BINARY(16) NOT NULL,
  event        BIGINT NOT NULL,
  seats        VARBINARY(128) NOT NULL,
  amount       BIGINT NOT NULL,
  currency     VARBINARY(16) NOT NULL,
  status       TINYINT NOT NULL COMMENT '0 created 1 authorised 2 confirmed 3 cancelling 4 cancelled',
  reason       TINYINT NOT NULL COMMENT 'order::Reason',
  version      INT UNSIGNED NOT NULL,
  attempt      BINARY(16) NOT NULL,
  created_at   BIGINT NOT NULL,
  pay_by       BIGINT NOT NULL,
  updated_at   BIGINT NOT NULL,
  trace_id     BINARY(16) NOT NULL,
  tickets      VARBINARY(384) NOT NULL COMMENT '24 bytes each: ticket id, seat',
  is_open      TINYINT NOT NULL COMMENT 'not final: the sweep reads these',
  lease_holder BINARY(16) NOT NULL COMMENT 'the node that drives it',
  lease_until  DATETIME(3) NOT NULL,
  KEY orders_of_buyer (buyer, id),
  KEY orders_open (is_open, id)
) ENGINE=InnoDB;

-- The proof: a seat of an event belongs to at most one live order.
CREATE TABLE IF NOT EXISTS claims (
  event    BIGINT NOT NULL,
  seat     BIGINT NOT NULL,
  order_id BINARY(16) NOT NULL,
  PRIMARY KEY (event, seat)
) ENGINE=InnoDB;

-- What was answered under an idempotency key. Ids grow with time, so the purge of old answers takes
-- from the front.
CREATE TABLE IF NOT EXISTS answers (
  order_id    BINARY(16) NOT NULL PRIMARY KEY,
  buyer       BINARY(16) NOT NULL,
  route       VARBINARY(64) NOT NULL,
  idem_key    VARBINARY(128) NOT NULL,
  body_hash   VARBINARY(64) NOT NULL,
  http_status SMALLINT NOT NULL,
  location    VARBINARY(255) NOT NULL,
  body        MEDIUMBLOB NOT NULL,
  stored_at   BIGINT NOT NULL,
  UNIQUE KEY answers_scope (buyer, route, idem_key)
) ENGINE=InnoDB;

-- Only what is not sent yet: a row goes when the bus has taken it. seq keeps each order's sequence.
-- relay: the node that is to send it, which is the one that wrote it; see outbox_relays.
CREATE TABLE IF NOT EXISTS outbox (
  seq      BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  id       BINARY(16) NOT NULL,
  type     TINYINT NOT NULL,
  order_id BINARY(16) NOT NULL,
  event    BIGINT NOT NULL,
  seats    VARBINARY(128) NOT NULL,
  buyer    BINARY(16) NOT NULL,
  amount   BIGINT NOT NULL,
  currency VARBINARY(16) NOT NULL,
  reason   TINYINT NOT NULL,
  at       BIGINT NOT NULL,
  trace_id BINARY(16) NOT NULL,
  relay    BINARY(16) NOT NULL,
  KEY outbox_relay (relay),
  KEY outbox_order (order_id)
) ENGINE=InnoDB;

-- Nodes that send what they wrote, by their last sign of life. Rows of a node that is not (or no
-- longer) here are taken over by the others.
CREATE TABLE IF NOT EXISTS outbox_relays (
  node      BINARY(16) NOT NULL PRIMARY KEY,
  lapses_at DATETIME(3) NOT NULL
) ENGINE=InnoDB;

CREATE TABLE IF NOT EXISTS inbox (
  message  BINARY(16) NOT NULL,
  consumer VARBINARY(64) NOT NULL,
  PRIMARY KEY (message, consumer)
) ENGINE=InnoDB;

-- The seat ledger's epochs: begin_epoch() writes under an exclusive lock what each place() reads
-- under a shared one.
CREATE TABLE IF NOT EXISTS ledger_epochs (
  event BIGINT NOT NULL PRIMARY KEY,
  epoch INT UNSIGNED NOT NULL
) ENGINE=InnoDB;

CREATE TABLE IF NOT EXISTS catalogue (
  event    BIGINT NOT NULL PRIMARY KEY,
  entry    LONGBLOB NOT NULL,
  revision BIGINT NOT NULL
) ENGINE=InnoDB;

-- Each writer signs each of its transactions here, so that after a connection lost in the middle of
-- a commit it can ask whether that commit happened.
CREATE TABLE IF NOT EXISTS commit_marks (
  writer BINARY(16) NOT NULL PRIMARY KEY,
  batch  BIGINT NOT NULL,
  at     DATETIME(3) NOT NULL
) ENGINE=InnoDB;
