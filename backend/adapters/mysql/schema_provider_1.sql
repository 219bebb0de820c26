-- The mock provider's book on MySQL 8 and MariaDB, version 1: lines are only added; attempts says
-- where each one stands. It may live in the office's database or in one of its own.

CREATE TABLE IF NOT EXISTS provider_movements (
  seq       BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  attempt   BINARY(16) NOT NULL,
  order_id  BINARY(16) NOT NULL,
  operation TINYINT NOT NULL COMMENT '0 authorise 1 decline 2 capture 3 cancel',
  amount    BIGINT NOT NULL,
  currency  VARBINARY(16) NOT NULL,
  at        BIGINT NOT NULL
) ENGINE=InnoDB;

CREATE TABLE IF NOT EXISTS provider_attempts (
  attempt BINARY(16) NOT NULL PRIMARY KEY,
  state   TINYINT NOT NULL COMMENT 'AttemptState'
) ENGINE=InnoDB;

CREATE TABLE IF NOT EXISTS commit_marks (
  writer BINARY(16) NOT NULL PRIMARY KEY,
  batch  BIGINT NOT NULL,
  at     DATETIME(3) NOT NULL
) ENGINE=InnoDB;
