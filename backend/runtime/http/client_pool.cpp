// One call is one exchange on one connection: connect if need be, write, read one answer.
//
// Who owns what: the coroutine's frame owns the PendingCall and its deadline's timer; the pool owns
// the connections; a handler in flight holds its connection by shared_ptr and looks at `pending_`
// first, because the call may have ended meanwhile (deadline): then it only closes.
#include "runtime/http/client_pool.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>
#include <utility>

#include "base/assert.hpp"

namespace onsale::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;
using tcp = asio::ip::tcp;

struct PendingCall {
  PendingCall(asio::io_context& io, ClientCall the_call)
      : call(std::move(the_call)),
        until(std::chrono::steady_clock::now() + call.deadline),
        timer(io) {}

  void answer(ClientAnswer answer) {
    timer.cancel();
    done.complete(std::move(answer));
  }
  void fail(ClientFault fault) { answer({.fault = fault, .sent = sent, .status = 0, .body = {}}); }
  [[nodiscard]] Milliseconds left() const {
    return std::chrono::duration_cast<Milliseconds>(until - std::chrono::steady_clock::now());
  }

  ClientCall call;
  std::chrono::steady_clock::time_point until;
  asio::steady_timer timer;
  Completion<ClientAnswer> done;
  ClientConnection* connection = nullptr;
  bool sent = false;
  bool sent_again = false;
};

class ClientConnection final : public std::enable_shared_from_this<ClientConnection> {
 public:
  explicit ClientConnection(ClientPool& pool)
      : pool_(pool),
        socket_(pool.loop().io()),
        resolver_(pool.loop().io()),
        timer_(pool.loop().io()) {
    pool_.stats().open.fetch_add(1, std::memory_order_relaxed);
  }
  ClientConnection(const ClientConnection&) = delete;
  ClientConnection& operator=(const ClientConnection&) = delete;

  void connect_and_serve(PendingCall& pending) {
    take(pending);
    timer_.expires_after(std::min(pool_.limits().connect_time_max, pending.left()));
    timer_.async_wait([self = shared_from_this()](const error_code& error) {
      if (!error && !self->connected_) self->give_up(ClientFault::not_connected);
    });
    error_code no_literal;
    const auto address = asio::ip::make_address(pool_.origin().host, no_literal);
    if (!no_literal) {
      socket_.async_connect(
          {address, pool_.origin().port},
          [self = shared_from_this()](const error_code& error) { self->on_connected(error); });
      return;
    }
    resolver_.async_resolve(pool_.origin().host, std::to_string(pool_.origin().port),
                            [self = shared_from_this()](const error_code& error,
                                                        const tcp::resolver::results_type& found) {
                              if (self->pending_ == nullptr) return;
                              if (error) return self->give_up(ClientFault::not_connected);
                              asio::async_connect(self->socket_, found,
                                                  [self](const error_code& failed, const auto&) {
                                                    self->on_connected(failed);
                                                  });
                            });
  }

  // On a kept connection.
  void serve(PendingCall& pending) {
    take(pending);
    used_before_ = true;
    timer_.cancel();
    socket_.cancel();  // the watch for its end
    exchange();
  }

  // The pending call has been answered (deadline); what it left on the wire is of no use.
  void abandon() {
    pending_ = nullptr;
    close();
  }

  // Waits for the other side to close, or for idle_time_max.
  void rest() {
    timer_.expires_after(pool_.limits().idle_time_max);
    timer_.async_wait([self = shared_from_this()](const error_code& error) {
      if (!error && self->pending_ == nullptr) self->retire();
    });
    socket_.async_wait(tcp::socket::wait_read,
                       [self = shared_from_this()](const error_code& error) {
                         // Nobody speaks on an idle connection, unless to close it.
                         if (!error && self->pending_ == nullptr) self->retire();
                       });
  }

  // At the latest by the pool's destructor; handlers that come later find a closed connection.
  void close() {
    if (std::exchange(closed_, true)) return;
    pool_.stats().open.fetch_sub(1, std::memory_order_relaxed);
    error_code ignored;
    timer_.cancel();
    resolver_.cancel();
    socket_.close(ignored);
  }

 private:
  void take(PendingCall& pending) {
    pending_ = &pending;
    pending.connection = this;
  }

