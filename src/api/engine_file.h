// What another engine is given to load.
#pragma once

#include <saker/result.h>

#include <string>

namespace saker {

// The model's own file, or, of a checkpoint, which no other engine reads, what it exports, kept in the cache. Errors:
// those of exported_for_engine.
Result<std::string> engine_file(const std::string& path, const std::string& backend);

}  // namespace saker
