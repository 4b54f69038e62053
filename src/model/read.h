// A model file, whatever its format: what it is, told by its first bytes, and what is in it.
#pragma once

#include <saker/result.h>

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "base/files.h"
#include "model/imported_model.h"
#include "model/onnx/importer.h"
#include "nets/network.h"

namespace saker {

enum class Format {
  kOnnx,
  kOpenVinoIr,
  kPyTorch,  // a checkpoint, or TorchScript, which has the same first bytes
  kOther,    // a known kind of file that is none of these
  kUnknown,
};

struct FileKind {
  Format format = Format::kUnknown;
  std::string_view what;    // kOther: for people, "a picture (PNG)"
  std::string_view remedy;  // kOther: what to do about it
};

// By the first bytes of a file (kRecognisable of them are enough) that has `size` bytes. ONNX has no mark of its own:
// it is what reads as the beginning of its message.
constexpr std::size_t kRecognisable = 4096;
FileKind recognise(std::span<const std::byte> first, std::size_t size);
// The same, where the name decides when the bytes do not: ".onnx", ".xml".
FileKind recognise_named(std::span<const std::byte> first, std::size_t size, std::string_view name);
// The same of a file on disk. Of what is no plain file the name alone is looked at. Error kIo.
Result<FileKind> recognise_file(const std::string& path);
// Whether it is a checkpoint of PyTorch; TorchScript, which has the same first bytes, is none. Error kIo.
Result<bool> holds_checkpoint(const std::string& path);

// A folder with one .xml in it, as exports to OpenVINO IR are, is that file; every other path is itself. Errors:
// kNotFound (a folder without one), kInvalid (with several), kIo.
Result<std::string> model_file(const std::string& path);

// Metadata of an .xml as saker has it, whoever read the file: completed by what lies beside it (`path`, empty for what
// comes from memory). Errors name the file.
Status complete_ir_metadata(const std::string& path, std::map<std::string, std::string>& metadata);

// That a file of kind kOther cannot be read, and what to do about it.
Error not_ours(const FileKind& kind);

struct ReadOptions {
  std::size_t max_file_bytes = std::size_t{2} << 30;  // of each file, and of all external data together
  onnx::Unknown unknown = onnx::Unknown::kRefuse;     // ONNX only
  nets::GraphOptions head = {};                       // checkpoints only
};

struct ReadModel {
  ImportedModel imported;
  std::size_t file_bytes = 0;
};

// ONNX, OpenVINO IR with the .bin beside it, or a checkpoint of PyTorch (pt/import.h). Errors: kNotFound, kIo,
// kInvalid, kUnsupported (another format: it is named), kLimit. Messages name the file.
Result<ReadModel> read_model(const std::string& path, const ReadOptions& options);
// From memory: no external data, no .bin. `name` stands for the path.
Result<ReadModel> read_model(const FileBytes& bytes, const std::string& name, const ReadOptions& options);

}  // namespace saker