  void on_connected(const error_code& error) {
    if (pending_ == nullptr) return;
    if (error) return give_up(ClientFault::not_connected);
    connected_ = true;
    timer_.cancel();
    error_code ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
    pool_.stats().connected.fetch_add(1, std::memory_order_relaxed);
    exchange();
  }

  void exchange() {
    head_ = pool_.head_of(*pending_);
    body_ = pending_->call.body;  // a copy: the call may end before the write does
    pending_->sent = true;
    parser_.emplace();
    parser_->body_limit(pool_.limits().body_bytes_max);
    parser_->header_limit(pool_.limits().head_bytes_max);
    const std::array<asio::const_buffer, 2> bytes{asio::buffer(head_), asio::buffer(body_)};
    asio::async_write(socket_, bytes,
                      [self = shared_from_this()](const error_code& error, std::size_t) {
                        if (self->pending_ == nullptr) return;
                        if (error) return self->broken();
                        self->read();
                      });
  }

  void read() {
    beast::http::async_read(socket_, buffer_, *parser_,
                            [self = shared_from_this()](const error_code& error, std::size_t) {
                              if (self->pending_ == nullptr) return;
                              if (error) return self->on_read_failed(error);
                              self->on_answer();
                            });
  }

  void on_read_failed(const error_code& error) {
    using beast::http::error::body_limit;
    if (error == body_limit) return give_up(ClientFault::too_large);
    const bool on_the_wire = error == asio::error::eof ||
                             error == beast::http::error::end_of_stream ||
                             error == beast::http::error::partial_message ||
                             error.category() == boost::system::system_category() ||
                             error.category() == asio::error::get_misc_category();
    if (!on_the_wire) return give_up(ClientFault::malformed);
    broken();
  }

  void on_answer() {
    auto& message = parser_->get();
    const int status = static_cast<int>(message.result_int());
    if (status < 200) {  // an interim answer: the real one follows
      parser_.emplace();
      parser_->body_limit(pool_.limits().body_bytes_max);
      return read();
    }
    ClientAnswer answer{.fault = ClientFault::none,
                        .sent = true,
                        .status = status,
                        .body = std::move(message.body())};
    const bool keep = parser_->keep_alive() && buffer_.size() == 0;
    PendingCall* const pending = release();
    pool_.given_back(shared_from_this(), keep);
    pending->answer(std::move(answer));
  }

  // The connection ended under the call.
  void broken() {
    const bool nothing_came = !parser_->got_some() && buffer_.size() == 0;
    PendingCall& pending = *pending_;
    if (used_before_ && nothing_came && pending.call.repeatable && !pending.sent_again) {
      release();
      pool_.given_back(shared_from_this(), false);
      pool_.again(pending);
      return;
    }
    give_up(ClientFault::broken);
  }

  void give_up(ClientFault fault) {
    if (pending_ == nullptr) return;
    PendingCall* const pending = release();
    pool_.given_back(shared_from_this(), false);
    pending->fail(fault);
  }

  PendingCall* release() {
    PendingCall* const pending = pending_;
    pending_ = nullptr;
    pending->connection = nullptr;
    return pending;
  }

  void retire() { pool_.forget(shared_from_this()); }

  ClientPool& pool_;
  tcp::socket socket_;
  tcp::resolver resolver_;
  asio::steady_timer timer_;  // of connecting, then of resting
  PendingCall* pending_ = nullptr;
  bool connected_ = false;
  bool used_before_ = false;
  bool closed_ = false;
  std::string head_;
  std::string body_;
  beast::flat_buffer buffer_;
  std::optional<beast::http::response_parser<beast::http::string_body>> parser_;
};

ClientPool::ClientPool(AsioScheduler& loop, Origin origin, const ClientLimits& limits,
                       ClientStats& stats)
    : loop_(loop), origin_(std::move(origin)), limits_(limits), stats_(stats) {}

ClientPool::~ClientPool() {
  // The loop turns no more: handlers left in it are dropped with it, unrun.
  for (const auto& connection : idle_) connection->close();
  for (const auto& connection : busy_) connection->abandon();
}

Task<ClientAnswer> ClientPool::call(ClientCall call) {
  PendingCall pending(loop_.io(), std::move(call));
  pending.timer.expires_at(pending.until);
  pending.timer.async_wait([this, &pending](const error_code& error) {
    if (!error) expire(pending);
  });
  place(pending);
  co_return co_await pending.done;
}

