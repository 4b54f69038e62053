#include "api/engine_file.h"

#include "base/knobs.h"
#include "base/try.h"
#include "exports/for_engine.h"
#include "model/read.h"

namespace saker {

Result<std::string> engine_file(const std::string& path, const std::string& backend) {
  if (backend == "saker") return path;
  SAKER_ASSIGN(const bool is_checkpoint, holds_checkpoint(path));
  if (!is_checkpoint) return path;
  const ExportFormat format = backend == "torchscript" ? ExportFormat::kTorchScript : ExportFormat::kOnnx;
  return exported_for_engine(path, format, knobs().cache);
}

}  // namespace saker
