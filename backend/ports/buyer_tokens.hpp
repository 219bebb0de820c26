// BuyerTokens: proves who is asking. A buyer is an opaque 128-bit id; the token carries it signed.
//
// Contract: verify(issue(b)) == b; anything not issued under the same key is nullopt, whatever its
// length or content, in time that does not depend on how much of it is right. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.hpp"

namespace onsale {

class BuyerTokens {
 public:
  virtual ~BuyerTokens() = default;
  // "v1.<base64url of the id>.<base64url of HMAC-SHA256 over "v1." + id>": visible ASCII, safe in a
  // cookie and a header; at most 96 characters.
  [[nodiscard]] virtual std::string issue(BuyerId buyer) const = 0;
  [[nodiscard]] virtual std::optional<BuyerId> verify(std::string_view token) const = 0;
};

}  // namespace onsale
