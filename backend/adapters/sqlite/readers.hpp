// Readers: read-only connections for the threads that read, made when needed and kept. Reading a
// row takes microseconds and happens on the caller's thread.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "adapters/sqlite/connection.hpp"
#include "base/mutex.hpp"

namespace onsale::sqlite {

class Readers {
 public:
  Readers(std::string path, std::size_t most) : path_(std::move(path)), most_(most) {}

  // Gives the connection back at its end. Empty if all are out, or the file cannot be opened.
  class Lease {
   public:
    Lease(Readers& readers, std::unique_ptr<Connection> connection)
        : readers_(readers), connection_(std::move(connection)) {}
    ~Lease() { readers_.give_back(std::move(connection_)); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    explicit operator bool() const { return connection_ != nullptr; }
    Connection& operator*() { return *connection_; }
    Connection* operator->() { return connection_.get(); }

   private:
    Readers& readers_;
    std::unique_ptr<Connection> connection_;
  };
  Lease take();

 private:
  std::unique_ptr<Connection> idle_or_new();
  void give_back(std::unique_ptr<Connection> connection);

  const std::string path_;
  const std::size_t most_;
  Mutex mutex_;
  std::vector<std::unique_ptr<Connection>> idle_ ONSALE_GUARDED_BY(mutex_);
  std::size_t out_ ONSALE_GUARDED_BY(mutex_) = 0;
};

}  // namespace onsale::sqlite
