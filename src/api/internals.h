// What the rooms of the library see of a model and a session that programs outside do not.
#pragma once

#include <saker/session.h>

#include <memory>

#include "base/thread_pool.h"
#include "graph/graph.h"
#include "plan/plan.h"

namespace saker {

class BackendModel;

const std::shared_ptr<const Graph>& graph_of(const Model& model);           // null for other engines than saker
const std::shared_ptr<BackendModel>& backend_model_of(const Model& model);  // null for saker

const Plan* plan_of(const Session& session);  // null for other engines
ThreadPool* pool_of(const Session& session);  // its threads, idle between runs; null for other engines

}  // namespace saker
