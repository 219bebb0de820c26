// A server with no office behind it: the edge alone. The benchmark's denominator (our empty answer)
// and the target of edge experiments.
//
//   GET /empty        201, a JSON body of 150 bytes
//   POST /echo        200, the request's body
//   GET /large        200, a shared body of 1 MiB
//   GET /stream       a viewer of the one stream
//   POST /publish     one frame of 66 bytes to every viewer
//
// echo_server [port [loops]]
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "runtime/http/server.hpp"

namespace {

using onsale::Task;
using namespace onsale::http;

// A stream without a past.
class Stream final : public StreamChannel {
 public:
  std::uint64_t catch_up(std::uint64_t, std::string&) override { return now_; }
  std::string farewell() const override { return {}; }
  std::atomic<std::uint64_t> now_{0};
};

class Echo final : public Handler {
 public:
  explicit Echo(Server& server) : server_(server) {}

  Task<void> handle(const Request& request, Response& response) override {
    if (request.path == "/echo") {
      response.content_type("application/octet-stream");
      response.body(request.body);
    } else if (request.path == "/stream") {
      response.content_type("text/event-stream");
      response.stream(stream_, stream_->now_, "retry: 1000\n\n");
    } else if (request.path == "/publish") {
      const std::uint64_t from = stream_->now_++;
      server_.publish(stream_, from, from + 1, frame_);
      response.status(204);
    } else if (request.path == "/large") {
      response.content_type("application/octet-stream");
      response.body(large_);
    } else {
      response.status(201);
      response.content_type("application/json");
      response.body(
          R"({"eventId":1,"seatId":4,"seatIds":[4],"holdSeconds":300,"expiresAt":"2026-01-01T00:05:00.000Z","version":12,"traceId":"0123456789abcdef0123456789ab"})");
    }
    return Task<void>::ready();
  }
  void refuse(onsale::Code, std::string_view detail, onsale::TraceId, Response& response) override {
    response.status(400);
    response.content_type("text/plain");
    response.body(detail);
  }

 private:
  Server& server_;
  std::shared_ptr<Stream> stream_ = std::make_shared<Stream>();
  SharedBytes frame_ = std::make_shared<const std::string>(
      "event: SEAT_UPDATE\ndata: {\"seatId\":4,\"status\":\"HELD\",\"version\":1}\n\n");
  SharedBytes large_ = std::make_shared<const std::string>(1024 * 1024, 'x');
};

}  // namespace

int main(int argc, char** argv) {
  ServerOptions options;
  const int port = argc > 1 ? std::atoi(argv[1]) : 0;
  options.endpoints = {{.address = "127.0.0.1", .port = static_cast<std::uint16_t>(port)}};
  options.loops = argc > 2 ? static_cast<std::size_t>(std::atoi(argv[2])) : 1;
  Server server(std::move(options));
  const auto listening = server.listen();
  if (!listening) {
    std::fprintf(stderr, "%s\n", listening.error().detail.c_str());
    return 1;
  }
  server.on_signals([&server](int) { server.stop(); });
  Echo echo(server);
  server.run(echo, [&server] {
    std::printf("listening on %u\n", server.port(0));
    std::fflush(stdout);
  });
  return 0;
}
