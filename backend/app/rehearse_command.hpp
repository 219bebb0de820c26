// The flags of `onsale rehearse`, turned into rehearsal::Options.
#pragma once

namespace CLI {
class App;
}

namespace onsale::app {

// Adds the verb; its exit code goes to `code` when it has run.
void add_rehearse(CLI::App& app, int& code);

}  // namespace onsale::app
