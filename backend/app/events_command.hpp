// `onsale events tail | dead-letters | replay`: what an operator does with the events on Kafka.
#pragma once

namespace CLI {
class App;
}

namespace onsale::app {

// Adds the verb; `code` becomes the process's exit code: 0 done, 1 refused with one clear line.
void add_events(CLI::App& app, int& code);

}  // namespace onsale::app
