#include "model/read.h"

#include <fmt/format.h>

#include <filesystem>
#include <limits>
#include <utility>
#include <vector>

#include "base/try.h"
#include "model/openvino_ir/importer.h"
#include "model/openvino_ir/metadata.h"
#include "model/pt/checkpoint.h"
#include "model/pt/import.h"

namespace saker {
namespace {

namespace fs = std::filesystem;

// A file, and where its companions may lie; `folder` is empty for what comes from memory.
struct Source {
  const FileBytes& bytes;
  const std::string& name;
  std::string folder;
};

// Its own folder, and that of the file which a link of that name leads to.
std::vector<std::string> folders_of(const Source& source) {
  if (source.folder.empty()) return {};
  std::error_code error;
  const fs::path file = fs::canonical(source.name, error);
  if (error) return {source.folder};
  return {source.folder, file.parent_path().string()};
}

Result<ImportedModel> import_onnx(const Source& source, const ReadOptions& options) {
  return onnx::import_model(source.bytes, {folders_of(source), options.max_file_bytes, options.unknown});
}

// The numbers are in the .bin beside the .xml.
Result<ImportedModel> import_ir(const Source& source, const ReadOptions& options) {
  const bool in_memory = source.folder.empty();
  const std::string bin_path = fs::path(source.name).replace_extension(".bin").string();
  auto bin = in_memory ? Result<FileBytes>(FileBytes{}) : read_file(bin_path, options.max_file_bytes);
  if (!bin.ok() && bin.error().code != ErrorCode::kNotFound) return bin.error();
  auto imported = openvino_ir::import_model(source.bytes, bin.ok() ? *bin : FileBytes{});
  if (imported.ok()) SAKER_TRY(complete_ir_metadata(in_memory ? "" : source.name, imported->graph.metadata));
  if (imported.ok() || imported.error().code != ErrorCode::kInvalid || (bin.ok() && !in_memory)) return imported;
  Error error = imported.error();
  error.message += in_memory ? "\nIts numbers are in a .bin, which is looked for beside a file only: load the model by "
                               "its path"
                             : fmt::format("\nThere is no {} beside it", bin_path);
  return error;
}

Result<ImportedModel> import_kind(const FileKind& kind, const Source& source, const ReadOptions& options) {
  switch (kind.format) {
    case Format::kOpenVinoIr:
      return import_ir(source, options);
    case Format::kPyTorch:
      return pt::import_model(source.bytes, options.head);
    case Format::kOther:
      return not_ours(kind);
    case Format::kOnnx:
    case Format::kUnknown:  // the reader says what is wrong
      break;
  }
  return import_onnx(source, options);
}

Result<ReadModel> read_source(const Source& source, const ReadOptions& options) {
  const FileKind kind = recognise_named(source.bytes.span(), source.bytes.size, source.name);
  auto imported = import_kind(kind, source, options);
  if (!imported.ok()) return imported.error().with_context(source.name);
  return ReadModel{std::move(*imported), source.bytes.size};
}

// What is something else, or nothing known however much follows, need not be read to its end.
Status may_be_a_model(std::span<const std::byte> first) {
  const FileKind kind = recognise(first, std::numeric_limits<std::size_t>::max());
  if (kind.format == Format::kOther) return not_ours(kind);
  if (kind.format == Format::kUnknown && first.size() > kRecognisable)
    return Error{ErrorCode::kInvalid, "neither ONNX, OpenVINO IR nor a checkpoint of PyTorch by its first bytes"};
  return {};
}

}  // namespace

Status complete_ir_metadata(const std::string& path, std::map<std::string, std::string>& metadata) {
  const std::string beside = (fs::path(path).parent_path() / "metadata.yaml").string();
  if (!path.empty()) SAKER_TRY(openvino_ir::add_metadata_file(beside, metadata));
  openvino_ir::add_names(metadata);
  return {};
}

Result<bool> holds_checkpoint(const std::string& path) {
  SAKER_ASSIGN(const FileKind kind, recognise_file(path));
  if (kind.format != Format::kPyTorch) return false;
  SAKER_ASSIGN(const FileBytes bytes, read_file(path, ReadOptions{}.max_file_bytes));
  return !pt::is_torchscript(bytes);
}

Error not_ours(const FileKind& kind) {
  return {ErrorCode::kUnsupported,
          fmt::format("the file is {}; saker reads ONNX, OpenVINO IR and PyTorch checkpoints\nWhat to do: {}",
                      kind.what, kind.remedy)};
}

Result<ReadModel> read_model(const std::string& path, const ReadOptions& options) {
  SAKER_ASSIGN(const FileBytes bytes, read_named_file(path, options.max_file_bytes, may_be_a_model));
  const fs::path folder = fs::path(path).parent_path();
  return read_source({bytes, path, folder.empty() ? "." : folder.string()}, options);
}

Result<ReadModel> read_model(const FileBytes& bytes, const std::string& name, const ReadOptions& options) {
  return read_source({bytes, name, ""}, options);
}

}  // namespace saker
