// Prefix codes: Huffman's by repeated merging; when one grows too long, the counts are flattened and
// it is done again. RFC 1951 sections 3.2.2, 3.2.5 and 3.2.7.
#include "api/codec/deflate_codes.hpp"

#include <algorithm>
#include <queue>
#include <span>
#include <utility>
#include <vector>

#include "base/assert.hpp"

namespace onsale::codec {
namespace {

// Code lengths for the symbols that are counted; none longer than `longest`.
void code_sizes(std::span<std::uint32_t> counts, unsigned longest, std::span<std::uint8_t> sizes) {
  for (;;) {
    struct Node {
      int left = -1, right = -1;
    };
    std::vector<Node> nodes(counts.size());
    using Entry = std::pair<std::uint64_t, int>;  // count, node
    std::priority_queue<Entry, std::vector<Entry>, std::greater<>> heap;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      sizes[i] = 0;
      if (counts[i] > 0) heap.emplace(counts[i], static_cast<int>(i));
    }
    check(heap.size() >= 2, "a prefix code needs two symbols");
    while (heap.size() > 1) {
      const Entry a = heap.top();
      heap.pop();
      const Entry b = heap.top();
      heap.pop();
      nodes.push_back({a.second, b.second});
      heap.emplace(a.first + b.first, static_cast<int>(nodes.size()) - 1);
    }
    unsigned deepest = 0;
    std::vector<std::pair<int, unsigned>> open{{heap.top().second, 0U}};
    while (!open.empty()) {
      const auto [at, depth] = open.back();
      open.pop_back();
      const Node node = nodes[static_cast<std::size_t>(at)];
      if (node.left < 0) {
        sizes[static_cast<std::size_t>(at)] = static_cast<std::uint8_t>(depth);
        deepest = std::max(deepest, depth);
      } else {
        open.emplace_back(node.left, depth + 1);
        open.emplace_back(node.right, depth + 1);
      }
    }
    if (deepest <= longest) return;
    for (std::uint32_t& count : counts) count = count == 0 ? 0 : count / 2 + 1;
  }
}

// Canonical codes of those sizes, bit-reversed because they are sent highest bit first.
void make_codes(std::span<const std::uint8_t> sizes, std::span<Bits> codes) {
  std::array<std::uint32_t, 17> first{};
  std::array<std::uint32_t, 17> count{};
  for (const std::uint8_t size : sizes) {
    if (size > 0) ++count[size];
  }
  std::uint32_t code = 0;
  for (std::size_t size = 1; size < first.size(); ++size) {
    code = (code + count[size - 1]) << 1U;
    first[size] = code;
  }
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    if (sizes[i] == 0) continue;
    const std::uint32_t plain = first[sizes[i]]++;
    std::uint64_t reversed = 0;
    for (unsigned bit = 0; bit < sizes[i]; ++bit) {
      reversed |= static_cast<std::uint64_t>(plain >> bit & 1U) << (sizes[i] - 1U - bit);
    }
    codes[i] = {reversed, sizes[i]};
  }
}

struct LengthCode {
  unsigned symbol;
  Bits extra;
};
LengthCode length_code(unsigned length) {
  if (length == kMatchMax) return {285, {}};
  if (length <= 10) return {254 + length, {}};
  const unsigned offset = length - kMatchMin;
  const unsigned extra = static_cast<unsigned>(std::bit_width(offset)) - 3;
  const unsigned symbol = 257 + 4 * extra + (offset >> extra);
  return {symbol, {offset & ((1U << extra) - 1U), extra}};
}

LengthCode distance_code(unsigned distance) {
  const unsigned offset = distance - 1;
  if (offset < 4) return {offset, {}};
  const unsigned extra = static_cast<unsigned>(std::bit_width(offset)) - 2;
  return {2 * extra + (offset >> extra), {offset & ((1U << extra) - 1U), extra}};
}

}  // namespace

void SymbolCounts::match(unsigned length, unsigned distance) {
  ++literals[length_code(length).symbol];
  ++distances[distance_code(distance).symbol];
}

DeflateCodes::DeflateCodes(SymbolCounts counts) {
  ++counts.literals[kEndOfBlock];
  code_sizes(counts.literals, 15, literal_sizes_);
  code_sizes(counts.distances, 15, distance_sizes_);
  make_codes(literal_sizes_, literals_);
  make_codes(distance_sizes_, distances_);
  for (unsigned length = kMatchMin; length <= kMatchMax; ++length) {
    const LengthCode code = length_code(length);
    lengths_[length] = literals_[code.symbol];
    lengths_[length].append(code.extra);
  }
  encode_header();
}

Bits DeflateCodes::distance(unsigned distance) const {
  const LengthCode code = distance_code(distance);
  Bits bits = distances_[code.symbol];
  bits.append(code.extra);
  return bits;
}

void DeflateCodes::encode_header() {
  constexpr std::array<std::uint8_t, 19> kOrder = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                   11, 4,  12, 3, 13, 2, 14, 1, 15};
  std::vector<std::uint8_t> sizes(literal_sizes_.begin(), literal_sizes_.end());
  sizes.insert(sizes.end(), distance_sizes_.begin(), distance_sizes_.end());

  // Runs: 16 repeats the last size 3–6 times, 17 and 18 are 3–10 and 11–138 zeros.
  struct Part {
    unsigned symbol;
    Bits extra;
  };
  std::vector<Part> parts;
  for (std::size_t i = 0; i < sizes.size();) {
    std::size_t run = 1;
    while (i + run < sizes.size() && sizes[i + run] == sizes[i]) ++run;
    if (sizes[i] == 0 && run >= 3) {
      run = std::min<std::size_t>(run, 138);
      parts.push_back(run <= 10 ? Part{17, {run - 3, 3}} : Part{18, {run - 11, 7}});
    } else if (sizes[i] != 0 && run >= 4) {
      run = std::min<std::size_t>(run, 7);
      parts.push_back({sizes[i], {}});
      parts.push_back({16, {run - 4, 2}});
    } else {
      run = 1;
      parts.push_back({sizes[i], {}});
    }
    i += run;
  }
  std::array<std::uint32_t, 19> counts{};
  for (const Part& part : parts) ++counts[part.symbol];
  // A code of one symbol alone would be incomplete.
  if (std::count(counts.begin(), counts.end(), 0U) == 18) ++counts[counts[0] == 0 ? 0 : 1];
  std::array<std::uint8_t, 19> code_size_sizes{};
  std::array<Bits, 19> codes{};
  code_sizes(counts, 7, code_size_sizes);
  make_codes(code_size_sizes, codes);

  std::size_t told = kOrder.size();
  while (told > 4 && code_size_sizes[kOrder[told - 1]] == 0) --told;
  const auto add = [this](Bits bits) { header_[header_parts_++] = bits; };
  add({kLiteralSymbols - 257, 5});
  add({kDistanceSymbols - 1, 5});
  add({told - 4, 4});
  for (std::size_t i = 0; i < told; ++i) add({code_size_sizes[kOrder[i]], 3});
  for (const Part& part : parts) {
    Bits bits = codes[part.symbol];
    bits.append(part.extra);
    add(bits);
  }
}

void DeflateCodes::put_header(BitWriter& out, bool last_block) const {
  out.put({last_block ? 0b101U : 0b100U, 3});  // a block whose codes follow
  for (std::size_t i = 0; i < header_parts_; ++i) out.put(header_[i]);
}

}  // namespace onsale::codec
