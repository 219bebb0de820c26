// The catalogue on SQLite. put() waits for its commit on the caller's thread: it is called at start
// and by an import, never on a request's way.
#include "adapters/sqlite/sqlite_catalogue.hpp"

#include <condition_variable>
#include <mutex>

#include "adapters/sqlite/database.hpp"
#include "adapters/sqlite/readers.hpp"
#include "adapters/sqlite/rows.hpp"
#include "adapters/sqlite/writer.hpp"
#include "ports/catalogue_blob.hpp"

namespace onsale::sqlite {
namespace {

class PutEntry final : public Command {
 public:
  explicit PutEntry(const CatalogueEntry& entry)
      : event_(entry.event.id), bytes_(render_catalogue_entry(entry)) {}

  Verdict write(Connection& connection) override {
    connection
        .prepared(
            "INSERT INTO catalogue (event, entry) VALUES (?, ?) "
            "ON CONFLICT (event) DO UPDATE SET entry = excluded.entry")
        .number(static_cast<std::int64_t>(event_.value))
        .blob(bytes_)
        .run();
    return Verdict::keep;
  }
  // Notifies under the lock: the waiter destroys this object as soon as it can take it.
  void finish(bool committed) override {
    const std::lock_guard lock(mutex_);
    committed_ = committed;
    finished_ = true;
    changed_.notify_one();
  }
  bool wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return finished_; });
    return committed_;
  }

 private:
  EventId event_;
  std::string bytes_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool finished_ = false;
  bool committed_ = false;
};

}  // namespace

Result<std::vector<CatalogueEntry>> SqliteCatalogueStore::load() {
  Readers::Lease reader = database_.readers().take();
  if (!reader) return Code::unavailable;
  std::vector<CatalogueEntry> entries = read_catalogue(*reader);
  if (reader->failed()) return Failure{Code::unavailable, "the catalogue cannot be read"};
  return entries;
}

Status SqliteCatalogueStore::put(const CatalogueEntry& entry) {
  PutEntry command(entry);
  if (!database_.writer().submit(command) || !command.wait()) return Code::unavailable;
  return ok();
}

}  // namespace onsale::sqlite
