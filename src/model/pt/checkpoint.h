// A checkpoint file opened: the values of its pickle, and where its tensors lie.
#pragma once

#include <saker/result.h>

#include <memory>
#include <string>

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

// A program that torch.jit.save wrote, in an archive of the same kind.
bool is_torchscript(const FileBytes& file);

// legacy.cc
bool is_legacy(const FileBytes& file);
Result<Checkpoint> open_legacy(const FileBytes& file);

}  // namespace saker::pt
