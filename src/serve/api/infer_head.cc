#include "serve/api/infer_head.h"

#include <fmt/format.h>
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <set>
#include <utility>

#include "base/text.h"
#include "serve/api/oip_tensor.h"

namespace saker::serve {
namespace {

constexpr std::size_t kMostDepth = 64;
constexpr std::size_t kMostTensors = 1024, kMostParameters = 256;  // of one list; models have a few
// Numbers come as text: RapidJSON 1.1 has undefined behaviour in its own conversion.
constexpr unsigned kParseFlags =
    rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag | rapidjson::kParseValidateEncodingFlag;

enum class At : std::uint8_t {
  kDocument,
  kRoot,
  kParameters,
  kInputs,
  kInput,
  kShape,
  kOutputs,
  kOutput,
  kSkipped,  // in a value that is not looked at
};

enum class Kind : std::uint8_t { kNull, kBool, kNumber, kText };

// RapidJSON's handler. Its stack is the path to where it stands, one entry a level.
class HeadReader {
 public:
  HeadReader(const rapidjson::MemoryStream& stream, InferHead& out) : stream_(stream), out_(out) {}

  const std::string& problem() const { return problem_; }

  bool Null() { return scalar(Kind::kNull, {}); }
  bool Bool(bool value) { return scalar(Kind::kBool, value ? "true" : "false"); }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool /*copy*/) {
    return scalar(Kind::kNumber, {text, size});
  }
  bool String(const char* text, rapidjson::SizeType size, bool /*copy*/) { return scalar(Kind::kText, {text, size}); }
  bool Key(const char* text, rapidjson::SizeType size, bool /*copy*/);
  bool StartObject() { return start(true); }
  bool StartArray() { return start(false); }
  bool EndObject(rapidjson::SizeType /*size*/) { return end(); }
  bool EndArray(rapidjson::SizeType /*size*/) { return end(); }
  // Never called: numbers come as text.
  bool Int(int /*value*/) { return false; }
  bool Uint(unsigned /*value*/) { return false; }
  bool Int64(std::int64_t /*value*/) { return false; }
  bool Uint64(std::uint64_t /*value*/) { return false; }
  bool Double(double /*value*/) { return false; }

 private:
  bool fail(std::string problem) {
    problem_ = std::move(problem);
    return false;
  }
  bool wrong(std::string_view key, std::string_view what) {
    return fail(fmt::format("{}`{}` is {}", place(), printable_name(key, 80), what));
  }
  std::string place() const;
  bool start(bool object);
  bool start_in_root(bool object);
  bool start_element(bool object, At kind);
  bool end();
  bool scalar(Kind kind, std::string_view text);
  bool text_field(std::string& field, Kind kind, std::string_view text);
  bool dimension(Kind kind, std::string_view text);
  bool parameter(Kind kind, std::string_view text);
  bool enter(At at) {
    if (path_.size() > kMostDepth) return fail(fmt::format("the body's JSON is more than {} deep", kMostDepth));
    path_.push_back(at);
    return true;
  }
  InputHead& input() { return out_.inputs.back(); }
  OipParameters& parameters();

