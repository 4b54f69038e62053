// Runs one case: model and inputs from files, outputs compared with the files of the data.
#include "conformance/cases.h"

#include <fmt/format.h>
#include <saker/session.h>

#include <algorithm>
#include <set>

#include "base/files.h"
#include "base/try.h"
#include "conformance/compare.h"
#include "model/onnx/proto.h"
#include "support/proto_writer.h"

namespace saker::conformance {
namespace {

namespace fs = std::filesystem;
using test_support::ProtoWriter;

constexpr std::size_t kMaxFile = std::size_t{64} << 20;
constexpr std::int64_t kOnnxBFloat16 = 16;  // TensorProto.DataType

struct DataSet {
  std::vector<FileBytes> input_files;
  std::vector<Tensor> inputs, outputs;
};

// numpy has no bfloat16, so the data holds the bits as uint16.
Tensor with_type(const Tensor& tensor, DType dtype) {
  if (tensor.dtype() != DType::kUint16 || dtype != DType::kBFloat16) return tensor;
  return Tensor::wrap(dtype, tensor.shape(), const_cast<void*>(tensor.raw()), std::make_shared<Tensor>(tensor));
}

// PREFIX_0.pb, PREFIX_1.pb, ... as far as they go.
Result<std::vector<FileBytes>> read_files(const fs::path& folder, const char* prefix) {
  std::vector<FileBytes> files;
  for (int i = 0;; ++i) {
    const fs::path path = folder / fmt::format("{}_{}.pb", prefix, i);
    if (!fs::exists(path)) return files;
    SAKER_ASSIGN(files.emplace_back(), read_file(path.string(), kMaxFile));
  }
}

Result<std::vector<Tensor>> parse_tensors(const std::vector<FileBytes>& files, const std::vector<TensorInfo>& infos) {
  if (files.size() != infos.size())
    return Error{ErrorCode::kInvalid, fmt::format("{} tensors for {} inputs or outputs", files.size(), infos.size())};
  std::vector<Tensor> tensors;
  for (std::size_t i = 0; i < files.size(); ++i) {
    onnx::TensorSource source(files[i], std::vector<std::string>(), 0);
    SAKER_ASSIGN(const onnx::NamedTensor named, onnx::parse_tensor(files[i].span(), source));
    tensors.push_back(with_type(named.tensor, infos[i].dtype));
  }
  return tensors;
}

Result<DataSet> read_data_set(const fs::path& folder, const Model& model) {
  DataSet data;
  SAKER_ASSIGN(data.input_files, read_files(folder, "input"));
  SAKER_ASSIGN(const std::vector<FileBytes> output_files, read_files(folder, "output"));
  SAKER_ASSIGN(data.inputs, parse_tensors(data.input_files, model.inputs()));
  SAKER_ASSIGN(data.outputs, parse_tensors(output_files, model.outputs()));
  return data;
}

// The model with the inputs from `first` on as initialisers: in a message the last value of a field
// counts, and an input that is an initialiser too is a constant.
Result<Model> with_constants(const Model& model, const DataSet& data, std::size_t first) {
  SAKER_ASSIGN(const FileBytes file, read_file(model.path(), kMaxFile));
  ProtoWriter out;
  onnx::WireReader reader(file.span());
  onnx::Field field;
  for (;;) {
    SAKER_ASSIGN(const bool more, reader.next(field));
    if (!more) break;
    if (field.type == WireType::kVarint) out.varint(field.number, field.as_int());
    if (field.type != WireType::kLength) continue;
    ProtoWriter part;
    part.raw(field.as_text());
    for (std::size_t i = first; field.number == 7 && i < data.inputs.size(); ++i) {
      const FileBytes& tensor = data.input_files[i];
      ProtoWriter initializer;
      initializer.raw({reinterpret_cast<const char*>(tensor.data.get()), tensor.size});
      initializer.bytes(8, model.inputs()[i].name);
      if (data.inputs[i].dtype() == DType::kBFloat16) initializer.varint(2, kOnnxBFloat16);
      part.message(5, initializer);
    }
    out.message(field.number, part);
  }
  return Model::parse(out.span(), model.path());
}

CaseResult refused(const Error& error) {
  return {Outcome::kRefused, error.message};
}
CaseResult failed(std::string message) {
  return {Outcome::kFailed, std::move(message)};
}

CaseResult run_data_set(const Model& file_model, const fs::path& folder, std::string_view isa, Given given) {
  auto data = read_data_set(folder, file_model);
  if (!data.ok()) return failed(data.error().message);
  std::vector<Tensor> inputs = data->inputs;
  if (given != Given::kAll) inputs.resize(std::min<std::size_t>(inputs.size(), given == Given::kFirst ? 1 : 0));
  auto model = given == Given::kAll ? Result<Model>(file_model) : with_constants(file_model, *data, inputs.size());
  if (!model.ok()) return refused(model.error());
  if (model->inputs().size() != inputs.size()) return failed("inputs did not become constants");

  SessionOptions options;
  options.threads = 1;
  options.isa = isa;
  for (const Tensor& input : inputs) options.input_shapes.push_back(input.shape());
  auto session = Session::create(*model, options);
  if (!session.ok()) return refused(session.error());
  auto outputs = session->run(inputs);
  if (!outputs.ok()) return failed(outputs.error().message);
  if (outputs->size() != data->outputs.size())
    return failed(fmt::format("{} outputs, should be {}", outputs->size(), data->outputs.size()));
  for (std::size_t i = 0; i < outputs->size(); ++i) {
    if (const std::string text = difference((*outputs)[i], data->outputs[i]); !text.empty())
      return failed(fmt::format("output {} {}", i, text));
  }
  return {};
}

Result<std::set<std::string>> operators_of(const fs::path& model_path) {
  SAKER_ASSIGN(const FileBytes file, read_file(model_path.string(), kMaxFile));
  SAKER_ASSIGN(const onnx::ModelProto model, onnx::parse_model(file.span()));
  std::set<std::string> names;
  if (!model.graph) return Error{ErrorCode::kInvalid, model_path.string() + ": no graph"};
  for (const onnx::NodeProto& node : model.graph->nodes)
    names.emplace(node.domain.empty() ? std::string(node.op_type) : fmt::format("{}.{}", node.domain, node.op_type));
  return names;
}

}  // namespace

fs::path data_folder(const fs::path& root) {
  return root / "onnx" / "backend" / "test" / "data" / "node";
}

Result<std::vector<Case>> find_cases(const fs::path& folder) {
  std::vector<Case> cases;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    SAKER_ASSIGN(const std::set<std::string> names, operators_of(entry.path() / "model.onnx"));
    const std::string op = names.size() == 1 ? *names.begin() : "several together";
    cases.push_back({entry.path().filename().string(), entry.path(), op});
  }
  std::ranges::sort(cases, {}, &Case::name);
  return cases;
}

CaseResult run_case(const Case& test, std::string_view isa, Given given) {
  const auto model = Model::load((test.folder / "model.onnx").string());
  if (!model.ok()) return refused(model.error());
  bool any = false;
  for (const fs::directory_entry& entry : fs::directory_iterator(test.folder)) {
    if (!entry.path().filename().string().starts_with("test_data_set_")) continue;
    any = true;
    if (CaseResult result = run_data_set(*model, entry.path(), isa, given); result.outcome != Outcome::kPassed)
      return result;
  }
  return any ? CaseResult{} : failed("there is no data beside the model");
}

}  // namespace saker::conformance
