// Writes records as they are, for operators: each to its topic, under its key, with its headers.
#pragma once

#include <vector>

#include "adapters/kafka/topic_reader.hpp"

namespace onsale {

// Blocks until the brokers have acknowledged every record, one after the other in the given order.
// unavailable: not all of them within `patience`; the first `written` of them are there.
Status write_records(const KafkaOptions& options, const std::vector<KafkaRecord>& records,
                     Milliseconds patience, std::size_t& written);

}  // namespace onsale
