// The catalog's calls: events, layouts, seat maps and their streams. Open to anyone.
#pragma once

#include <functional>

#include "api/call.hpp"
#include "api/showcase.hpp"
#include "ports/clock.hpp"
#include "runtime/task.hpp"

namespace onsale::api {

class CatalogRoutes {
 public:
  // Sends a frame that is no entry of the feed to all viewers of a channel (Server::publish).
  using Announce = std::function<void(const std::shared_ptr<http::StreamChannel>&, std::uint64_t,
                                      std::uint64_t, http::SharedBytes)>;

  CatalogRoutes(const catalog::CatalogService& catalog, const Showcase& showcase,
                const Clock& clock, IdSource& ids, Announce announce)
      : catalog_(catalog),
        showcase_(showcase),
        clock_(clock),
        ids_(ids),
        announce_(std::move(announce)) {}

  Task<void> list_events(Call call) const;
  Task<void> get_event(Call call) const;
  Task<void> get_seat_map(Call call) const;
  Task<void> get_layout(Call call) const;
  Task<void> stream_seats(Call call) const;
  // Internal: tells viewers of a change that a peer vouches for. What the feed already has is known
  // to them; the map itself follows the feed alone.
  Task<void> reflect_seat_update(Call call) const;

 private:
  [[nodiscard]] Shown* shown_event(Call& call) const;
  void append_event(std::string& out, Shown& shown) const;

  const catalog::CatalogService& catalog_;
  const Showcase& showcase_;
  const Clock& clock_;
  IdSource& ids_;
  Announce announce_;
};

}  // namespace onsale::api
