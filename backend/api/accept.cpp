// Lists of weighted names, read without allocating.
#include "api/accept.hpp"

#include <algorithm>

namespace onsale::api {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string_view take(std::string_view& rest, char separator) {
  const std::size_t at = rest.find(separator);
  const std::string_view part = rest.substr(0, at);
  rest = at == std::string_view::npos ? std::string_view{} : rest.substr(at + 1);
  return trim(part);
}

// "0.5" -> 500; anything that is no weight counts as 0.
int weight_of(std::string_view text) {
  if (text.empty() || (text[0] != '0' && text[0] != '1')) return 0;
  int value = (text[0] - '0') * 1000;
  int scale = 100;
  if (text.size() > 1 && text[1] != '.') return 0;
  for (std::size_t i = 2; i < text.size() && i < 5; ++i, scale /= 10) {
    if (text[i] < '0' || text[i] > '9') return 0;
    value += (text[i] - '0') * scale;
  }
  return std::min(value, 1000);
}

struct Item {
  std::string_view name;
  int weight = 1000;
};

Item take_item(std::string_view& list) {
  std::string_view element = take(list, ',');
  Item item{.name = take(element, ';')};
  while (!element.empty()) {
    std::string_view parameter = take(element, ';');
    const std::string_view key = take(parameter, '=');
    if (equal_ignoring_case(key, "q")) item.weight = weight_of(trim(parameter));
  }
  return item;
}

}  // namespace

int quality_of(std::string_view accept, std::string_view media_type) {
  if (trim(accept).empty()) return 1000;
  const std::string_view type = media_type.substr(0, media_type.find('/'));
  int best_weight = 0;
  int best_rank = -1;
  while (!accept.empty()) {
    const Item item = take_item(accept);
    const std::size_t slash = item.name.find('/');
    if (slash == std::string_view::npos) continue;
    int rank = -1;
    if (equal_ignoring_case(item.name, media_type)) {
      rank = 2;
    } else if (item.name.substr(slash) == "/*") {
      if (equal_ignoring_case(item.name.substr(0, slash), type)) rank = 1;
      if (item.name == "*/*") rank = 0;
    }
    if (rank > best_rank) {
      best_rank = rank;
      best_weight = item.weight;
    }
  }
  return best_weight;
}

bool admits_gzip(std::string_view accept_encoding) {
  bool any = false;
  while (!accept_encoding.empty()) {
    const Item item = take_item(accept_encoding);
    if (equal_ignoring_case(item.name, "gzip") || equal_ignoring_case(item.name, "x-gzip")) {
      return item.weight > 0;
    }
    if (item.name == "*") any = item.weight > 0;
  }
  return any;
}

bool admits_brotli(std::string_view accept_encoding) {
  while (!accept_encoding.empty()) {
    const Item item = take_item(accept_encoding);
    if (equal_ignoring_case(item.name, "br")) return item.weight > 0;
  }
  return false;
}

bool is_media_type(std::string_view value, std::string_view media_type) {
  return equal_ignoring_case(take(value, ';'), media_type);
}

}  // namespace onsale::api
