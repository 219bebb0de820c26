// Reading the token (RFC 6750 section 2.1, RFC 6265 section 4.2) and remembering verified ones.
#include "api/identity.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

#include "base/assert.hpp"

namespace onsale::api {
namespace {

constexpr std::string_view kCookieName = "onsale_buyer";
constexpr std::size_t kTokenBytesMax = 96;
constexpr std::size_t kRemembered = 16'384;  // per thread, 128 B each once used

struct Remembered {
  std::uint64_t by = 0;  // which Identity; 0: nothing is remembered here
  BuyerId buyer;
  std::array<char, kTokenBytesMax> text{};
  std::size_t size = 0;
};

bool can_be_remembered(std::string_view token) {
  return token.size() >= sizeof(std::uint64_t) && token.size() <= kTokenBytesMax;
}

// Where a token is remembered, by the end of its tag: those of ours differ there as dice do, and
// others are never written.
Remembered& place_of(std::string_view token) {
  struct Free {
    void operator()(Remembered* places) const { std::free(places); }
  };
  // Zeroed by the kernel, page by page as they are used.
  thread_local const std::unique_ptr<Remembered[], Free> places{
      static_cast<Remembered*>(std::calloc(kRemembered, sizeof(Remembered)))};
  check(places != nullptr, "out of memory for tokens");
  std::uint64_t tail = 0;
  std::memcpy(&tail, token.data() + token.size() - sizeof tail, sizeof tail);
  return places[tail * 0x9E37'79B9'7F4A'7C15ULL >> 50U];
}
static_assert(kRemembered == 1U << 14U);

// In a time that does not tell how much of a guess is right.
bool same_text(const Remembered& place, std::string_view token) {
  if (place.size != token.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < token.size(); ++i) {
    difference |= static_cast<unsigned char>(place.text[i] ^ token[i]);
  }
  return difference == 0;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::optional<std::string_view> cookie_of(const http::Request& request, std::string_view name) {
  auto rest = request.header("Cookie");
  if (!rest) return std::nullopt;
  while (!rest->empty()) {
    const std::size_t semicolon = rest->find(';');
    const std::string_view pair = trim(rest->substr(0, semicolon));
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name) {
      std::string_view value = pair.substr(equals + 1);
      if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
        value = value.substr(1, value.size() - 2);
      }
      return value;
    }
    if (semicolon == std::string_view::npos) break;
    rest->remove_prefix(semicolon + 1);
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string_view> bearer_of(const http::Request& request) {
  const auto value = request.header("Authorization");
  if (!value) return std::nullopt;
  constexpr std::string_view kScheme = "bearer ";
  if (value->size() < kScheme.size()) return std::nullopt;
  for (std::size_t i = 0; i < kScheme.size(); ++i) {
    const char c = (*value)[i];
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (lower != kScheme[i]) return std::nullopt;
  }
  return trim(value->substr(kScheme.size()));
}

std::uint64_t Identity::next_serial() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

std::optional<BuyerId> Identity::verify(std::string_view token) const {
  if (!can_be_remembered(token)) return std::nullopt;
  const Remembered& place = place_of(token);
  if (place.by == serial_ && same_text(place, token)) {
    return place.buyer;
  }
  const auto buyer = tokens_.verify(token);
  if (buyer) remember(token, *buyer);
  return buyer;
}

void Identity::remember(std::string_view token, BuyerId buyer) const {
  check(can_be_remembered(token), "a token of ours is too short or too long");
  Remembered& place = place_of(token);
  place.by = serial_;
  place.buyer = buyer;
  place.size = token.copy(place.text.data(), place.text.size());
}

Identity::Who Identity::ask(const http::Request& request, bool ignore_authorization) const {
  std::optional<std::string_view> token;
  if (!ignore_authorization) {
    token = bearer_of(request);
    if (!token && request.header("Authorization")) return {.valid = false, .buyer = {}};
  }
  if (!token) token = cookie_of(request, kCookieName);
  if (!token) return {};
  const auto buyer = verify(*token);
  return {.valid = buyer.has_value(), .buyer = buyer};
}

BuyerId Identity::welcome(http::Response& response) const {
  const BuyerId buyer{ids_.random_bits()};
  const std::string token = tokens_.issue(buyer);
  remember(token, buyer);  // it comes back with the next call, most likely to this thread
  response.header("Buyer-Token", token);
  response.header("Set-Cookie", std::string{kCookieName} + "=" + token +
                                    "; Path=/; HttpOnly; SameSite=Lax; Max-Age=31536000");
  return buyer;
}

void Identity::dismiss(http::Response& response) {
  response.header("Set-Cookie",
                  std::string{kCookieName} + "=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
}

}  // namespace onsale::api
