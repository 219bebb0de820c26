// Import and export from outside the office's process.
#include "app/offline_catalogue.hpp"

#include <boost/json.hpp>
#include <fstream>
#include <iterator>

#include "adapters/embedded/journal.hpp"
#include "adapters/embedded/posix_file_system.hpp"
#include "adapters/embedded/seat_ledger.hpp"
#include "adapters/embedded/system_clock.hpp"
#include "adapters/sqlite/audit_dump.hpp"
#include "adapters/sqlite/database.hpp"
#include "adapters/sqlite/sqlite_catalogue.hpp"
#include "adapters/sqlite/sqlite_orders.hpp"
#include "api/codec/hall_csv.hpp"
#include "api/codec/hall_json.hpp"
#include "api/codec/hall_prices.hpp"
#include "app/data_folder.hpp"
#include "app/importing.hpp"
#include "app/internal_call.hpp"
#include "app/restoring.hpp"
#include "app/run_now.hpp"

namespace onsale::app {
namespace {

// The message of an error body, for a person.
std::string message_in(const std::string& body) {
  boost::system::error_code error;
  const auto value = boost::json::parse(body, error);
  if (!error && value.is_object()) {
    if (const auto* message = value.get_object().if_contains("message");
        message != nullptr && message->is_string()) {
      return std::string{message->get_string()};
    }
  }
  return "the office answered: " + body.substr(0, 200);
}

Result<api::ImportReport> ask(const std::string& url, const std::string& token,
                              const api::ImportWish& wish) {
  const auto answer = internal_post(url, token, "/ticketing/catalog/api/internal/admin/import",
                                    api::write_import_wish(wish));
  if (!answer) return answer.error();
  if (answer->status >= 300) return Failure{Code::validation_failed, message_in(answer->body)};
  const auto report = api::read_import_report(answer->body);
  if (!report) return Failure{Code::unavailable, "the office's answer makes no sense"};
  return *report;
}

Result<api::ImportReport> ask_running(const Endpoints& office, const std::string& data_dir,
                                      const api::ImportWish& wish) {
  const auto token = DataFolder::read_internal_token(data_dir);
  if (!token) return Failure{Code::unavailable, "cannot read " + data_dir + "/internal.token"};
  return ask(office.internal_url, *token, wish);
}

Result<api::ImportReport> import_stopped(const DataFolder& folder, const api::ImportWish& wish) {
  auto database = sqlite::Database::open(folder.file("office.sqlite"), sqlite::Schema::office);
  if (!database) return database.error();
  const SystemClock clock;
  sqlite::SqliteCatalogueStore store{**database};
  sqlite::SqliteOrderStore orders{**database};
  PosixFileSystem files;
  JournalOptions options;
  options.folder = folder.file("journal");
  Journal journal{files, options};
  EmbeddedLedger ledger{clock, {.journal = &journal}};
  if (auto started = ledger.start(); !started) return started.error();
  catalog::CatalogService catalog{store, ledger};
  // A folder that no office has used yet gets the demo, as a first start would give it.
  if (Status s = load_catalogue(catalog, ledger, true, clock.now()); !s) return s.error();
  constexpr Milliseconds kPinFor{60'000};
  const Status restored =
      restore_seats(ledger, halls_of(catalog), run_now(orders.claims()), clock.now() + kPinFor);
  if (!restored) return restored.error();
  const ImportTools tools{
      .catalog = catalog,
      .ledger = ledger,
      .clock = clock,
      .statuses = [&ledger](EventId event) -> Result<std::vector<seat::WireStatus>> {
        auto snapshot = run_now(ledger.snapshot(event));
        if (!snapshot) return snapshot.error();
        return std::move(snapshot->statuses);
      }};
  auto report = import_hall(tools, wish);
  if (Status closed = ledger.stop(); !closed) return closed.error();
  return report;
}

}  // namespace

Status read_prices(const std::vector<std::string>& arguments, const std::string& file,
                   api::ImportWish& wish) {
  if (!file.empty()) {
    std::ifstream in(file, std::ios::binary);
    if (!in) return Failure{Code::validation_failed, "cannot read " + file};
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    const auto prices = codec::read_prices_file(bytes);
    if (!prices) return Failure{prices.code(), file + ": " + prices.error().detail};
    for (const auto& price : *prices) wish.prices.emplace_back(price.tier, price.price.amount);
  }
  for (const std::string& argument : arguments) {
    const auto price = codec::read_price_argument(argument);
    if (!price) return price.error();
    wish.prices.emplace_back(price->tier, price->price.amount);
  }
  return ok();
}

Result<api::ImportReport> import_into(const std::string& data_dir, const api::ImportWish& wish) {
  if (const auto running = DataFolder::read_endpoints(data_dir)) {
    auto asked = ask_running(*running, data_dir, wish);
    if (asked || asked.code() != Code::unavailable) return asked;
    // endpoints.json of an office that was killed: go on without it.
  }
  const auto folder = DataFolder::take(data_dir);
  if (!folder) return folder.error();
  return import_stopped(*folder, wish);
}

Result<api::ImportReport> import_at(const std::string& url, const std::string& token_file,
                                    const api::ImportWish& wish) {
  std::ifstream file(token_file);
  std::string token;
  if (!std::getline(file, token) || token.empty()) {
    return Failure{Code::validation_failed,
                   "--token-file: cannot read a credential from '" + token_file + "'"};
  }
  return ask(url, token, wish);
}

Result<std::string> export_hall(const std::string& data_dir, EventId event,
                                const std::string& format) {
  if (!DataFolder::exists(data_dir)) {
    return Failure{Code::validation_failed, data_dir + " is no data folder of an office"};
  }
  const auto dump = sqlite::dump_office(data_dir + "/office.sqlite");
  if (!dump) return dump.error();
  for (const CatalogueEntry& entry : dump->catalogue) {
    if (entry.event.id != event) continue;
    return format == "csv" ? codec::write_hall_csv(entry.hall) : codec::write_hall_json(entry.hall);
  }
  return Failure{Code::event_not_found, "there is no event " + std::to_string(event.value)};
}

}  // namespace onsale::app
