// What a model says about its outputs.
#pragma once

#include <saker/session.h>

#include "detect/heads/evidence.h"
#include "detect/spec_input.h"

namespace saker {

// `own_labels` are those of the model's metadata. The probe compiles the model on one thread, unless a session
// is given, which must outlive it.
HeadEvidence gather_evidence(const Model& model, const SpecInput& input, std::vector<OutputInfo> outputs,
                             const std::vector<std::string>& own_labels, const SpecOptions& options, Session* session);

}  // namespace saker
