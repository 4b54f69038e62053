// What is known about a model's outputs, and the heads that it speaks for or against.
#pragma once

#include <functional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "detect/heads/head.h"

namespace saker {

struct OutputInfo {
  std::string name;
  Shape shape;                        // -1 or 0: not known before a run
  std::set<std::string> makers = {};  // operators whose results it consists of (api/output_makers.h); empty: unknown
};

// An output of a run.
struct ProbedOutput {
  Shape shape;
  std::vector<float> values;  // row-major; integers converted
};
using ProbedOutputs = std::vector<ProbedOutput>;

struct HeadEvidence {
  std::vector<OutputInfo> outputs;
  int height = 0, width = 0;   // of the input
  bool has_exp = false;        // somewhere in the graph
  bool channels_last = false;  // of the input, as TensorFlow has them
  std::string task;            // as exports of Ultralytics state it: "detect", "segment", "pose", ...; empty: unknown
  int names = 0;               // so many classes have names; 0: unknown
  std::string named_by;        // who says so
  bool names_may_differ = false;              // there may be more or fewer of them than classes
  int keypoint_values = 0;                    // channels of a pose model after its classes; 0: unknown
  std::vector<std::array<float, 2>> anchors;  // given for kYolov5Raw; empty: COCO's
  // Runs the model once on noise. Empty: cannot be done.
  std::function<Result<ProbedOutputs>()> probe;
};

// A head that the shapes allow.
struct CandidateHead {
  HeadSpec spec;
  std::string against;  // what rules it out; empty: nothing
  std::string agrees;   // what speaks for it besides the shapes; empty: nothing
  bool settled = true;  // everything in the spec is known; otherwise only a run can tell
};

struct FoundHead {
  HeadSpec spec;
  std::string reason;                     // why this one
  std::vector<CandidateHead> candidates;  // all that were looked at
  std::vector<std::string> notes;         // what a user should know: assumptions, and parts of the outputs left out
};

// Error kUnsupported, naming outputs and heads, when none fits, several fit equally, or the wanted one does not; and
// for models of other tasks, by the name of the task. kInvalid when what names the classes contradicts the outputs.
Result<FoundHead> find_head(const HeadEvidence& evidence, HeadKind wanted);

// ---- the steps of find_head ----

// Those that a shape can be mistaken for come last.
std::span<const HeadKind> known_heads();
// By the shapes of the outputs, whatever their names and order; the likeliest first.
std::vector<CandidateHead> candidates_by_shape(const HeadEvidence& evidence, HeadKind wanted);
// The shapes that a head needs at this size of the input, for people.
std::string needed_shapes(const HeadEvidence& evidence, HeadKind kind);
// By names and operators.
void judge_by_graph(const HeadEvidence& evidence, CandidateHead& candidate);
// By values, which also settle the spec. False: they contradict it.
void judge_by_values(const HeadEvidence& evidence, const ProbedOutputs& outputs, CandidateHead& candidate);

}  // namespace saker
