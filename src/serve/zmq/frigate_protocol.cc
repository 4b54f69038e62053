#include "serve/zmq/frigate_protocol.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/text.h"

namespace saker::serve::frigate {
namespace {

constexpr std::size_t kMaxHeader = 64 << 10;
constexpr std::int64_t kMaxSide = 16384;

using Json = nlohmann::json;

enum class Element : std::uint8_t { kByte, kFloat };

// Three dimensions; where the channels stand.
struct Layout {
  std::int64_t height = 0, width = 0;
  bool planes = false;
};

bool flag(const Json& header, const char* name) {
  const auto found = header.find(name);
  return found != header.end() && found->is_boolean() && found->get<bool>();
}

std::string text(const Json& header, const char* name) {
  const auto found = header.find(name);
  return found != header.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<Layout> layout_of(const Json& shape) {
  if (!shape.is_array() || shape.size() > 6) return std::nullopt;
  std::vector<std::int64_t> sides;
  for (const Json& side : shape) {
    if (!side.is_number_integer()) return std::nullopt;
    const auto value = side.get<std::int64_t>();
    if (value < 1 || value > kMaxSide) return std::nullopt;
    if (value > 1) sides.push_back(value);
  }
  if (sides.size() != 3) return std::nullopt;
  if (sides[2] == 3) return Layout{sides[0], sides[1], false};
  if (sides[0] == 3) return Layout{sides[1], sides[2], true};
  return std::nullopt;
}

// NaN and what is below become 0.
std::uint8_t pixel(float value) {
  if (!(value > 0)) return 0;
  return static_cast<std::uint8_t>(std::min(value, 255.0F) + 0.5F);
}

// Interleaved bytes at `dst`, from either layout.
template <typename Value, typename Convert>
void interleave(const char* src, const Layout& layout, std::uint8_t* dst, Convert convert) {
  const auto pixels = static_cast<std::size_t>(layout.height * layout.width);
  const std::size_t channel = layout.planes ? pixels : 1;
  const std::size_t step = layout.planes ? 1 : 3;
  for (std::size_t i = 0; i < pixels; ++i) {
    for (std::size_t c = 0; c < 3; ++c) {
      Value value;  // what comes from the network is aligned to nothing
      std::memcpy(&value, src + (i * step + c * channel) * sizeof(Value), sizeof(Value));
      dst[i * 3 + c] = convert(value);
    }
  }
}

// Frigate sends floats from 0 to 1 (its input_dtype float) or to 255 (float_denorm), and does not say which.
float float_scale(std::string_view tensor) {
  for (std::size_t at = 0; at < tensor.size(); at += sizeof(float)) {
    float value;
    std::memcpy(&value, tensor.data() + at, sizeof(value));
    if (value > 1.0F) return 1.0F;
  }
  return 255.0F;
}

Message read_picture(const Json& header, std::string_view tensor) {
  const auto shape = header.find("shape");
  if (shape == header.end()) return Malformed{"the header has neither shape nor model_request"};
  const auto layout = layout_of(*shape);
  if (!layout) {
    return Malformed{
        "the shape is not that of one picture of three channels: [1, height, width, 3] or [1, 3, height, width]"};
  }
  const std::string dtype = text(header, "dtype");
  if (dtype != "uint8" && dtype != "float32") {
    return Malformed{fmt::format("dtype {}: uint8 or float32 is expected", printable_name(dtype))};
  }
  const Element element = dtype == "uint8" ? Element::kByte : Element::kFloat;
  const auto values = static_cast<std::size_t>(layout->height * layout->width * 3);
  const std::size_t bytes = values * (element == Element::kByte ? 1 : sizeof(float));
  if (tensor.size() != bytes) {
    return Malformed{fmt::format("the tensor has {} bytes, its shape says {}", tensor.size(), bytes)};
  }
  Picture picture;
  picture.size = {static_cast<int>(layout->width), static_cast<int>(layout->height)};
  const std::string head = fmt::format("P6\n{} {}\n255\n", layout->width, layout->height);
  picture.file.resize(head.size() + values);
  std::ranges::copy(head, picture.file.begin());
  std::uint8_t* const dst = picture.file.data() + head.size();
  if (element == Element::kFloat) {
    const float scale = float_scale(tensor);
    interleave<float>(tensor.data(), *layout, dst, [scale](float value) { return pixel(value * scale); });
  } else if (layout->planes) {
    interleave<std::uint8_t>(tensor.data(), *layout, dst, [](std::uint8_t value) { return value; });
  } else {
    std::memcpy(dst, tensor.data(), values);
  }
  return picture;
}

}  // namespace

Message read_message(std::span<const std::string_view> frames) {
  if (frames.empty()) return Malformed{"an empty message"};
  if (frames[0].size() > kMaxHeader) return Malformed{"a header of more than 64 KiB"};
  const Json header = Json::parse(frames[0].begin(), frames[0].end(), nullptr, false);
  if (!header.is_object()) return Malformed{"the first frame is no JSON object"};
  if (flag(header, "model_request")) return ModelQuestion{text(header, "model_name")};
  if (flag(header, "model_data")) return ModelFile{text(header, "model_name")};
  if (frames.size() != 2) return Malformed{fmt::format("{} frames: a header and a tensor are expected", frames.size())};
  return read_picture(header, frames[1]);
}

std::string answer_question(bool ready) {
  return ready ? R"({"model_available": true, "model_loaded": true})"
               : R"({"model_available": false, "model_loaded": false})";
}

std::string answer_model_file() {
  return R"({"model_saved": false, "model_loaded": false, "error": "models are given to the server when it starts"})";
}

std::array<std::string, 2> answer_picture(std::span<const Detection> boxes, ImageSize size, std::string_view error) {
  std::array<float, static_cast<std::size_t>(kRows)* 6> rows = {};
  const auto width = static_cast<float>(std::max(size.width, 1));
  const auto height = static_cast<float>(std::max(size.height, 1));
  auto row = rows.begin();
  for (const Detection& box : boxes.first(std::min<std::size_t>(boxes.size(), kRows))) {
    for (const float value : {static_cast<float>(box.class_id), box.score, box.y1 / height, box.x1 / width,
                              box.y2 / height, box.x2 / width}) {
      *row++ = value;
    }
  }
  std::string header = R"({"shape": [20, 6], "dtype": "float32")";
  if (!error.empty()) {
    header += R"(, "error": )" + Json(error).dump(-1, ' ', true, Json::error_handler_t::replace);
  }
  header += '}';
  std::string tensor(sizeof(rows), '\0');
  std::memcpy(tensor.data(), rows.data(), sizeof(rows));
  return {std::move(header), std::move(tensor)};
}

}  // namespace saker::serve::frigate
