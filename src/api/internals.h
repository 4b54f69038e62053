// What the rooms of the library see of a model and a session that programs outside do not.
#pragma once

#include <saker/session.h>

#include <memory>
#include <optional>

#include "base/thread_pool.h"
#include "graph/graph.h"
#include "kernels/quantize/quantize.h"
#include "plan/plan.h"

namespace saker {

class BackendModel;

const std::shared_ptr<const Graph>& graph_of(const Model& model);           // null for other engines than saker
const std::shared_ptr<BackendModel>& backend_model_of(const Model& model);  // null for saker

const Plan* plan_of(const Session& session);  // null for other engines
ThreadPool* pool_of(const Session& session);  // its threads, idle between runs; null for other engines

// Of a session whose first step only quantizes one of its inputs: where the bytes lie that a run may start from. A
// picture's are [H, W, 4], up to four channels as `quantizer` makes them.
struct ByteSlots {
  std::size_t input = 0;
  std::uint8_t* bytes = nullptr;  // of the first picture
  std::int64_t picture_step = 0;
  InputQuantizer quantizer;
};
std::optional<ByteSlots> byte_slots_of(const Session& session);
// As Session::run_first, from what lies there in place of that input.
Status run_first_from_bytes(Session& session, std::int64_t pictures);

}  // namespace saker
