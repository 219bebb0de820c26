-- Run once, when the server is new: the mock payment provider's book, a database of its own as a real provider's would be.
CREATE DATABASE IF NOT EXISTS onsale_provider;
GRANT ALL ON onsale_provider.* TO 'onsale'@'%';
