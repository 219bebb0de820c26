// Buyer tokens, and the headers they come in, on any bytes: nothing but what was issued is believed.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "adapters/crypto/hmac_buyer_tokens.hpp"
#include "api/identity.hpp"
#include "base/assert.hpp"

namespace {

using namespace onsale;  // NOLINT: one small program

class CountingIds final : public IdSource {
 public:
  Bits128 random_bits() override { return {1, ++last_}; }

 private:
  std::uint64_t last_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const HmacBuyerTokens tokens{HmacBuyerTokens::Key{1, 2, 3}};
  static CountingIds ids;
  static const api::Identity identity{tokens, ids};
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  if (const auto buyer = tokens.verify(text)) {
    check(tokens.issue(*buyer) == text, "a token that was not issued is believed");
  }
  const http::HeaderField fields[] = {{"Authorization", text}, {"Cookie", text}};
  for (std::size_t first = 0; first < 2; ++first) {
    http::Request request;
    request.headers = fields + first;
    request.header_count = 2 - first;
    for (const bool cookie_only : {false, true}) {
      const auto who = identity.ask(request, cookie_only);
      if (who.buyer) {
        check(text.find(tokens.issue(*who.buyer)) != text.npos, "a buyer out of nowhere");
      }
    }
  }
  return 0;
}
