// An office's node as far as Redis is concerned: loops on their own threads, a ledger on them; and
// its ports as blocking calls for tests.
#pragma once

#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "adapters/redis/seat_ledger.hpp"
#include "runtime/loop.hpp"
#include "tests/support/wait_for.hpp"

namespace onsale {

class RedisNode {
 public:
  explicit RedisNode(RedisSeatLedgerOptions options, std::size_t loops = 1) {
    std::vector<AsioScheduler*> all;
    for (std::size_t i = 0; i < loops; ++i) {
      loops_.push_back(std::make_unique<AsioScheduler>());
      all.push_back(loops_.back().get());
    }
    ledger_ = std::make_unique<RedisSeatLedger>(std::move(all), std::move(options));
    ledger_->start();
    for (const auto& loop : loops_) threads_.emplace_back([&loop = *loop] { loop.run(); });
  }
  ~RedisNode() {
    ledger_->stop();
    for (const auto& loop : loops_) loop->stop();
    for (std::thread& thread : threads_) thread.join();
  }
  RedisNode(const RedisNode&) = delete;
  RedisNode& operator=(const RedisNode&) = delete;

  RedisSeatLedger& ledger() { return *ledger_; }
  AsioScheduler& loop() { return *loops_.front(); }
  RedisSeatLedger* operator->() { return ledger_.get(); }

 private:
  std::vector<std::unique_ptr<AsioScheduler>> loops_;
  std::unique_ptr<RedisSeatLedger> ledger_;
  std::vector<std::thread> threads_;
};

}  // namespace onsale
