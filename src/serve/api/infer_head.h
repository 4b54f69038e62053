// The JSON of an inference request, without its numbers: those are found again by where they stand, once it is known
// what they are to be.
#pragma once

#include <saker/tensor.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace saker::serve {

using OipParameter = std::variant<bool, std::int64_t, double, std::string>;
using OipParameters = std::map<std::string, OipParameter, std::less<>>;

struct InputHead {
  std::string name, datatype;
  Shape shape;
  OipParameters parameters;
  std::optional<std::size_t> data;  // where in the text the value of `data` begins, white space and ':' before it
};

struct OutputHead {
  std::string name;
  OipParameters parameters;
};

struct InferHead {
  std::string id;
  OipParameters parameters;
  std::vector<InputHead> inputs;
  std::vector<OutputHead> outputs;
};

// All of the text is checked to be JSON, at most 64 deep. Memory: the names, parameters and shapes, and the longest
// text. Errors kInvalid; they name the place.
Result<InferHead> read_infer_head(std::string_view json);

// Error kInvalid: it is there, but of another type. Nothing: it is not there.
Result<std::optional<bool>> bool_parameter(const OipParameters& parameters, std::string_view name);
Result<std::optional<std::int64_t>> whole_parameter(const OipParameters& parameters, std::string_view name);
Result<std::optional<double>> number_parameter(const OipParameters& parameters, std::string_view name);

}  // namespace saker::serve
