#include "serve/api/tensors_json.h"

#include <fmt/format.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <concepts>
#include <limits>
#include <type_traits>
#include <utility>

#include "base/half.h"
#include "base/text.h"
#include "base/try.h"
#include "base/utf8.h"
#include "serve/api/json_elements.h"

namespace saker::serve {
namespace {

// Tags for the two types that C++ has no name for.
struct Half {
  std::uint16_t bits;
};
struct Brain {
  std::uint16_t bits;
};

// Of a number that is too large or too small for its type: whether it is too large.
bool is_huge(std::string_view text) {
  const std::size_t mark = std::min(text.find_first_of("eE"), text.size());
  std::string_view digits = text.substr(0, mark), exponent = text.substr(std::min(mark + 1, text.size()));
  if (digits.starts_with('-')) digits.remove_prefix(1);
  if (exponent.starts_with('+')) exponent.remove_prefix(1);
  const std::size_t point = std::min(digits.find('.'), digits.size());
  const std::size_t first = std::min(digits.find_first_of("123456789"), digits.size());
  std::int64_t power = static_cast<std::int64_t>(point) - static_cast<std::int64_t>(first);
  if (!exponent.empty()) {
    std::int64_t value = 0;
    const auto [end, problem] = std::from_chars(exponent.data(), exponent.data() + exponent.size(), value);
    if (problem != std::errc() || std::abs(value) > (std::int64_t{1} << 60)) return !exponent.starts_with('-');
    power += value;
  }
  return power > 0;
}

template <std::floating_point T>
bool read_element(std::string_view text, T& out) {
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (problem == std::errc::result_out_of_range) {
    if (is_huge(text)) return false;
    out = text.starts_with('-') ? T{-0.0} : T{0};
    return true;
  }
  return problem == std::errc() && end == text.data() + text.size();
}

template <std::integral T>
bool read_element(std::string_view text, T& out) {
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out);
  return problem == std::errc() && end == text.data() + text.size();
}

bool read_element(std::string_view text, bool& out) {
  out = text == "true" || text == "1";
  return out || text == "false" || text == "0";
}

bool read_element(std::string_view text, Half& out) {
  float value = 0;
  if (!read_element(text, value)) return false;
  out.bits = float_to_half(value);
  return (out.bits & 0x7FFFU) < 0x7C00U;
}

bool read_element(std::string_view text, Brain& out) {
  float value = 0;
  if (!read_element(text, value)) return false;
  out.bits = float_to_bfloat16(value);
  return (out.bits & 0x7FFFU) < 0x7F80U;
}

template <typename T>
Status read_all(JsonElements& elements, Tensor& tensor) {
  T* out = tensor.data<T>();
  for (std::string_view text = elements.next(); !text.empty(); text = elements.next()) {
    if (!read_element(text, *out)) {
      return Error{ErrorCode::kInvalid, fmt::format("element {} of `data`, {}, is no {}", elements.given() - 1,
                                                    printable_name(text, 40), oip_name(tensor.dtype()))};
    }
    ++out;
  }
  if (!elements.problem().empty()) return Error{ErrorCode::kInvalid, elements.problem()};
  return {};
}

// Calls with a value of the type's C++ type.
template <typename Function>
auto with_type(DType dtype, Function function) {
  switch (dtype) {
    case DType::kFloat32:
      return function(float{});
    case DType::kFloat16:
      return function(Half{});
    case DType::kBFloat16:
      return function(Brain{});
    case DType::kFloat64:
      return function(double{});
    case DType::kInt8:
      return function(std::int8_t{});
    case DType::kUint8:
      return function(std::uint8_t{});
    case DType::kInt16:
      return function(std::int16_t{});
    case DType::kUint16:
      return function(std::uint16_t{});
    case DType::kInt32:
      return function(std::int32_t{});
    case DType::kUint32:
      return function(std::uint32_t{});
    case DType::kInt64:
      return function(std::int64_t{});
    case DType::kUint64:
      return function(std::uint64_t{});
    case DType::kBool:
      break;
  }
  return function(bool{});
}

constexpr std::size_t kLongestNumber = 32;  // "-1.7976931348623157e+308"

template <typename T>
char* write_element(T value, char* out) {
  if constexpr (std::is_same_v<T, Half>) {
    return write_element(half_to_float(value.bits), out);
  } else if constexpr (std::is_same_v<T, Brain>) {
    return write_element(bfloat16_to_float(value.bits), out);
  } else if constexpr (std::is_same_v<T, bool>) {
    const std::string_view word = value ? "true" : "false";
    return std::copy(word.begin(), word.end(), out);
  } else {
    if constexpr (std::is_floating_point_v<T>) {
      constexpr std::string_view kNull = "null";
      if (!std::isfinite(value)) return std::copy(kNull.begin(), kNull.end(), out);
    }
    return std::to_chars(out, out + kLongestNumber, value).ptr;
  }
}

template <typename T>
void write_all(const Tensor& tensor, std::string& out) {
  constexpr std::int64_t kAtOnce = 256;
  char room[kAtOnce * (kLongestNumber + 1)];
  const T* data = tensor.data<T>();
  for (std::int64_t begin = 0; begin < tensor.elements(); begin += kAtOnce) {
    char* at = room;
    const std::int64_t end = std::min(begin + kAtOnce, tensor.elements());
    for (std::int64_t i = begin; i < end; ++i) {
      if (i > 0) *at++ = ',';
      at = write_element<T>(data[i], at);
    }
    out.append(room, static_cast<std::size_t>(at - room));
  }
}

struct OneText : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, OneText> {
  std::string text;
  bool Default() { return false; }
  bool String(const char* letters, rapidjson::SizeType size, bool /*copy*/) {
    text.assign(letters, size);
    return true;
  }
};

bool read_text(std::string_view quoted, std::string& out) {
  OneText handler;
  rapidjson::MemoryStream stream(quoted.data(), quoted.size());
  rapidjson::Reader reader;
  if (!quoted.starts_with('"') || reader.Parse(stream, handler).IsError()) return false;
  out = std::move(handler.text);
  return true;
}

}  // namespace

