// The plan of a hall as the layout call tells it: rendered once for an Offer, cached for ever.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/http/message.hpp"
#include "services/catalog/offer.hpp"

namespace onsale::codec {

inline constexpr std::string_view kLayoutType = "application/vnd.onsale.layout";

// json: the plan as it is. compact: the same with its seats as columns (layout_columns.hpp), for
// the page's first visit.
enum class LayoutForm : std::uint8_t { json, compact };
inline constexpr std::array kLayoutForms = {LayoutForm::json, LayoutForm::compact};

struct LayoutBody {
  struct Form {
    http::SharedBytes bytes;
    http::SharedBytes gzip;  // null until compress_layout(), if it was left for later
    std::string etag;
    std::string etag_gzip;
  };
  Form& of(LayoutForm form) { return forms[static_cast<std::size_t>(form)]; }
  [[nodiscard]] const Form& of(LayoutForm form) const {
    return forms[static_cast<std::size_t>(form)];
  }

  std::string hash;  // hex SHA-256 of the JSON form without its own `hash` member
  std::array<Form, kLayoutForms.size()> forms;
};

// Compressing a large plan well takes far longer than all else about it, so it can be left for later.
enum class Compress : std::uint8_t { now, large_ones_later };
LayoutBody render_layout(const catalog::Offer& offer, Compress compress = Compress::now);
http::SharedBytes compress_layout(const LayoutBody::Form& form);

}  // namespace onsale::codec
