// A repository as it lies on disk: ROOT/NAME/VERSION/model.onnx and ROOT/NAME/config.yaml. Links are followed where
// what they lead to lies in ROOT, too.
#pragma once

#include <saker/result.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace saker::serve {

// Letters, digits, '-', '_' and '.', the first a letter or digit; at most 128.
bool is_model_name(std::string_view name);

struct FolderNames {
  std::vector<std::string> models;   // sorted
  std::vector<std::string> skipped;  // what else is there, with the reason: a line each
};

// Errors: kNotFound, kIo.
Result<FolderNames> names_in(const std::filesystem::path& root);

// The folders of its versions: those named by whole numbers from 1. `model`: ROOT/NAME, or ROOT itself. Errors:
// kNotFound (no such folder), kInvalid (a link out of the repository), kIo.
Result<std::map<std::int64_t, std::filesystem::path>> versions_in(const std::filesystem::path& root,
                                                                  const std::filesystem::path& model);

// Its config.yaml; empty: there is none. Error kInvalid: a link out of the repository.
Result<std::string> config_in(const std::filesystem::path& root, const std::filesystem::path& model);

// The model of a version's folder: model.onnx, .xml, .pt, .pth, .torchscript or .safetensors, or the only file of such
// a kind. Errors: kNotFound, kInvalid (several, or a link out of the repository).
Result<std::string> model_in(const std::filesystem::path& root, const std::filesystem::path& version);

// What tells whether files have changed: names, sizes, times of the last change. Of a folder all that is in it; of a
// file those beside it whose names differ in the extension alone. Empty: it is not there.
std::string stamp_of(const std::filesystem::path& path);

}  // namespace saker::serve
