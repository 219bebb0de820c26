// The command line: onsale serve | health | migrate | import | export | audit | events | rehearse |
// config | version.
// Each verb parses, calls one function, and turns its Result into an exit code: 0 done, 1 refused
// with one clear line on standard error, 2 could not run (rehearse).
#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "app/audit.hpp"
#include "app/audit_engines.hpp"
#include "app/config.hpp"
#include "app/data_folder.hpp"
#include "app/events_command.hpp"
#include "app/importing.hpp"
#include "app/internal_call.hpp"
#include "app/log.hpp"
#include "app/migrate_command.hpp"
#include "app/office.hpp"
#include "app/offline_catalogue.hpp"
#include "app/rehearse_command.hpp"
#include "app/scaled_office.hpp"

extern char** environ;

namespace onsale::app {
namespace {

int refuse(const std::string& why) {
  std::fprintf(stderr, "onsale: %s\n", why.c_str());
  return 1;
}
int refuse(const Failure& failure) {
  return refuse(failure.detail.empty() ? std::string{"the office cannot do this now"}
                                       : failure.detail);
}

// Flags given on the command line, applied last: they win.
struct GivenFlags {
  std::string config_file;
  std::vector<std::pair<const Setting*, std::string>> values;
};

// --key for every setting, and the few short ones that people type.
void add_settings(CLI::App& verb, GivenFlags& given) {
  verb.add_option("--config", given.config_file, "TOML file with settings; see `onsale config`");
  Config defaults;
  for (const Setting& setting : settings()) {
    std::string flag = "--" + std::string{setting.key};
    if (setting.key == "data_dir") flag = "--data-dir,--data_dir";
    if (setting.key == "http.port") flag = "--port,--http.port";
    if (setting.key == "http.internal_port") flag = "--internal-port,--http.internal_port";
    if (setting.key == "redis.url") flag = "--redis,--redis.url";
    if (setting.key == "db.url") flag = "--db,--db.url";
    std::string help = std::string{setting.sentence} + " [" + text_of(defaults, setting) + "]";
    if (!setting.choices.empty()) help += " {" + std::string{setting.choices} + "}";
    verb.add_option_function<std::string>(
            flag,
            [&given, &setting](const std::string& text) {
              given.values.emplace_back(&setting, text);
            },
            help)
        ->type_name(setting.kind == Setting::Kind::text      ? "TEXT"
                    : setting.kind == Setting::Kind::boolean ? "BOOL"
                                                             : "NUMBER");
  }
}

// Verbs that look after the engines need no roles.
enum class CheckRoles : bool { no, yes };

Result<Config> load_config(const GivenFlags& given, CheckRoles roles = CheckRoles::yes) {
  Config config;
  std::string file = given.config_file;
  if (const char* named = std::getenv("ONSALE_CONFIG"); file.empty() && named != nullptr)
    file = named;
  if (!file.empty()) {
    if (Status status = apply_file(config, file); !status) return status.error();
  }
  std::vector<std::string> unknown;
  if (Status status = apply_environment(config, environ, unknown); !status) return status.error();
  for (const auto& [setting, text] : given.values) {
    if (Status status = assign(config, *setting, text); !status) return status.error();
  }
  if (Status status = roles == CheckRoles::yes ? validate(config) : ok(); !status) {
    return status.error();
  }
  return config;
}

int serve(const GivenFlags& given) {
  // A file that may not grow is a full disk like any other: refused and told, not died of.
  std::signal(SIGXFSZ, SIG_IGN);
  auto config = load_config(given);
  if (!config) return refuse(config.error());
  start_log(config->log.level, config->log.format);
  int code = 1;
  if (!config->roles.empty()) {
    ScaledOffice office{std::move(*config)};
    const Status opened = office.open();
    code = opened ? office.run() : refuse(opened.error());
  } else {
    OfficeProcess office{std::move(*config)};
    const Status opened = office.open();
    code = opened ? office.run() : refuse(opened.error());
  }
  end_log();
  return code;
}

// For supervisors that ask by a command: containers, scripts.
int tell_health(std::string url, const std::string& data_dir, bool alive_only, int seconds) {
  if (url.empty()) {
    const auto endpoints = DataFolder::read_endpoints(data_dir);
    if (!endpoints) return refuse("no office is open on the data folder " + data_dir);
    url = endpoints->internal_url;
  }
  const auto answer = internal_get(
      url, alive_only ? "/actuator/health/liveness" : "/actuator/health/readiness", seconds);
  if (!answer) return refuse(answer.error());
  std::puts(answer->body.c_str());
  return answer->status == 200 ? 0 : 1;
}

int print_configuration(const GivenFlags& given, bool check_only) {
  auto config = load_config(given);
  if (!config) return refuse(config.error());
  if (check_only) {
    std::puts("the configuration is valid");
  } else {
    std::fputs(print_config(*config).c_str(), stdout);
  }
  return 0;
}

int audit_office(const Config& config) {
  const bool engines = !config.redis.url.empty() || !config.db.url.empty();
  const auto report = engines ? audit_engines(config) : audit(config.data_dir);
  if (!report) return refuse(report.error());
  std::fputs(print_audit(*report).c_str(), stdout);
  return report->breach_count == 0 ? 0 : 1;
}

struct ImportFlags {
  std::string data_dir = "data";
  api::ImportWish wish;
  std::uint64_t event = 0;
  std::vector<std::string> prices;
  std::string prices_file;
  std::int64_t default_price = -1;
  std::string office_url;
  std::string token_file;
};

int import_file(ImportFlags flags) {
  if (flags.event != 0) flags.wish.event = flags.event;
  if (flags.default_price >= 0) flags.wish.default_price = flags.default_price;
  std::error_code error;
  flags.wish.path = std::filesystem::absolute(flags.wish.path, error).string();
  const Status priced = read_prices(flags.prices, flags.prices_file, flags.wish);
  if (!priced) return refuse(priced.error());
  const auto report = flags.office_url.empty()
                          ? import_into(flags.data_dir, flags.wish)
                          : import_at(flags.office_url, flags.token_file, flags.wish);
  if (!report) return refuse(report.error());
  std::printf("%s event %llu \"%s\": %u seats (%u new, %u retired)\n",
              report->created ? "created" : "changed",
              static_cast<unsigned long long>(report->event), report->title.c_str(), report->seats,
              report->added, report->retired);
  return 0;
}

int export_event(const std::string& data_dir, std::uint64_t event, const std::string& format,
                 const std::string& path) {
  const auto text = export_hall(data_dir, {event}, format);
  if (!text) return refuse(text.error());
  if (path == "-" || path.empty()) {
    std::fwrite(text->data(), 1, text->size(), stdout);
    return 0;
  }
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << *text;
  file.close();
  if (!file) return refuse("cannot write " + path);
  return 0;
}

int run(int argc, char** argv) {
  CLI::App app{
      "Onsale: a ticket office for the second in which everyone arrives.\n"
      "Start one with `onsale serve`, then open http://localhost:8080.",
      "onsale"};
  app.require_subcommand(1);
  app.set_version_flag("--version", "onsale " ONSALE_VERSION);
  app.get_formatter()->column_width(44);
  int code = 0;

  GivenFlags serve_flags;
  auto* serve_verb =
      app.add_subcommand("serve",
                         "Run the office until SIGTERM or Ctrl-C.\nEvery setting can also stand in "
                         "a file (--config) or in "
                         "the environment (ONSALE_HTTP_PORT for http.port); flags win.");
  add_settings(*serve_verb, serve_flags);
  serve_verb->callback([&] { code = serve(serve_flags); });

  std::string health_url;
  const char* data_dir_named = std::getenv("ONSALE_DATA_DIR");
  std::string health_dir = data_dir_named == nullptr ? "data" : data_dir_named;
  bool alive_only = false;
  int health_seconds = 5;
  auto* health_verb =
      app.add_subcommand("health",
                         "Ask a running office or role whether it is ready, part by part.\n"
                         "Exits 1 if it is not or does not answer.");
  health_verb->add_option("--url", health_url,
                          "Its internal address, http://1.2.3.4:8081 [what the data folder says]");
  health_verb->add_option("--data-dir", health_dir, "The office's data folder [data]");
  health_verb->add_flag("--alive", alive_only, "Only whether the process answers");
  health_verb->add_option("--seconds", health_seconds, "Time for the answer [5]")
      ->check(CLI::Range(1, 600));
  health_verb->callback(
      [&] { code = tell_health(health_url, health_dir, alive_only, health_seconds); });

  ImportFlags import_flags;
  auto* import_verb = app.add_subcommand(
      "import",
      "Put a hall on sale: a pretix seating plan (JSON) or CSV (section,row,seat,x,y,tier).\n"
      "Works on a running office and on a stopped one. Bad input changes nothing.");
  import_verb->add_option("file", import_flags.wish.path, "The plan")->required();
  import_verb->add_option("--data-dir", import_flags.data_dir, "The office's data folder [data]");
  import_verb
      ->add_option("--event", import_flags.event,
                   "Change the plan of this event instead of making a new one")
      ->check(CLI::PositiveNumber);
  import_verb->add_option("--title", import_flags.wish.title,
                          "Title of the event [the hall's name]");
  import_verb->add_option("--description", import_flags.wish.description,
                          "Description of the event");
  import_verb->add_option("--venue", import_flags.wish.venue, "Venue [the hall's name]");
  import_verb->add_option("--currency", import_flags.wish.currency, "ISO 4217 code [KRW]");
  import_verb->add_option("--starts-at", import_flags.wish.starts_at,
                          "When it begins, e.g. 2027-03-01T19:30:00+09:00 [in 30 days]");
  import_verb->add_option("--on-sale-at", import_flags.wish.on_sale_at,
                          "When the sale opens [now]");
  import_verb->add_option("--price", import_flags.prices,
                          "Price of a tier, \"Kategorie I=45000\"; may be repeated");
  import_verb->add_option("--prices", import_flags.prices_file,
                          "File of prices: a JSON object or lines of tier,price");
  import_verb
      ->add_option("--default-price", import_flags.default_price, "Price of tiers that have none")
      ->check(CLI::NonNegativeNumber);
  import_verb->add_option("--office", import_flags.office_url,
                          "Internal address of a running office or catalog role: http://host:port");
  import_verb->add_option("--token-file", import_flags.token_file,
                          "File with its internal credential (with --office)");
  import_verb->callback([&] { code = import_file(import_flags); });

  std::string export_dir = "data";
  std::uint64_t export_id = 0;
  std::string export_format = "json";
  std::string export_path = "-";
  auto* export_verb =
      app.add_subcommand("export", "Write an event's hall as a pretix seating plan or CSV.");
  export_verb->add_option("event", export_id, "The event's id")->required();
  export_verb->add_option("--data-dir", export_dir, "The office's data folder [data]");
  export_verb->add_option("--format", export_format, "json or csv [json]")
      ->check(CLI::IsMember({"json", "csv"}));
  export_verb->add_option("-o,--output", export_path, "File to write [standard output]");
  export_verb->callback(
      [&] { code = export_event(export_dir, export_id, export_format, export_path); });

  GivenFlags audit_flags;
  auto* audit_verb = app.add_subcommand(
      "audit",
      "Hold ledger, orders, outbox and the provider's book of a stopped (or killed) office\n"
      "against each other; with --redis.url and --db.url the engines of one on several machines,\n"
      "also while it runs. Exits 1 on any breach. Writes nothing.");
  add_settings(*audit_verb, audit_flags);
  audit_verb->callback([&] {
    auto config = load_config(audit_flags, CheckRoles::no);
    code = config ? audit_office(*config) : refuse(config.error());
  });

  add_events(app, code);
  add_rehearse(app, code);

  GivenFlags migrate_flags;
  bool migrate_demo = false;
  auto* migrate_verb = app.add_subcommand(
      "migrate",
      "Bring the databases of an office on several machines to this program's schema.\n"
      "Forward only, one at a time, also while the office runs.");
  migrate_verb->add_flag("--with-demo", migrate_demo,
                         "Also put the demo events into a catalogue that is empty");
  add_settings(*migrate_verb, migrate_flags);
  migrate_verb->callback([&] {
    auto config = load_config(migrate_flags, CheckRoles::no);
    code = config ? migrate(*config, migrate_demo) : refuse(config.error());
  });

  GivenFlags config_flags;
  bool check_only = false;
  auto* config_verb = app.add_subcommand(
      "config", "Print the configuration in force as a TOML file, with every setting explained.");
  config_verb->add_flag("--check", check_only, "Only say whether it is valid");
  bool print = true;
  config_verb->add_flag("--print", print, "Print it (the default)");
  add_settings(*config_verb, config_flags);
  config_verb->callback([&] { code = print_configuration(config_flags, check_only); });

  app.add_subcommand("version", "Print the version.")->callback([] {
    std::puts("onsale " ONSALE_VERSION);
  });

  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {  // --help, --version
    return app.exit(asked);
  } catch (const CLI::ParseError& error) {
    std::string why = error.what();
    std::replace(why.begin(), why.end(), '\n', ' ');
    return refuse(why + " (see `onsale --help`)");
  }
  return code;
}

}  // namespace
}  // namespace onsale::app

int main(int argc, char** argv) { return onsale::app::run(argc, argv); }