  const rapidjson::MemoryStream& stream_;
  InferHead& out_;
  std::vector<At> path_ = {At::kDocument};
  std::string key_;             // the last of an object that is looked at
  std::set<std::string> root_;  // keys that were there
  std::set<std::string> element_;
  std::string problem_;
};

// "input 2 `images`: " or nothing.
std::string HeadReader::place() const {
  for (std::size_t i = path_.size(); i-- > 0;) {
    if (path_[i] != At::kInput && path_[i] != At::kOutput) continue;
    const bool input = path_[i] == At::kInput;
    const std::string& name = input ? out_.inputs.back().name : out_.outputs.back().name;
    return fmt::format("{} {}{}: ", input ? "input" : "output", input ? out_.inputs.size() : out_.outputs.size(),
                       name.empty() ? "" : " `" + printable_name(name, 80) + "`");
  }
  return "";
}

OipParameters& HeadReader::parameters() {
  const At owner = path_[path_.size() - 2];
  if (owner == At::kInput) return input().parameters;
  return owner == At::kOutput ? out_.outputs.back().parameters : out_.parameters;
}

bool HeadReader::Key(const char* text, rapidjson::SizeType size, bool /*copy*/) {
  const At at = path_.back();
  if (at == At::kSkipped) return true;
  key_.assign(text, size);
  if (at == At::kParameters) return true;
  std::set<std::string>& seen = at == At::kRoot ? root_ : element_;
  static const std::set<std::string_view> known = {"id",   "parameters", "inputs", "outputs",
                                                   "name", "datatype",   "shape",  "data"};
  if (known.contains(key_) && !seen.insert(key_).second) return wrong(key_, "there twice");
  if (at == At::kInput && key_ == "data") input().data = stream_.Tell();
  return true;
}

bool HeadReader::start_element(bool object, At kind) {
  const std::size_t there = kind == At::kInput ? out_.inputs.size() : out_.outputs.size();
  const char* list = kind == At::kInput ? "inputs" : "outputs";
  if (!object) return fail(fmt::format("`{}`: element {} is no object", list, there + 1));
  if (there >= kMostTensors) return fail(fmt::format("`{}` has more than {} elements", list, kMostTensors));
  if (kind == At::kInput) {
    out_.inputs.emplace_back();
  } else {
    out_.outputs.emplace_back();
  }
  element_.clear();
  return enter(kind);
}

bool HeadReader::start_in_root(bool object) {
  if (key_ == "id") return wrong(key_, "no text");
  if (key_ == "parameters") return object ? enter(At::kParameters) : wrong(key_, "no object");
  if (key_ == "inputs") return object ? wrong(key_, "no list") : enter(At::kInputs);
  if (key_ == "outputs") return object ? wrong(key_, "no list") : enter(At::kOutputs);
  return enter(At::kSkipped);
}

bool HeadReader::start(bool object) {
  switch (path_.back()) {
    case At::kDocument:
      return object ? enter(At::kRoot) : fail("the body is no JSON object");
    case At::kRoot:
      return start_in_root(object);
    case At::kInputs:
      return start_element(object, At::kInput);
    case At::kOutputs:
      return start_element(object, At::kOutput);
    case At::kInput:
      if (key_ == "shape" && !object) return enter(At::kShape);
      if (key_ == "shape") return wrong(key_, "no list");
      [[fallthrough]];
    case At::kOutput:
      if (key_ == "name" || (path_.back() == At::kInput && key_ == "datatype")) return wrong(key_, "no text");
      if (key_ == "parameters") return object ? enter(At::kParameters) : wrong(key_, "no object");
      return enter(At::kSkipped);
    case At::kParameters:
      return fail(fmt::format("{}parameter `{}` is a list or an object: they are numbers, texts, true or false",
                              place(), printable_name(key_, 80)));
    case At::kShape:
      return wrong("shape", "no list of whole numbers");
    case At::kSkipped:
      return enter(At::kSkipped);
  }
  return false;
}

bool HeadReader::end() {
  path_.pop_back();
  return true;
}

bool HeadReader::text_field(std::string& field, Kind kind, std::string_view text) {
  if (kind != Kind::kText) return wrong(key_, "no text");
  field = text;
  return true;
}

bool HeadReader::dimension(Kind kind, std::string_view text) {
  const auto number = kind == Kind::kNumber ? parse_whole(text) : std::nullopt;
  if (!number) {
    return wrong("shape", fmt::format("no list of whole numbers: it has {}", printable_name(text, 40)));
  }
  if (input().shape.size() >= kMostDimensions) {
    return wrong("shape", fmt::format("longer than {} dimensions", kMostDimensions));
  }
  input().shape.push_back(*number);
  return true;
}

bool HeadReader::parameter(Kind kind, std::string_view text) {
  OipParameters& all = parameters();
  if (kind == Kind::kNull) return true;
  if (all.size() >= kMostParameters) return fail(fmt::format("{}more than {} parameters", place(), kMostParameters));
  OipParameter value;
  if (kind == Kind::kText) value = std::string(text);
  if (kind == Kind::kBool) value = text == "true";
  if (kind == Kind::kNumber) {
    if (const auto whole = parse_whole(text)) {
      value = *whole;
    } else if (const auto number = parse_number(text)) {
      value = *number;
    } else {
      return fail(fmt::format("{}parameter `{}` is too large a number", place(), printable_name(key_, 80)));
    }
  }
  if (!all.emplace(key_, std::move(value)).second) {
    return fail(fmt::format("{}parameter `{}` is there twice", place(), printable_name(key_, 80)));
  }
  return true;
}

bool HeadReader::scalar(Kind kind, std::string_view text) {
  switch (path_.back()) {
    case At::kDocument:
      return fail("the body is no JSON object");
    case At::kRoot:
      if (key_ == "id" && kind != Kind::kNull) return text_field(out_.id, kind, text);
      if (kind != Kind::kNull && (key_ == "inputs" || key_ == "outputs")) return wrong(key_, "no list");
      return kind == Kind::kNull || key_ != "parameters" || wrong(key_, "no object");
    case At::kInputs:
      return start_element(false, At::kInput);
    case At::kOutputs:
      return start_element(false, At::kOutput);
    case At::kInput:
      if (key_ == "name") return text_field(input().name, kind, text);
      if (key_ == "datatype") return text_field(input().datatype, kind, text);
      if (key_ == "shape") return wrong(key_, "no list");
      if (key_ == "data" && kind == Kind::kNull) input().data.reset();
      return kind == Kind::kNull || key_ != "parameters" || wrong(key_, "no object");
    case At::kOutput:
      if (key_ == "name") return text_field(out_.outputs.back().name, kind, text);
      return kind == Kind::kNull || key_ != "parameters" || wrong(key_, "no object");
    case At::kParameters:
      return parameter(kind, text);
    case At::kShape:
      return dimension(kind, text);
    case At::kSkipped:
      return true;
  }
  return false;
}

template <typename T>
const T* find_parameter(const OipParameters& parameters, std::string_view name, bool& there) {
  const auto found = parameters.find(name);
  there = found != parameters.end();
  return there ? std::get_if<T>(&found->second) : nullptr;
}

Error wrong_type(std::string_view name, std::string_view what) {
  return {ErrorCode::kInvalid, fmt::format("parameter `{}` is {}", name, what)};
}

}  // namespace

