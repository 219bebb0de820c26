// Each form keeps the state it was last made from and asks the view what has changed since.
#include "api/codec/seat_map_bodies.hpp"

#include <array>
#include <charconv>
#include <utility>
#include <vector>

#include "api/codec/gzip.hpp"
#include "api/codec/seat_map_binary.hpp"
#include "api/codec/seat_map_deflater.hpp"
#include "api/codec/seat_map_text.hpp"
#include "base/mutex.hpp"

namespace onsale::codec {
namespace {

constexpr std::size_t kSparesMax = 2;
constexpr std::array<std::string_view, 4> kFormNames = {"json", "gz", "bin", "bingz"};

std::string etag_of(const std::string& stem, Version version, SeatMapForm form) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, version.value).ptr;
  std::string etag;
  etag.reserve(stem.size() + 30);
  etag += stem;
  etag.append(digits, end);
  etag += '-';
  etag += kFormNames[static_cast<std::size_t>(form)];
  etag += '"';
  return etag;
}

// A body's bytes, and the version they were brought to.
struct Buffer {
  std::string bytes;
  Version version;
  bool filled = false;
};

// Buffers that no answer in flight uses any more come back here, to be patched instead of made
// anew. Thread-safe: the last user of a body may be any loop. A body may outlive its event.
class BufferPool : public std::enable_shared_from_this<BufferPool> {
 public:
  std::unique_ptr<Buffer> take() {
    Lock lock(mutex_);
    if (spares_.empty()) return std::make_unique<Buffer>();
    std::unique_ptr<Buffer> spare = std::move(spares_.back());
    spares_.pop_back();
    return spare;
  }
  http::SharedBytes share(std::unique_ptr<Buffer> buffer) {
    const std::string* bytes = &buffer->bytes;
    std::shared_ptr<Buffer> owner(buffer.release(), [pool = shared_from_this()](Buffer* done) {
      pool->give_back(std::unique_ptr<Buffer>(done));
    });
    return {std::move(owner), bytes};
  }

 private:
  void give_back(std::unique_ptr<Buffer> buffer) {
    Lock lock(mutex_);
    if (spares_.size() < kSparesMax) spares_.push_back(std::move(buffer));
  }

  Mutex mutex_;
  std::vector<std::unique_ptr<Buffer>> spares_ ONSALE_GUARDED_BY(mutex_);
};

// Tells `set(index, status)` what has changed in the view since `version`, or every seat if that is
// no longer known or `filled` is false. Returns the version reached.
template <typename Set>
Version follow(const catalog::SeatMapView& view, Version version, bool filled, Set set) {
  if (filled) {
    const catalog::SeatMapView::News news = view.since(version);
    if (!news.too_old) {
      for (const SeatChange& change : news.changes) set(change.seat_index, change.status);
      return news.version;
    }
  }
  const SeatSnapshot all = view.snapshot();
  for (std::uint32_t i = 0; i < all.statuses.size(); ++i) set(i, all.statuses[i]);
  return all.version;
}

}  // namespace

struct SeatMapBodies::State {
  explicit State(const catalog::Offer& of) : offer(of) {}

  // What is there only once somebody has asked for it.
  const SeatMapText& text() ONSALE_REQUIRES(mutex) {
    if (!made_text) made_text = std::make_unique<SeatMapText>(offer);
    return *made_text;
  }

  const catalog::Offer& offer;
  Mutex mutex;
  std::unique_ptr<SeatMapText> made_text ONSALE_GUARDED_BY(mutex);
  std::unique_ptr<SeatMapDeflater> deflater ONSALE_GUARDED_BY(mutex);
  Version deflater_version ONSALE_GUARDED_BY(mutex);
  std::unique_ptr<SeatMapBits> bits ONSALE_GUARDED_BY(mutex);
  Version bits_version ONSALE_GUARDED_BY(mutex);
  std::shared_ptr<BufferPool> json_pool = std::make_shared<BufferPool>();
  std::shared_ptr<BufferPool> gzip_pool = std::make_shared<BufferPool>();
  std::array<Body, kFormNames.size()> ready ONSALE_GUARDED_BY(mutex);

  Body& of(SeatMapForm form) ONSALE_REQUIRES(mutex) {
    return ready[static_cast<std::size_t>(form)];
  }
  void make_json(const catalog::SeatMapView& view, Body& body) ONSALE_REQUIRES(mutex);
  void make_json_gzip(const catalog::SeatMapView& view, Body& body) ONSALE_REQUIRES(mutex);
  void make_binary(const catalog::SeatMapView& view, Body& body) ONSALE_REQUIRES(mutex);
};

