#include "detect/spec_input.h"

#include <fmt/format.h>

#include <cstring>
#include <optional>

#include "api/input_shapes.h"
#include "base/text.h"
#include "base/try.h"

namespace saker {
namespace {

constexpr int kMaxSide = 8192;
constexpr int kMaxBatch = 1024;

Result<int> choose_side(const char* what, std::int64_t declared, int wanted, int usual) {
  if (wanted < 0) return Error{ErrorCode::kInvalid, fmt::format("input {} {} is negative", what, wanted)};
  if (declared > 0 && wanted > 0 && declared != wanted) {
    return Error{ErrorCode::kInvalid, fmt::format("the model's input {} is {}, and {} is asked for; export the model "
                                                  "with dynamic sizes or with this size",
                                                  what, declared, wanted)};
  }
  std::int64_t side = usual;
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

// Empty: no picture. Channels that are left open are three, in front.
std::optional<PixelLayout> layout_of(const TensorInfo& input) {
  const Shape shape = declared_shape(input);
  if (shape.size() != 4) return std::nullopt;
  for (const int channels : {3, 1}) {
    if (shape[1] == channels) return PixelLayout{channels, false};
    if (shape[3] == channels) return PixelLayout{channels, true};
  }
  return shape[1] == -1 ? std::optional(PixelLayout{}) : std::nullopt;
}

Error no_picture(const std::vector<TensorInfo>& inputs) {
  std::string list;
  for (const TensorInfo& input : inputs)
    list += fmt::format("{}\"{}\" {}", list.empty() ? "" : ", ", printable_name(input.name),
                        to_string(declared_shape(input)));
  const bool one = inputs.size() == 1;
  const Shape shape = one ? declared_shape(inputs[0]) : Shape{};
  const bool four = shape.size() == 4 && (shape[1] == 4 || shape[3] == 4);
  return {ErrorCode::kUnsupported,
          fmt::format(
              "a detector's input is a picture [N, 3, H, W], [N, H, W, 3], or of one channel; {} {}{}",
              one ? "the model's is" : "none of the model's is:", list,
              four ? ", and a fourth channel (transparency, depth, infrared) is in no picture that saker reads" : "")};
}

// The one input that looks like a picture and is given no values.
Result<std::size_t> find_picture(const std::vector<TensorInfo>& inputs, const SpecOptions& options) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (layout_of(inputs[i]) && !options.inputs.contains(inputs[i].name)) found.push_back(i);
  }
  if (found.empty()) return no_picture(inputs);
  if (found.size() == 1) return found[0];
  return Error{ErrorCode::kUnsupported,
               fmt::format("the inputs \"{}\" and \"{}\" both look like pictures: give the values of the one that is "
                           "none (`inputs`)",
                           printable_name(inputs[found[0]].name), printable_name(inputs[found[1]].name)),
               "inputs"};
}

}  // namespace

Shape SpecInput::shape() const {
  return layout.channels_last ? Shape{batch, height, width, layout.channels}
                              : Shape{batch, layout.channels, height, width};
}

std::vector<Shape> SpecInput::shapes() const {
  std::vector<Shape> all(others.size() + 1);
  all[index] = shape();
  for (const OtherInput& other : others) all[other.index] = other.values.shape();
  return all;
}

Result<SpecInput> choose_input(const Model& model, const SpecOptions& options) {
  if (options.batch < 1 || options.batch > kMaxBatch) {
    return Error{ErrorCode::kInvalid, fmt::format("batch {} is not in 1..{}", options.batch, kMaxBatch)};
  }
  SpecInput input;
  SAKER_ASSIGN(input.index, find_picture(model.inputs(), options));
  const TensorInfo& picture = model.inputs()[input.index];
  input.layout = *layout_of(picture);
  const Shape shape = declared_shape(picture);
  const std::size_t first = input.layout.channels_last ? 1 : 2;
  const PictureSize usual = exported_size(model.metadata());
  SAKER_ASSIGN(input.height, choose_side("height", shape[first], options.height, usual.height));
  SAKER_ASSIGN(input.width, choose_side("width", shape[first + 1], options.width, usual.width));
  input.fixed_batch = shape[0] != -1;
  if (input.fixed_batch && (shape[0] < 1 || shape[0] > kMaxBatch)) {
    return Error{ErrorCode::kUnsupported, fmt::format("the model's batch of {} is not in 1..{}", shape[0], kMaxBatch)};
  }
  input.batch = input.fixed_batch ? static_cast<int>(shape[0]) : options.batch;
  SAKER_ASSIGN(input.others, choose_other_inputs(model, input.index, input.batch, input.height, input.width, options));
  return input;
}

Status fill_other_inputs(const SpecInput& input, Session& session) {
  for (const OtherInput& other : input.others) {
    Tensor tensor = session.input(other.index);
    if (tensor.dtype() != other.values.dtype() || tensor.shape() != other.values.shape()) {
      return Error{ErrorCode::kInvalid, fmt::format("input {} is {} {}, the detector's is {} {}", other.index,
                                                    dtype_name(tensor.dtype()), to_string(tensor.shape()),
                                                    dtype_name(other.values.dtype()), to_string(other.values.shape()))};
    }
    if (tensor.bytes() != 0) std::memcpy(tensor.raw(), other.values.raw(), tensor.bytes());
  }
  return {};
}

// Some exports declare their height and width open but hold tables made for one size.
Error with_size_hint(Error error, const TensorInfo& declared, const SpecInput& input) {
  const Shape shape = declared_shape(declared);
  const std::size_t first = input.layout.channels_last ? 1 : 2;
  if (error.code == ErrorCode::kInvalid && (shape[first] < 0 || shape[first + 1] < 0)) {
    error.message += fmt::format(
        "\nThe model leaves its input size open, but may only work at the size it was exported for (often 640x640), "
        "not at {}x{}.",
        input.height, input.width);
  }
  return error;
}

}  // namespace saker
