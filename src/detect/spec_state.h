// What a DetectorSpec holds.
#pragma once

#include <saker/detector_spec.h>

#include <string>
#include <vector>

#include "base/cpu.h"
#include "detect/heads/head.h"
#include "detect/letterbox.h"
#include "detect/spec_input.h"

namespace saker {

struct DetectorSpec::State {
  std::string model;  // its path, for messages
  HeadSpec head;
  std::string head_reason;
  std::vector<HeadCandidate> head_candidates;
  std::vector<std::string> notes;
  SpecInput input;
  DType dtype = DType::kFloat32;  // of the input
  Isa isa = Isa::kBaseline;
  Preprocess preprocess;
  Letterbox letterbox;
  std::vector<std::string> labels;
};

// fit_picture into a session compiled for the spec, by its threads: the values, or the bytes that the session would
// make of them, for run_fitted only. View: ImageView or PlanarView.
template <typename View>
Result<Placement> fit_picture(const DetectorSpec& spec, const View& image, Session& session, int slot);
// Session::run_first, of pictures that were fitted so.
Status run_fitted(const DetectorSpec& spec, Session& session, int pictures);

}  // namespace saker
