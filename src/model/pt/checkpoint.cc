#include "model/pt/checkpoint.h"

#include <fmt/format.h>

#include <cstdint>
#include <utility>

#include "base/try.h"
#include "model/pt/sparseml.h"
#include "model/pt/zip.h"

namespace saker::pt {
namespace {

constexpr std::size_t kMaxPickle = 256U << 20U;
constexpr std::string_view kPickleName = "/data.pkl", kConstantsName = "/constants.pkl";

Status check_byte_order(const ZipArchive& archive, const std::string& folder, Budget& budget) {
  if (!archive.has(folder + "/byteorder")) return {};  // torch 1.x writes none: little
  SAKER_ASSIGN(const FileBytes order, archive.read(folder + "/byteorder", 64, budget));
  const std::string_view text(reinterpret_cast<const char*>(order.data.get()), order.size);
  if (text.starts_with("little")) return {};
  return Error{ErrorCode::kUnsupported, "its numbers are written big end first"};
}

bool is_there(const Value* value) {
  return value != nullptr && value->kind != Kind::kNone;
}

}  // namespace

TrainedValue trained_in(const Value& root) {
  if (root.kind == Kind::kObject) return {&root, {}};
  const Value *averaged = root.find("ema"), *last = root.find("model");
  const bool outdated = is_there(averaged) && is_there(last) && is_quantized(*last) && !is_quantized(*averaged);
  if (is_there(averaged) && !outdated) return {averaged, "ema"};
  if (is_there(last)) return {last, "model"};
  const Value* state = root.find("state_dict");
  if (is_there(state)) return {state, "state_dict"};
  return {root.kind == Kind::kDict ? &root : nullptr, {}};
}

bool is_torchscript(const FileBytes& file) {
  const auto archive = ZipArchive::open(file);
  return archive.ok() && !archive->find_ending(kConstantsName).empty();
}

Result<Checkpoint> open_checkpoint(const FileBytes& file, Budget& budget) {
  if (is_legacy(file)) return open_legacy(file);
  SAKER_ASSIGN(ZipArchive opened, ZipArchive::open(file));
  const auto archive = std::make_shared<const ZipArchive>(std::move(opened));
  // The folder has the name that the file had when it was saved.
  const std::string name = archive->find_ending(kPickleName);
  if (name.empty()) return Error{ErrorCode::kInvalid, "the archive holds no data.pkl: no checkpoint of PyTorch"};
  const std::string folder = name.substr(0, name.size() - kPickleName.size());
  if (!archive->find_ending(kConstantsName).empty()) {
    return Error{ErrorCode::kUnsupported,
                 "it is TorchScript, a program and not a checkpoint: run it with the backend torchscript, or take the "
                 "checkpoint that it was exported from"};
  }
  SAKER_TRY(check_byte_order(*archive, folder, budget));
  SAKER_ASSIGN(const FileBytes bytes, archive->read(name, kMaxPickle, budget));
  Checkpoint checkpoint;
  std::size_t used = 0;
  SAKER_ASSIGN(checkpoint.pickle, read_pickle(bytes.span(), used));
  checkpoint.storage = [archive, folder, &budget](const std::string& key) {
    return archive->read(folder + "/data/" + key, SIZE_MAX, budget);
  };
  return checkpoint;
}

}  // namespace saker::pt
