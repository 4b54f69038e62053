// A trained network for other classes than those that it was trained for.
#include <fmt/format.h>

#include "base/try.h"
#include "nets/description.h"
#include "nets/families.h"
#include "nets/heads.h"
#include "nets/initialise.h"

namespace saker::nets {
namespace {

constexpr std::int64_t kAsBefore = 0;

// A part of the head with a branch for each level, and how many numbers of a cell its last convolution is to give.
struct Branch {
  std::string part;
  std::int64_t outputs = kAsBefore;
};

std::vector<Branch> branches_of(const Module& head, std::int64_t classes) {
  switch (head_family(head)) {
    case HeadFamily::kAnchors: {
      const Tensor* anchors = head.weight("anchors");
      const std::int64_t each = anchors != nullptr && anchors->shape().size() == 3 ? anchors->shape()[1] : 0;
      return {{"m", each * (classes + 5)}};
    }
    case HeadFamily::kDistances: {
      std::vector<Branch> branches = {{"cv2"}, {"cv3", classes}};
      if (head.child("one2one_cv3") != nullptr)
        branches.insert(branches.end(), {{"one2one_cv2"}, {"one2one_cv3", classes}});
      return branches;
    }
    case HeadFamily::kYolox:
      return {{"reg_preds"}, {"obj_preds"}, {"cls_preds", classes}};
    case HeadFamily::kNone:
      break;
  }
  return {};
}

// As a new network's.
Status renew(Module& conv, std::int64_t outputs, std::uint64_t seed) {
  const Tensor* weight = conv.weight("weight");
  if (conv.type != "Conv2d" || weight == nullptr || weight->shape().size() != 4)
    return Error{ErrorCode::kUnsupported,
                 fmt::format("{} is no convolution that ends a branch of the head", conv.describe())};
  Shape shape = weight->shape();
  if (outputs != kAsBefore) shape[0] = outputs;
  SAKER_ASSIGN(WeightMap made, first_convolution(shape, shape[0], seed, conv.path));
  conv.attributes.insert_or_assign("out_channels", shape[0]);
  conv.weights = std::move(made);
  return {};
}

}  // namespace

Result<Network> with_classes(const Network& from, const std::vector<std::string>& names, std::uint64_t seed) {
  const auto classes = static_cast<std::int64_t>(names.size());
  if (classes < 1 || classes > kMostClasses)
    return Error{ErrorCode::kInvalid,
                 fmt::format("a network of {} classes; there may be 1 to {}", classes, kMostClasses)};
  Network made = from;  // tensors are replaced below, never changed in place
  Module& head = made.layers.back().module;
  const std::vector<Branch> branches = branches_of(head, classes);
  if (branches.empty())
    return Error{ErrorCode::kUnsupported, fmt::format("{}: saker does not know this head", head.describe())};
  for (const Branch& branch : branches) {
    for (std::size_t level = 0; level < made.strides.size(); ++level) {
      Module* last = last_of_branch(head, branch.part, level);
      if (last == nullptr)
        return Error{ErrorCode::kUnsupported,
                     fmt::format("{} has no part '{}' for level {}", head.describe(), branch.part, level)};
      SAKER_TRY(renew(*last, branch.outputs, seed));
    }
  }
  const std::int64_t boxes = head.integer("no", 0) - from.classes;  // of a cell, besides the scores
  if (head.attributes.contains("no")) head.attributes.insert_or_assign("no", boxes + classes);
  head.attributes.insert_or_assign("nc", classes);
  made.classes = classes;
  made.names = names;
  made.metadata.clear();  // of the other classes
  set_head_biases(made);
  (void)take_weights(made, from);  // what fits: all but the scores
  return made;
}

}  // namespace saker::nets
