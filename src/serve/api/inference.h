// From a request of the Open Inference Protocol to a model's queue, and from what came of it to tensors; whatever
// carries them.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "serve/api/fit_request.h"
#include "serve/refusal.h"
#include "serve/served_model.h"

namespace saker::serve {

// Besides what the request's parameters `priority` and `timeout` say.
struct InferTerms {
  std::chrono::milliseconds default_timeout{0};  // of waiting, where the request says nothing; 0: the model's
  std::shared_ptr<const std::atomic<bool>> cancelled = {};  // set when nobody waits any more; may be null
  std::optional<Time> until = {};                           // nobody waits longer, whatever the request says
};

OipSignature signature_of(const ServedModel& model);

// The request's `wanted` outputs, in their order, with their names.
using InferDone = std::function<void(Outcome<std::vector<OipTensor>>)>;

// `done` is called once: on a worker, or, where it is refused at once, before this returns. It must not block.
void infer(const std::shared_ptr<ServedModel>& model, InferRequest request, const InferTerms& terms, InferDone done);

}  // namespace saker::serve
