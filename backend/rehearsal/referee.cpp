// A map taken after a RESET is entered as if each seat had changed to what it is: true at the
// latest when the map arrived, which is all that a change in the record claims.
#include "rehearsal/referee.hpp"

namespace onsale::rehearsal {

void Referee::on_change(std::uint64_t version, std::uint64_t after, std::uint32_t seat,
                        SeatStatus status, Nanos seen) {
  History& history = stage_.history;
  history.changes.push_back({.version = version, .seat = seat, .status = status, .seen = seen});
  // A coalesced catch-up hides a seat's short moods. Our own buyers' are known from their
  // acknowledgements; another customer's are not.
  if (version != after + 1 && !stage_.options.sole_customer) {
    history.blind.push_back({.from = heard_, .to = seen});
  }
  heard_ = seen;
}

void Referee::on_snapshot(const Snapshot& snapshot, Nanos blind_from, Nanos seen) {
  History& history = stage_.history;
  heard_ = seen;
  if (!history.opening) {
    history.opening = snapshot;
    history.opening_seen = seen;
    return;
  }
  history.blind.push_back({.from = blind_from, .to = seen - 1});
  for (std::uint32_t seat = 0; seat < snapshot.board.size(); ++seat) {
    history.changes.push_back({.version = snapshot.version,
                               .seat = seat,
                               .status = snapshot.board.at(seat),
                               .seen = seen});
  }
}

}  // namespace onsale::rehearsal
