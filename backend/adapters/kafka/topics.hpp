// The topics an office needs: made where they are missing, and waited for until each partition
// answers. Records produced to a topic that was made a moment ago have been seen to vanish though
// acknowledged; so nothing is published before every partition tells its watermark.
#pragma once

#include <string>
#include <vector>

#include "adapters/kafka/driver.hpp"

namespace onsale::kafka {

// Each topic of ours and its dead letters, prefix and all.
std::vector<std::string> topic_names(const KafkaOptions& options);

// Blocks, up to a few times `patience`. unavailable: not yet, ask again. What is there already is
// left as it is, whatever its number of partitions.
Status ensure_topics(rd_kafka_t* client, const KafkaOptions& options, Milliseconds patience);

}  // namespace onsale::kafka
