// Connection: one client's socket as a state machine.
//
//   reading ──request whole──▶ handling ──answer ready──▶ reading | flushing | lingering | closed
//   flushing: the socket is full; nothing is read or handled until it drained
//   lingering: our side is shut, the client's last bytes are thrown away so that it can read the
//              answer (a close with unread input would reset the connection and destroy it)
//
// Memory: an idle connection is this object and nothing else. Bytes are received into the loop's
// scratch block; a connection owns a block only while part of a request is waiting for the rest, or
// while a suspended handler looks at it.
#pragma once

#include <netinet/in.h>

#include <cstddef>
#include <cstdint>
#include <memory>

#include "runtime/http/chunked.hpp"
#include "runtime/http/edge_loop.hpp"

namespace onsale::http {

class Connection {
 public:
  // Owns `descriptor` (non-blocking) from here on.
  // `counted`: it is one of Limits::connections_max (one too many is not).
  Connection(EdgeLoop& loop, int descriptor, const sockaddr_storage& peer, bool internal,
             bool counted);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // What epoll says.
  void on_ready(std::uint32_t events);
  // Its turn after run_later().
  void turn();
  // Its deadline has passed.
  void on_deadline();
  // The server drains: ends now if idle.
  void on_drain();
  // Its handler has ended.
  void on_handled(Exchange* exchange);
  // Answers 503 without reading a request, and closes.
  void refuse_and_close();

 private:
  enum class State : std::uint8_t { reading, handling, flushing, lingering, closed };
  enum class Phase : std::uint8_t { head, sized_body, chunked_body };
  enum class Waiting : std::uint8_t { nothing, idle, head, body };
  struct Pending;  // what a full socket did not take

  void pump();
  bool fill();
  bool consume();
  Parsed next_request(Exchange& exchange, Refusal& why);
  Parsed read_head(Exchange& exchange, Refusal& why);
  Parsed read_body(Exchange& exchange, Refusal& why);
  Parsed take_whole(Exchange& exchange, std::size_t body_bytes, Refusal& why);
  bool start(Exchange& exchange);
  void answer(Exchange& exchange);
  void answer_late();
  bool hand_over(Exchange& exchange);
  void answer_refusal(Exchange& exchange, const Refusal& why, bool close);
  void refuse_now(Code code, std::string_view detail);
  bool flush(SharedBytes body = nullptr);
  bool send_pending();
  void on_writable();
  bool make_room();
  void settle_input();
  void release_input();
  void release_exchange();
  void finish();
  void drain_input();
  void close();
  void set_waiting();

  EdgeLoop& loop_;
  int descriptor_;
  std::uint32_t slot_;
  State state_ = State::reading;
  Phase phase_ = Phase::head;
  Waiting waiting_ = Waiting::nothing;
  bool internal_;
  bool counted_;
  bool readable_ = true;
  bool peer_shut_ = false;  // the client will send no more
  bool starved_ = true;     // what is buffered holds no whole request
  bool borrowed_ = false;   // input_ is the loop's scratch
  bool ending_ = false;     // close once the output has left
  bool linger_ = false;     // … and politely
  bool deferred_ = false;
  bool answer_waits_ = false;  // the handler has ended; its answer is not written yet

  Block input_;
  std::size_t begin_ = 0;  // of the current request in input_
  std::size_t end_ = 0;    // of the bytes in input_
  std::size_t scanned_ = 0;
  std::size_t head_bytes_ = 0;
  std::size_t body_bytes_ = 0;  // of a sized body
  std::size_t request_bytes_ = 0;
  std::size_t lingered_bytes_ = 0;
  ChunkDecoder chunks_;
  Exchange* exchange_ = nullptr;
  std::unique_ptr<Pending> pending_;
  char peer_address_[48];

  friend class EdgeLoop;
};

}  // namespace onsale::http
