#include "detect/spec_input.h"

#include <fmt/format.h>

#include "base/try.h"

namespace saker {
namespace {

constexpr int kDefaultSide = 640;
constexpr int kMaxSide = 8192;
constexpr int kMaxBatch = 1024;

Result<int> choose_side(const char* what, std::int64_t declared, int wanted) {
  if (wanted < 0) return Error{ErrorCode::kInvalid, fmt::format("input {} {} is negative", what, wanted)};
  if (declared > 0 && wanted > 0 && declared != wanted) {
    return Error{ErrorCode::kInvalid, fmt::format("the model's input {} is {}, and {} is asked for; export the model "
                                                  "with dynamic sizes or with this size",
                                                  what, declared, wanted)};
  }
  std::int64_t side = kDefaultSide;
  if (wanted > 0) side = wanted;
  if (declared > 0) side = declared;
  if (declared == 0 || side > kMaxSide) {
    return Error{ErrorCode::kInvalid,
                 fmt::format("an input {} of {} is not in 1..{}", what, declared == 0 ? 0 : side, kMaxSide)};
  }
  return static_cast<int>(side);
}

// What is not declared is open.
Shape declared_shape(const TensorInfo& input) {
  return input.has_shape ? input.shape : Shape{-1, 3, -1, -1};
}

}  // namespace

Result<SpecInput> choose_input(const Model& model, const SpecOptions& options) {
  if (options.batch < 1 || options.batch > kMaxBatch) {
    return Error{ErrorCode::kInvalid, fmt::format("batch {} is not in 1..{}", options.batch, kMaxBatch)};
  }
  const std::vector<TensorInfo>& inputs = model.inputs();
  if (inputs.size() != 1) {
    return Error{ErrorCode::kUnsupported,
                 fmt::format("a detector has one input, a picture [N, 3, H, W]; this model has {}", inputs.size())};
  }
  const Shape shape = declared_shape(inputs[0]);
  if (shape.size() != 4 || (shape[1] != 3 && shape[1] != -1)) {
    return Error{ErrorCode::kUnsupported, fmt::format("a detector's input is a picture [N, 3, H, W]; \"{}\" is {}",
                                                      inputs[0].name, to_string(shape))};
  }
  SpecInput input;
  SAKER_ASSIGN(input.height, choose_side("height", shape[2], options.height));
  SAKER_ASSIGN(input.width, choose_side("width", shape[3], options.width));
  input.fixed_batch = shape[0] != -1;
  if (input.fixed_batch && (shape[0] < 1 || shape[0] > kMaxBatch)) {
    return Error{ErrorCode::kUnsupported, fmt::format("the model's batch of {} is not in 1..{}", shape[0], kMaxBatch)};
  }
  input.batch = input.fixed_batch ? static_cast<int>(shape[0]) : options.batch;
  return input;
}

// Some exports declare their height and width open but hold tables made for one size.
Error with_size_hint(Error error, const TensorInfo& declared, const Shape& input) {
  const Shape shape = declared_shape(declared);
  if (error.code == ErrorCode::kInvalid && (shape[2] < 0 || shape[3] < 0)) {
    error.message += fmt::format(
        "\nThe model leaves its input size open, but may only work at the size it was exported for (often 640x640), "
        "not at {}x{}.",
        input[2], input[3]);
  }
  return error;
}

}  // namespace saker
