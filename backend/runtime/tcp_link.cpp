// The link over an Asio socket. Its state is shared with the handlers that are still queued, so that
// a link may go away at any moment; `closed` tells them so.
#include "runtime/tcp_link.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace onsale {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using Error = boost::system::error_code;

struct TcpLink::State : std::enable_shared_from_this<State> {
  State(AsioScheduler& loop, TcpLinkCallbacks wanted)
      : callbacks(std::move(wanted)), resolver(loop.io()), socket(loop.io()), timer(loop.io()) {}

  void connect(const std::string& host, std::uint16_t port, Milliseconds within);
  void connect_to(const Tcp::resolver::results_type& places);
  void opened();
  void read();
  void send_soon();
  void send();
  void fail(std::string_view why);
  void shut();

  static constexpr std::size_t kReadBytes = 64UL * 1024;

  TcpLinkCallbacks callbacks;
  Tcp::resolver resolver;
  Tcp::socket socket;
  asio::steady_timer timer;
  std::string waiting;  // written in this turn, or while a send is under way
  std::string leaving;  // what the send under way sends
  std::array<char, kReadBytes> incoming;
  bool open = false;
  bool closed = false;
  bool send_posted = false;
};

void TcpLink::State::connect(const std::string& host, std::uint16_t port, Milliseconds within) {
  timer.expires_after(within);
  timer.async_wait([self = shared_from_this()](const Error& error) {
    if (!error && !self->open) self->fail("not connected in time");
  });
  Error no_address;
  const auto address = asio::ip::make_address(host, no_address);
  if (!no_address) {
    connect_to(Tcp::resolver::results_type::create(Tcp::endpoint(address, port), host, ""));
    return;
  }
  resolver.async_resolve(
      host, std::to_string(port),
      [self = shared_from_this()](const Error& error, const Tcp::resolver::results_type& places) {
        if (self->closed) return;
        if (error) return self->fail(error.message());
        self->connect_to(places);
      });
}

void TcpLink::State::connect_to(const Tcp::resolver::results_type& places) {
  asio::async_connect(socket, places,
                      [self = shared_from_this()](const Error& error, const Tcp::endpoint&) {
                        if (self->closed) return;
                        if (error) return self->fail(error.message());
                        self->opened();
                      });
}

void TcpLink::State::opened() {
  open = true;
  timer.cancel();
  Error ignored;
  socket.set_option(Tcp::no_delay(true), ignored);
  read();
  send_soon();
  if (callbacks.on_open) callbacks.on_open();
}

void TcpLink::State::read() {
  socket.async_read_some(asio::buffer(incoming),
                         [self = shared_from_this()](const Error& error, std::size_t bytes) {
                           if (self->closed) return;
                           if (error) return self->fail(error.message());
                           self->callbacks.on_bytes(std::string_view(self->incoming.data(), bytes));
                           if (!self->closed) self->read();
                         });
}

void TcpLink::State::send_soon() {
  if (send_posted || !open || waiting.empty() || !leaving.empty()) return;
  send_posted = true;
  asio::post(socket.get_executor(), [self = shared_from_this()] {
    self->send_posted = false;
    if (!self->closed) self->send();
  });
}

void TcpLink::State::send() {
  std::swap(waiting, leaving);
  asio::async_write(socket, asio::buffer(leaving),
                    [self = shared_from_this()](const Error& error, std::size_t) {
                      if (self->closed) return;
                      if (error) return self->fail(error.message());
                      self->leaving.clear();
                      if (!self->waiting.empty()) self->send();
                    });
}

void TcpLink::State::shut() {
  if (closed) return;
  closed = true;
  Error ignored;
  timer.cancel();
  resolver.cancel();
  socket.close(ignored);
}

void TcpLink::State::fail(std::string_view why) {
  if (closed) return;
  shut();
  // The callback may destroy the link, and with it the callbacks kept here.
  const auto on_closed = std::move(callbacks.on_closed);
  if (on_closed) on_closed(why);
}

TcpLink::TcpLink(AsioScheduler& loop, TcpLinkCallbacks callbacks)
    : state_(std::make_shared<State>(loop, std::move(callbacks))) {}

TcpLink::~TcpLink() { state_->shut(); }

void TcpLink::connect(const std::string& host, std::uint16_t port, Milliseconds within) {
  state_->connect(host, port, within);
}

void TcpLink::write(std::string_view bytes) {
  if (state_->closed) return;
  state_->waiting.append(bytes);
  state_->send_soon();
}

void TcpLink::close() { state_->shut(); }

std::size_t TcpLink::unsent() const { return state_->waiting.size() + state_->leaving.size(); }

}  // namespace onsale
