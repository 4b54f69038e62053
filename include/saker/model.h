// Model: a detector or any other network read from a file, validated and ready to compile.
#pragma once

#include <saker/tensor.h>

#include <cstddef>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace saker {

// An input or output as the file declares it.
struct TensorInfo {
  std::string name;
  DType dtype = DType::kFloat32;
  Shape shape;                       // -1: dynamic; empty and !has_shape: not declared
  std::vector<std::string> symbols;  // names of the dynamic dimensions, parallel to shape
  bool has_shape = true;
};

struct ModelOptions {
  std::size_t max_file_bytes = std::size_t{2} << 30;
  // Which engine will run it: "saker", the name of another backend (saker/backend.h), or "auto": saker, or, for a
  // format or an operator that saker lacks, the first installed engine that takes the file.
  std::string backend = "saker";
  // An engine that "auto" chooses first runs the file once in a process of its own, for at most 8 s and one more for
  // each 10 MB; a file that it does not survive is an error (kInvalid). false: no such trial, for a process that may be
  // lost.
  bool trial = true;
};

// Immutable and cheap to copy; may be shared between threads.
class Model {
 public:
  // Reads and validates an ONNX file (opset 9-20, IR 3-10), whose external data must lie in its folder
  // or in that of a link's target (docs/untrusted-input.md), or
  // OpenVINO IR (version 10 and 11: an .xml with the .bin beside it, or the folder of such an export). Other backends
  // take further formats and operators; what ONNX files say is still checked here first. Errors: kNotFound, kIo,
  // kInvalid, kUnsupported (an operator the engine lacks), kLimit.
  static Result<Model> load(const std::string& path, const ModelOptions& options = {});
  // The same from memory (copied; neither external data nor a .bin). Other backends read files only (kUnsupported).
  static Result<Model> parse(std::span<const std::byte> bytes, const std::string& name,
                             const ModelOptions& options = {});

  const std::string& path() const;          // of the file, where a folder was given
  const std::string& backend() const;       // the engine chosen: never "auto"
  const std::string& backend_note() const;  // why "auto" chose another than saker; else empty
  const std::vector<TensorInfo>& inputs() const;
  const std::vector<TensorInfo>& outputs() const;
  const std::map<std::string, std::string>& metadata() const;  // ONNX metadata_props; IR rt_info, metadata.yaml
  std::map<std::string, int> operators() const;                // operator name -> number of nodes (files saker reads)
  std::size_t file_bytes() const;

  struct State;  // internal
  const State& state() const { return *state_; }

 private:
  explicit Model(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

}  // namespace saker
