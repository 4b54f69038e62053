// Checkpoints for engines that read none: exported into the cache.
#pragma once

#include <saker/result.h>

#include <string>

#include "exports/export.h"

namespace saker {

// The file of `format` that the model at `path` gives, of open sizes, in `folder`/exports; written unless it is there
// from before. It is known by the model's path, size and time and by the version of the library. Errors: those of
// export_model; kNotFound (no folder), kIo.
Result<std::string> exported_for_engine(const std::string& path, ExportFormat format, const std::string& folder);

}  // namespace saker
