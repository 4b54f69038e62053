// A checkpoint file opened: the values of its pickle, and where its tensors lie.
#pragma once

#include <saker/result.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/files.h"
#include "model/budget.h"
#include "model/pt/pickle.h"
#include "model/pt/tensors.h"

namespace saker::pt {

struct Checkpoint {
  Pickle pickle;
  OpenStorage storage;  // keeps the file alive
};

// torch.save's zip archives, and the five pickles of torch before 1.6. Errors: kInvalid, kUnsupported (TorchScript, a
// pickle that calls what it should not, another byte order), kLimit.
Result<Checkpoint> open_checkpoint(const FileBytes& file, Budget& budget);

// Which of a checkpoint's weights count: the averaged ones (`ema`) before the last ones (`model`), unless those have
// been trained for 8 bits since, which ends the averaging.
struct TrainedValue {
  const Value* value = nullptr;  // null: none
  std::string_view key;          // empty: all of the file
};
TrainedValue trained_in(const Value& root);

// A program that torch.jit.save wrote, in an archive of the same kind.
bool is_torchscript(const FileBytes& file);

// legacy.cc
bool is_legacy(const FileBytes& file);
Result<Checkpoint> open_legacy(const FileBytes& file);

}  // namespace saker::pt