void ClientPool::place(PendingCall& pending) {
  if (pending.call.repeatable && !idle_.empty() && !pending.sent_again) {
    const std::shared_ptr<ClientConnection> connection = std::move(idle_.back());
    idle_.pop_back();
    busy_.push_back(connection);
    connection->serve(pending);
    return;
  }
  if (!idle_.empty() && idle_.size() + busy_.size() >= limits_.connections_max) {
    forget(idle_.front());  // a new one is wanted
  }
  if (idle_.size() + busy_.size() < limits_.connections_max) return open_for(pending);
  if (waiting_.size() >= limits_.waiting_max) {
    stats_.no_room.fetch_add(1, std::memory_order_relaxed);
    pending.fail(ClientFault::no_room);
    return;
  }
  waiting_.push_back(&pending);
  stats_.waiting.fetch_add(1, std::memory_order_relaxed);
}

void ClientPool::open_for(PendingCall& pending) {
  busy_.push_back(std::make_shared<ClientConnection>(*this));
  busy_.back()->connect_and_serve(pending);
}

void ClientPool::again(PendingCall& pending) {
  pending.sent_again = true;
  stats_.sent_again.fetch_add(1, std::memory_order_relaxed);
  place(pending);
}

void ClientPool::given_back(const std::shared_ptr<ClientConnection>& connection, bool keep) {
  const auto at = std::find(busy_.begin(), busy_.end(), connection);
  check(at != busy_.end(), "a connection is given back once");
  busy_.erase(at);
  if (keep) {
    idle_.push_back(connection);
    connection->rest();
  } else {
    connection->close();
  }
  if (waiting_.empty()) return;
  PendingCall* const next = waiting_.front();
  waiting_.pop_front();
  stats_.waiting.fetch_sub(1, std::memory_order_relaxed);
  place(*next);
}

void ClientPool::forget(const std::shared_ptr<ClientConnection>& connection) {
  // A copy, since it may be an element of idle_.
  // NOLINTNEXTLINE(performance-unnecessary-copy-initialization)
  const std::shared_ptr<ClientConnection> kept = connection;
  const auto at = std::find(idle_.begin(), idle_.end(), kept);
  if (at == idle_.end()) return;
  idle_.erase(at);
  kept->close();
}

void ClientPool::expire(PendingCall& pending) {
  stats_.timed_out.fetch_add(1, std::memory_order_relaxed);
  if (ClientConnection* const connection = pending.connection) {
    pending.connection = nullptr;
    const auto kept = connection->shared_from_this();
    connection->abandon();
    given_back(kept, false);
  } else {
    const auto at = std::find(waiting_.begin(), waiting_.end(), &pending);
    if (at == waiting_.end()) return;  // answered in this very turn
    waiting_.erase(at);
    stats_.waiting.fetch_sub(1, std::memory_order_relaxed);
  }
  pending.fail(ClientFault::timed_out);
}

std::string ClientPool::head_of(const PendingCall& pending) {
  const ClientCall& call = pending.call;
  const TraceId trace = call.trace.is_nil() ? traces_.next() : call.trace;
  TraceId span = traces_.next();
  if (call.parent_span != 0) span.bits.lo = call.parent_span;
  std::array<char, 32> hex{};
  std::string head;
  head.reserve(320 + call.target.size() + call.fields.size());
  head.append(name_of(call.method)).append(" ").append(call.target).append(" HTTP/1.1\r\nHost: ");
  head += text_of(origin_);
  if (!call.body.empty() || call.method != Method::get) {
    head += "\r\nContent-Type: application/json\r\nContent-Length: ";
    head += std::to_string(call.body.size());
  }
  head += "\r\nDeadline-Ms: ";
  head += std::to_string(std::max<std::int64_t>(0, pending.left().count()));
  head += "\r\ntraceparent: 00-";
  write_hex(trace, hex.data());
  head.append(hex.data(), 32);
  head += '-';
  write_hex(span, hex.data());
  head.append(hex.data() + 16, 16);  // next() never gives a low half of 0
  head += call.trace.is_nil() ? "-00\r\n" : "-01\r\n";
  head += call.fields;
  head += "\r\n";
  return head;
}

}  // namespace onsale::http
