#include "serve/api/detect_options.h"

#include <fmt/format.h>

#include <limits>
#include <string>
#include <utility>

#include "base/text.h"
#include "detect/class_choice.h"

namespace saker::serve {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::string_view kKnown =
    "conf, iou, max_det, classes, agnostic, model, version, priority, timeout_ms, format";

// One option after the other; the first problem stays.
class Reader {
 public:
  explicit Reader(const Query& query) : query_(query) {}

  void fraction(const char* name, auto set) {
    given(name, [&](const std::string& text) {
      const auto value = parse_number(text);
      if (!value || *value < 0 || *value > 1) return wrong(name, text, "a number from 0 to 1");
      set(static_cast<float>(*value));
    });
  }
  void whole(const char* name, std::int64_t low, std::int64_t high, auto set) {
    given(name, [&](const std::string& text) {
      const auto value = parse_whole(text);
      if (!value || *value < low || *value > high) {
        return wrong(name, text, fmt::format("a whole number from {} to {}", low, high));
      }
      set(*value);
    });
  }
  void flag(const char* name, bool& value) {
    given(name, [&](const std::string& text) {
      const bool yes = text.empty() || text == "1" || text == "true";
      if (!yes && text != "0" && text != "false") return wrong(name, text, "true or false");
      value = yes;
    });
  }
  void given(const char* name, auto use) {
    const auto found = query_.find(name);
    if (found != query_.end()) use(found->second);
  }
  void wrong(const char* name, std::string_view value, std::string_view what) {
    problem(fmt::format("{}: `{}` is not {}", name, printable_name(value, 80), what));
  }
  void problem(std::string message) {
    if (!refusal) refusal = {Reason::kBadRequest, std::move(message)};
  }

  std::optional<Refusal> refusal;

 private:
  const Query& query_;
};

bool asks_for_image(const std::string* accept) {
  if (accept == nullptr) return false;
  bool image = false;
  for (const std::string& one : split(lower_case(*accept), ',')) {
    const std::string_view kind = trimmed(std::string_view(one).substr(0, one.find(';')));
    if (kind == "application/json" || kind == "*/*") return false;
    image = image || kind == "image/jpeg" || kind == "image/*";
  }
  return image;
}

void read_boxes_options(Reader& reader, const DetectorSpec& spec, BoxOptions& boxes) {
  reader.fraction("conf", [&](float value) { boxes.conf = value; });
  reader.fraction("iou", [&](float value) { boxes.iou = value; });
  reader.whole("max_det", 1, std::numeric_limits<int>::max(),
               [&](std::int64_t value) { boxes.max_det = static_cast<int>(value); });
  reader.flag("agnostic", boxes.agnostic);
  reader.given("classes", [&](const std::string& text) {
    auto ids = resolve_classes(split(text, ','), spec.labels());
    if (!ids.ok()) return reader.problem("classes: " + ids.error().message);
    boxes.classes = std::move(*ids);
  });
  if (reader.refusal) return;
  const Status good = check_boxes(spec, boxes);
  if (!good.ok()) reader.problem(good.error().message);
}

}  // namespace

Outcome<DetectOptions> read_detect_options(const Query& query, const std::string* accept, const ServedModel& model) {
  Reader reader(query);
  for (const auto& [name, value] : query) {
    if ((", " + std::string(kKnown) + ", ").find(", " + name + ", ") == std::string::npos) {
      reader.problem(fmt::format("there is no option `{}`; there are {}", printable_name(name, 80), kKnown));
    }
  }
  DetectOptions options;
  options.boxes = model.boxes();
  if (model.spec() != nullptr) read_boxes_options(reader, *model.spec(), options.boxes);
  reader.whole("priority", 0, 9, [&](std::int64_t value) { options.priority = static_cast<int>(value); });
  reader.whole("timeout_ms", 1, kHourMs,
               [&](std::int64_t value) { options.timeout = std::chrono::milliseconds(value); });
  if (asks_for_image(accept)) options.format = DetectFormat::kImage;
  reader.given("format", [&](const std::string& text) {
    if (text != "json" && text != "image") return reader.wrong("format", text, "json or image");
    options.format = text == "image" ? DetectFormat::kImage : DetectFormat::kJson;
  });
  if (reader.refusal) return *reader.refusal;
  return options;
}

JobOptions job_options(const ApiOptions& api, const DetectOptions& options, const HttpRequest& request) {
  JobOptions job;
  job.priority = options.priority;
  job.cancelled = request.gone;
  const auto timeout = options.timeout.value_or(api.default_timeout);
  if (timeout.count() > 0) job.deadline = std::chrono::steady_clock::now() + timeout;
  return job;
}

}  // namespace saker::serve