Result<Tensor> read_json_numbers(std::string_view json, std::size_t at, DType dtype, const Shape& shape) {
  SAKER_ASSIGN(const std::int64_t count, checked_count(shape));
  // A number and what parts it from the next take two bytes: no memory for what cannot be there.
  const auto possible = static_cast<std::int64_t>((json.size() - at) / 2 + 1);
  if (count > possible) {
    return Error{ErrorCode::kInvalid, fmt::format("`data` has fewer elements than the shape {}", to_string(shape))};
  }
  SAKER_ASSIGN(Tensor tensor, Tensor::make(dtype, shape));
  JsonElements elements(json, at, shape, count);
  const Status read = with_type(dtype, [&]<typename T>(T) { return read_all<T>(elements, tensor); });
  if (!read.ok()) return read.error();
  return tensor;
}

Result<std::vector<std::string>> read_json_texts(std::string_view json, std::size_t at, const Shape& shape,
                                                 std::size_t most) {
  SAKER_ASSIGN(const std::int64_t count, checked_count(shape));
  if (static_cast<std::uint64_t>(count) > most) {
    return Error{ErrorCode::kInvalid,
                 fmt::format("`shape` is {}: more than {} elements of BYTES", to_string(shape), most)};
  }
  JsonElements elements(json, at, shape, count);
  std::vector<std::string> texts;
  for (std::string_view quoted = elements.next(); !quoted.empty(); quoted = elements.next()) {
    if (!read_text(quoted, texts.emplace_back())) {
      return Error{ErrorCode::kInvalid, fmt::format("element {} of `data` is no text", texts.size() - 1)};
    }
  }
  if (!elements.problem().empty()) return Error{ErrorCode::kInvalid, elements.problem()};
  return texts;
}

void append_json_numbers(const Tensor& tensor, std::string& out) {
  out += '[';
  with_type(tensor.dtype(), [&]<typename T>(T) { write_all<T>(tensor, out); });
  out += ']';
}

void append_json_text(std::string_view text, std::string& out) {
  out += '"';
  for (const char letter : as_utf8(text)) {
    if (letter == '"' || letter == '\\') {
      out += '\\';
      out += letter;
    } else if (static_cast<unsigned char>(letter) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(letter));
    } else {
      out += letter;
    }
  }
  out += '"';
}

void append_json_texts(const std::vector<std::string>& texts, std::string& out) {
  out += '[';
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i > 0) out += ',';
    append_json_text(texts[i], out);
  }
  out += ']';
}

}  // namespace saker::serve
