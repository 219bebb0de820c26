// CloudEvents 1.0 in structured JSON, as contract/events describes each message: what stands in a
// Kafka record, and what other systems may read. Decoding takes bytes from strangers: anything that
// the contract does not allow is a validation_failed that names the fault; attributes it does not
// know are ignored, so that they may be added.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "domain/order/message.hpp"

namespace onsale::cloud_event {

inline constexpr std::string_view kContentType = "application/cloudevents+json; charset=UTF-8";
inline constexpr std::size_t kBytesMax = 64 * 1024;

std::string encode(const Message& message);
Result<Message> decode(std::string_view json);
// "00-<trace id>-<span>-01": the trace of the request that placed the order; the span is made from
// the message's id, since the span that wrote it is long over.
std::string traceparent_of(const Message& message);

}  // namespace onsale::cloud_event
