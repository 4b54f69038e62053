// Runs one case: model and inputs from files, outputs compared with the files of the data.
#include "conformance/cases.h"

#include <fmt/format.h>
#include <saker/session.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/files.h"
#include "base/half.h"
#include "base/try.h"
#include "model/onnx/node_importer.h"
#include "model/onnx/proto.h"

namespace saker::conformance {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFile = std::size_t{64} << 20;

// |got - expected| <= absolute + relative * |expected|
struct Tolerance {
  double relative = 0, absolute = 0;
};

Tolerance tolerance_for(DType dtype) {
  switch (dtype) {
    case DType::kFloat32:
    case DType::kFloat64:
      return {1e-3, 1e-5};
    case DType::kFloat16:
      return {1e-2, 1e-3};
    case DType::kBFloat16:
      return {2e-2, 1e-2};
    default:
      return {};
  }
}

bool is_float(DType dtype) {
  return dtype == DType::kFloat32 || dtype == DType::kFloat64 || dtype == DType::kFloat16 || dtype == DType::kBFloat16;
}

double float_at(const Tensor& tensor, std::int64_t i) {
  switch (tensor.dtype()) {
    case DType::kFloat64:
      return tensor.data<double>()[i];
    case DType::kFloat16:
      return static_cast<double>(half_to_float(tensor.data<std::uint16_t>()[i]));
    case DType::kBFloat16:
      return static_cast<double>(bfloat16_to_float(tensor.data<std::uint16_t>()[i]));
    default:
      return static_cast<double>(tensor.data<float>()[i]);
  }
}

bool close(double got, double expected, Tolerance tolerance) {
  if (std::isnan(expected) || std::isnan(got)) return std::isnan(expected) && std::isnan(got);
  if (std::isinf(expected) || std::isinf(got)) return got == expected;
  return std::abs(got - expected) <= tolerance.absolute + tolerance.relative * std::abs(expected);
}

// Empty when they agree.
std::string difference(const Tensor& got, const Tensor& expected) {
  if (got.dtype() != expected.dtype() || got.shape() != expected.shape()) {
    return fmt::format("is {} {}, should be {} {}", dtype_name(got.dtype()), to_string(got.shape()),
                       dtype_name(expected.dtype()), to_string(expected.shape()));
  }
  if (!is_float(got.dtype())) {
    const auto* a = static_cast<const std::byte*>(got.raw());
    const auto* b = static_cast<const std::byte*>(expected.raw());
    const auto at = std::mismatch(a, a + got.bytes(), b).first - a;
    if (static_cast<std::size_t>(at) == got.bytes()) return "";
    return fmt::format("element {} differs", static_cast<std::size_t>(at) / dtype_size(got.dtype()));
  }
  const Tolerance tolerance = tolerance_for(got.dtype());
  for (std::int64_t i = 0; i < got.elements(); ++i) {
    const double is = float_at(got, i);
    const double should = float_at(expected, i);
    if (!close(is, should, tolerance)) return fmt::format("element {} is {}, should be {}", i, is, should);
  }
  return "";
}

Result<Tensor> read_tensor(const fs::path& path) {
  SAKER_ASSIGN(const FileBytes file, read_file(path.string(), kMaxFile));
  auto named = onnx::parse_tensor(file.span(), {file.data, ""});
  if (!named.ok()) return named.error().with_context(path.filename().string());
  return named->tensor;
}

// PREFIX_0.pb, PREFIX_1.pb, ... as far as they go.
Result<std::vector<Tensor>> read_tensors(const fs::path& folder, const char* prefix) {
  std::vector<Tensor> tensors;
  for (int i = 0;; ++i) {
    const fs::path path = folder / fmt::format("{}_{}.pb", prefix, i);
    if (!fs::exists(path)) return tensors;
    SAKER_ASSIGN(tensors.emplace_back(), read_tensor(path));
  }
}

Status run_data_set(const Model& model, const fs::path& folder, std::string_view isa) {
  SAKER_ASSIGN(const std::vector<Tensor> inputs, read_tensors(folder, "input"));
  SAKER_ASSIGN(const std::vector<Tensor> expected, read_tensors(folder, "output"));
  SessionOptions options;
  options.threads = 1;
  options.isa = isa;
  for (const Tensor& input : inputs) options.input_shapes.push_back(input.shape());
  SAKER_ASSIGN(Session session, Session::create(model, options));
  SAKER_ASSIGN(const std::vector<Tensor> outputs, session.run(inputs));
  if (outputs.size() != expected.size())
    return Error{ErrorCode::kInternal, fmt::format("{} outputs, should be {}", outputs.size(), expected.size())};
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (const std::string text = difference(outputs[i], expected[i]); !text.empty())
      return Error{ErrorCode::kInternal, fmt::format("output {} {}", i, text)};
  }
  return {};
}

Status run_all(const Case& test, std::string_view isa) {
  SAKER_ASSIGN(const Model model, Model::load((test.folder / "model.onnx").string()));
  bool any = false;
  for (const fs::directory_entry& entry : fs::directory_iterator(test.folder)) {
    if (!entry.path().filename().string().starts_with("test_data_set_")) continue;
    any = true;
    SAKER_TRY(run_data_set(model, entry.path(), isa));
  }
  if (!any) return Error{ErrorCode::kInternal, "there is no data beside the model"};
  return {};
}

// The operators of the file, or none if one of them is not saker's.
Result<std::set<std::string>> own_operators(const fs::path& model_path) {
  SAKER_ASSIGN(const FileBytes file, read_file(model_path.string(), kMaxFile));
  SAKER_ASSIGN(const onnx::ModelProto model, onnx::parse_model(file.span()));
  std::set<std::string> names;
  if (!model.graph) return Error{ErrorCode::kInvalid, model_path.string() + ": no graph"};
  for (const onnx::NodeProto& node : model.graph->nodes) {
    if (!node.domain.empty() || onnx::find_importer(node.op_type) == nullptr) return std::set<std::string>();
    names.emplace(node.op_type);
  }
  return names;
}

}  // namespace

fs::path data_folder(const fs::path& root) {
  return root / "onnx" / "backend" / "test" / "data" / "node";
}

Result<std::vector<Case>> find_cases(const fs::path& folder) {
  std::vector<Case> cases;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    SAKER_ASSIGN(const std::set<std::string> names, own_operators(entry.path() / "model.onnx"));
    if (!names.empty())
      cases.push_back({entry.path().filename().string(), entry.path(), fmt::format("{}", fmt::join(names, " + "))});
  }
  std::ranges::sort(cases, {}, &Case::name);
  return cases;
}

CaseResult run_case(const Case& test, std::string_view isa) {
  const Status status = run_all(test, isa);
  if (status.ok()) return {};
  const Outcome outcome = status.error().code == ErrorCode::kUnsupported ? Outcome::kRefused : Outcome::kFailed;
  return {outcome, status.error().message};
}

}  // namespace saker::conformance