void SeatMapBodies::State::make_json(const catalog::SeatMapView& view, Body& body) {
  std::unique_ptr<Buffer> buffer = json_pool->take();
  const SeatMapText& fixed = text();
  if (!buffer->filled) buffer->bytes = fixed.blank();
  char* const bytes = buffer->bytes.data();
  buffer->version = follow(view, buffer->version, buffer->filled,
                           [&](std::uint32_t index, seat::WireStatus status) {
                             if (index < fixed.seats()) fixed.write_status(bytes, index, status);
                           });
  buffer->filled = true;
  fixed.write_version(bytes, buffer->version);
  body.version = buffer->version;
  body.bytes = json_pool->share(std::move(buffer));
}

void SeatMapBodies::State::make_json_gzip(const catalog::SeatMapView& view, Body& body) {
  const bool filled = deflater != nullptr;
  if (!filled) deflater = std::make_unique<SeatMapDeflater>(text());
  SeatMapDeflater& to = *deflater;
  deflater_version =
      follow(view, deflater_version, filled,
             [&to](std::uint32_t index, seat::WireStatus status) { to.set(index, status); });
  std::unique_ptr<Buffer> buffer = gzip_pool->take();
  to.write(deflater_version, buffer->bytes);
  body.version = deflater_version;
  body.bytes = gzip_pool->share(std::move(buffer));
}

void SeatMapBodies::State::make_binary(const catalog::SeatMapView& view, Body& body) {
  const bool filled = bits != nullptr;
  if (!filled) bits = std::make_unique<SeatMapBits>(offer.seat_count());
  SeatMapBits& to = *bits;
  bits_version =
      follow(view, bits_version, filled,
             [&to](std::uint32_t index, seat::WireStatus status) { to.set(index, status); });
  to.set_version(bits_version);
  body.version = bits_version;
  body.bytes = std::make_shared<const std::string>(to.bytes());
}

SeatMapBodies::SeatMapBodies(const catalog::Offer& offer, const catalog::SeatMapView& view,
                             std::string_view layout_hash)
    : offer_(offer),
      view_(view),
      etag_stem_("\"" + std::string(layout_hash.substr(0, 16)) + "-"),
      state_(std::make_unique<State>(offer)) {}

SeatMapBodies::~SeatMapBodies() = default;

SeatMapBodies::Body SeatMapBodies::body(SeatMapForm form) {
  State& state = *state_;
  Lock lock(state.mutex);
  Body& body = state.of(form);
  if (body.bytes != nullptr && body.version == view_.version()) return body;
  body.bytes.reset();  // if nobody is sending it, its buffer is the one to patch
  switch (form) {
    case SeatMapForm::json:
      state.make_json(view_, body);
      break;
    case SeatMapForm::json_gzip:
      state.make_json_gzip(view_, body);
      break;
    case SeatMapForm::binary:
      state.make_binary(view_, body);
      break;
    case SeatMapForm::binary_gzip:
      state.make_binary(view_, body);
      body.bytes = std::make_shared<const std::string>(gzip(*body.bytes, GzipEffort::runs));
      break;
  }
  body.etag = etag_of(etag_stem_, body.version, form);
  return body;
}

std::string SeatMapBodies::etag(SeatMapForm form) const {
  return etag_of(etag_stem_, view_.version(), form);
}

bool SeatMapBodies::none_match_names(std::string_view if_none_match, std::string_view etag) {
  // RFC 9110 section 13.1.2: "*" or a list of entity tags, compared weakly.
  std::size_t at = if_none_match.find_first_not_of(" \t");
  if (at == std::string_view::npos) return false;
  if (if_none_match[at] == '*') {
    return if_none_match.find_first_not_of(" \t", at + 1) == std::string_view::npos;
  }
  while (at < if_none_match.size()) {
    at = if_none_match.find('"', at);
    if (at == std::string_view::npos) return false;
    const std::size_t end = if_none_match.find('"', at + 1);
    if (end == std::string_view::npos) return false;
    if (if_none_match.substr(at, end + 1 - at) == etag) return true;
    at = end + 1;
  }
  return false;
}

std::optional<SeatMapBodies::Body> SeatMapBodies::delta(Version since) const {
  catalog::SeatMapView::News news = view_.since(since);
  if (news.too_old) return std::nullopt;
  Body body;
  body.version = news.version;
  body.etag = etag_stem_ + std::to_string(since.value) + "-" + std::to_string(news.version.value) +
              "-delta\"";
  body.bytes = std::make_shared<const std::string>(
      write_seat_delta(since, news.version, std::move(news.changes), offer_.seat_count()));
  return body;
}

}  // namespace onsale::codec