Result<InferHead> read_infer_head(std::string_view json) {
  InferHead out;
  rapidjson::MemoryStream stream(json.data(), json.size());
  HeadReader handler(stream, out);
  rapidjson::Reader reader;
  const rapidjson::ParseResult parsed = reader.Parse<kParseFlags>(stream, handler);
  if (!handler.problem().empty()) return Error{ErrorCode::kInvalid, handler.problem()};
  if (parsed.IsError()) {
    return Error{ErrorCode::kInvalid, fmt::format("the body is no JSON: {} (byte {})",
                                                  rapidjson::GetParseError_En(parsed.Code()), parsed.Offset())};
  }
  if (stream.Tell() != json.size()) return Error{ErrorCode::kInvalid, "the body is no JSON: a zero byte in it"};
  for (std::size_t i = 0; i < out.inputs.size(); ++i) {
    if (out.inputs[i].name.empty()) return Error{ErrorCode::kInvalid, fmt::format("input {} has no `name`", i + 1)};
  }
  for (std::size_t i = 0; i < out.outputs.size(); ++i) {
    if (out.outputs[i].name.empty()) return Error{ErrorCode::kInvalid, fmt::format("output {} has no `name`", i + 1)};
  }
  return out;
}

Result<std::optional<bool>> bool_parameter(const OipParameters& parameters, std::string_view name) {
  bool there = false;
  const bool* value = find_parameter<bool>(parameters, name, there);
  if (value != nullptr) return std::optional<bool>(*value);
  if (there) return wrong_type(name, "neither true nor false");
  return std::optional<bool>();
}

Result<std::optional<std::int64_t>> whole_parameter(const OipParameters& parameters, std::string_view name) {
  bool there = false;
  const std::int64_t* value = find_parameter<std::int64_t>(parameters, name, there);
  if (value != nullptr) return std::optional<std::int64_t>(*value);
  if (there) return wrong_type(name, "no whole number");
  return std::optional<std::int64_t>();
}

Result<std::optional<double>> number_parameter(const OipParameters& parameters, std::string_view name) {
  bool there = false;
  if (const double* value = find_parameter<double>(parameters, name, there)) return std::optional<double>(*value);
  const std::int64_t* whole = find_parameter<std::int64_t>(parameters, name, there);
  if (whole != nullptr) return std::optional<double>(static_cast<double>(*whole));
  if (there) return wrong_type(name, "no number");
  return std::optional<double>();
}

}  // namespace saker::serve
