// Reading the token (RFC 6750 section 2.1, RFC 6265 section 4.2) and remembering verified ones.
#include "api/identity.hpp"

#include <array>
#include <functional>
#include <string>

namespace onsale::api {
namespace {

constexpr std::string_view kCookieName = "onsale_buyer";
constexpr std::size_t kTokenBytesMax = 96;
constexpr std::size_t kRemembered = 4096;  // per thread, 128 B each

struct Remembered {
  const BuyerTokens* by = nullptr;
  BuyerId buyer;
  std::array<char, kTokenBytesMax> text{};
  std::size_t size = 0;
};

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

std::optional<BuyerId> Identity::verify(std::string_view token) const {
  if (token.empty() || token.size() > kTokenBytesMax) return std::nullopt;
  thread_local std::array<Remembered, kRemembered> remembered;
  Remembered& slot = remembered[std::hash<std::string_view>{}(token) % kRemembered];
  if (slot.by == &tokens_ && std::string_view{slot.text.data(), slot.size} == token) {
    return slot.buyer;
  }
  const auto buyer = tokens_.verify(token);
  if (buyer) {
    slot.by = &tokens_;
    slot.buyer = *buyer;
    slot.size = token.copy(slot.text.data(), slot.text.size());
  }
  return buyer;
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
  response.header("Buyer-Token", token);
  response.header("Set-Cookie", std::string{kCookieName} + "=" + token +
                                    "; Path=/; HttpOnly; SameSite=Lax; Max-Age=31536000");
  return buyer;
}

}  // namespace onsale::api
