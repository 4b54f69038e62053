#include "serve/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>

#include "base/nearest.h"
#include "base/text.h"
#include "base/try.h"
#include "tracking/yaml_file.h"

namespace saker::serve {
namespace {
namespace fs = std::filesystem;

using tracking::YamlEntry;
using tracking::YamlFile;

constexpr const char *kWhat = "Models", *kWhere = "Where it listens", *kSpeed = "Throughput and latency",
                     *kBoxes = "How models are run and read", *kSafe = "Who may ask, and how much",
                     *kCameras = "Cameras that can be watched (GET /v1/stream)", *kRun = "Running it";
constexpr double kDay = 86'400, kHourMs = 3.6e6, kManyBytes = 1e12;

#define SAKER_AT(member) [](Settings& s) -> Place { return &s.member; }

const auto kSettings = std::to_array<Setting>({
    {"model", "[NAME=]FILE", kWhat, "a model, by the name of its file or another one; repeatable", 0, 0, "",
     SAKER_AT(models)},
    {"repository", "DIR", kWhat, "folder of models: NAME/VERSION/model.onnx, with NAME/config.yaml or without", 0, 0,
     "", SAKER_AT(repository)},
    {"version_policy", "POLICY", kWhat, "which versions of a model: latest, latest:2, all, specific:1,3 [latest]", 0, 0,
     "", SAKER_AT(version_policy)},
    {"poll", "SECONDS", kWhat,
     "look for new, changed and removed versions so often; 0: when told by SIGHUP or the API [0]", 0, kDay, "",
     SAKER_AT(poll_s)},

    {"host", "ADDRESS", kWhere, "0.0.0.0 or ::: all of this machine's [127.0.0.1]", 0, 0, "", SAKER_AT(host)},
    {"port", "N", kWhere, "0: any that is free [8080]", 0, 65535, "", SAKER_AT(port)},
    {"page", "", kWhere, "a page for browsers at /", 0, 0, "", SAKER_AT(page)},
    {"zmq", "ENDPOINT", kWhere, "Frigate's ZeroMQ detector protocol, as in ipc:///tmp/cache/zmq_detector", 0, 0, "",
     SAKER_AT(zmq)},
    {"grpc", "ADDRESS:PORT", kWhere, "the Open Inference Protocol over gRPC, too, as in 127.0.0.1:8081", 0, 0, "",
     SAKER_AT(grpc)},

    {"mode", "NAME", kSpeed, "throughput: many requests at a time; latency: the shortest for one [throughput]", 0, 0,
     "throughput latency", SAKER_AT(mode)},
    {"streams", "N", kSpeed, "batches that run at a time [as measured, or a CPU each]", 0, 1024, "", SAKER_AT(streams)},
    {"threads", "N", kSpeed, "threads of each [as measured, or 1]", 0, 1024, "", SAKER_AT(threads)},
    {"batch", "N", kSpeed, "pictures a run, at most [as measured, or 4]", 0, 1024, "", SAKER_AT(batch)},
    {"tune", "", kSpeed, "measure streams, threads and batch for these models first, where the cache has them not", 0,
     0, "", SAKER_AT(tune)},
    {"latency_budget", "MS", kSpeed, "of what was measured, the best that answers within it; 0: none [0]", 0, kHourMs,
     "", SAKER_AT(latency_budget_ms)},
    {"max_delay", "MS", kSpeed, "how long a batch may wait for more pictures when no worker is idle [0]", 0, kHourMs,
     "", SAKER_AT(max_delay_ms)},
    {"queue", "N", kSpeed, "pictures that may wait for each model; more are refused: 503 [64]", 1, 1e6, "",
     SAKER_AT(queue)},
    {"timeout", "MS", kSpeed, "how long a request may wait for its turn; then 504; 0: for ever [10000]", 0, kHourMs, "",
     SAKER_AT(timeout_ms)},

    {"backend", "NAME", kBoxes, "the engine: saker, onnxruntime, openvino, torchscript, or auto [auto]", 0, 0,
     "auto saker onnxruntime openvino torchscript", SAKER_AT(backend)},
    {"precision", "NAME", kBoxes, "arithmetic of float models: f32, bf16, f16, auto [f32]", 0, 0, "f32 bf16 f16 auto",
     SAKER_AT(precision)},
    {"isa", "LEVEL", kBoxes, "baseline, avx2, avx512, ... [the best of this CPU]", 0, 0, "", SAKER_AT(isa)},
    {"low_memory", "", kBoxes, "slower kernels where the fast ones keep larger weights", 0, 0, "",
     SAKER_AT(low_memory)},
    {"autotune", "", kBoxes, "measure the ways to run each convolution, not only estimate them", 0, 0, "",
     SAKER_AT(autotune)},
    {"imgsz", "H[xW]", kBoxes, "size of the models' input, for those that leave it open", 0, 0, "", SAKER_AT(imgsz)},
    {"head", "NAME", kBoxes, "how outputs become boxes: yolov8, yolox, ... [auto]", 0, 0, "", SAKER_AT(head)},
    {"labels", "FILE", kBoxes, "names of the classes: one a line, or a data.yaml [the models' own]", 0, 0, "",
     SAKER_AT(labels)},
    {"conf", "X", kBoxes, "least score of a box, where a request names none [0.25]", 0, 1, "", SAKER_AT(conf)},
    {"iou", "X", kBoxes, "overlap above which the lesser box is dropped; 0: the model's own [0]", 0, 1, "",
     SAKER_AT(iou)},
    {"max_det", "N", kBoxes, "boxes of a picture at most [300]", 1, 100'000, "", SAKER_AT(max_det)},

    {"token_file", "FILE", kSafe, "who asks must have this token: Authorization: Bearer ...", 0, 0, "",
     SAKER_AT(token_file)},
    {"admin_token_file", "FILE", kSafe, "the same for loading and unloading models, which nobody may without", 0, 0, "",
     SAKER_AT(admin_token_file)},
    {"admin_open", "", kSafe, "anybody may load and unload models", 0, 0, "", SAKER_AT(admin_open)},
    {"tls_cert", "FILE", kSafe, "certificate chain, PEM: HTTPS", 0, 0, "", SAKER_AT(tls_cert)},
    {"tls_key", "FILE", kSafe, "its key, PEM", 0, 0, "", SAKER_AT(tls_key)},
    {"cors", "ORIGIN", kSafe, "pages of these origins may ask: https://example.org, or *; repeatable", 0, 0, "",
     SAKER_AT(cors)},
    {"max_body", "BYTES", kSafe, "of a request; 64M is 64 MiB [64M]", 1024, 4e9, "", SAKER_AT(max_body)},
    {"max_bodies", "BYTES", kSafe, "of all requests that are read or worked on; more are refused: 503 [1G]", 1024, 1e15,
     "", SAKER_AT(max_bodies)},
    {"max_header", "BYTES", kSafe, "of a request's header [16K]", 1024, 1 << 20, "", SAKER_AT(max_header)},
    {"max_pixels", "N", kSafe, "of a picture; more are refused before it is decoded [100000000]", 1, kManyBytes, "",
     SAKER_AT(max_pixels)},
    {"max_connections", "N", kSafe, "at a time [1024]", 1, 1e6, "", SAKER_AT(max_connections)},
    {"max_connections_per_peer", "N", kSafe, "of one address; 0: no limit of its own [0]", 0, 1e6, "",
     SAKER_AT(max_connections_per_peer)},
    {"header_timeout", "SECONDS", kSafe, "for a request's header [10]", 0.01, kDay, "", SAKER_AT(header_timeout_s)},
    {"body_timeout", "SECONDS", kSafe, "for its body [60]", 0.01, kDay, "", SAKER_AT(body_timeout_s)},
    {"idle_timeout", "SECONDS", kSafe, "between requests of a connection [75]", 0.01, kDay, "",
     SAKER_AT(idle_timeout_s)},
    {"write_timeout", "SECONDS", kSafe, "for an answer to be taken [30]", 0.01, kDay, "", SAKER_AT(write_timeout_s)},
    {"http_threads", "N", kSafe, "threads that read and write; 0: by the number of CPUs [0]", 0, 256, "",
     SAKER_AT(http_threads)},

    {"camera", "NAME=SOURCE", kCameras,
     "rtsp://..., http://..., /dev/video0, or a video file, which is shown over and over; read while somebody watches; "
     "repeatable",
     0, 0, "", SAKER_AT(cameras)},
    {"camera_model", "[NAME=]MODEL", kCameras,
     "the model that looks at that camera, or at those without one of their own; repeatable [the only one]", 0, 0, "",
     SAKER_AT(camera_models)},
    {"camera_track", "", kCameras, "boxes get ids that follow what they show from frame to frame", 0, 0, "",
     SAKER_AT(camera_track)},
    {"camera_fps", "N", kCameras, "frames of a camera that are looked at, a second; 0: all [0]", 0, 1000, "",
     SAKER_AT(camera_fps)},
    {"max_watchers", "N", kCameras, "of all cameras together; more are refused: 503 [256]", 1, 1e6, "",
     SAKER_AT(max_watchers)},

    {"drain", "SECONDS", kRun, "after SIGTERM: how long what was accepted may take to be answered [30]", 0, kDay, "",
     SAKER_AT(drain_s)},
    {"log_format", "NAME", kRun, "text or json, on stderr [text]", 0, 0, "text json", SAKER_AT(log_format)},
    {"log_level", "NAME", kRun, "info, warning or error [info]", 0, 0, "info warning error", SAKER_AT(log_level)},
    {"access_log", "", kRun, "a line for each request", 0, 0, "", SAKER_AT(access_log)},
});

#undef SAKER_AT

Error invalid(std::string what) {
  return {ErrorCode::kInvalid, std::move(what)};
}

// "64M"
std::optional<std::int64_t> parse_bytes(std::string_view text) {
  constexpr std::string_view kUnits = "KMG";
  std::string_view digits = text;
  if (digits.ends_with("iB")) digits.remove_suffix(2);
  const std::size_t unit = digits.empty() ? std::string_view::npos : kUnits.find(digits.back());
  if (unit != std::string_view::npos) digits.remove_suffix(1);
  const auto count = parse_whole(digits);
  const std::size_t shift = unit == std::string_view::npos ? 0 : 10 * (unit + 1);
  if (!count || *count < 0 || *count > (std::int64_t{1} << (62 - shift))) return std::nullopt;
  return *count << shift;
}

Status set_whole(const Setting& setting, std::string_view text, std::int64_t& target) {
  const bool bytes = std::string_view(setting.value) == "BYTES";
  const auto value = bytes ? parse_bytes(text) : parse_whole(text);
  if (!value || static_cast<double>(*value) < setting.low || static_cast<double>(*value) > setting.high) {
    return invalid(fmt::format("{} is no {} from {:.0f} to {:.0f}", printable_name(text),
                               bytes ? "number of bytes (64M is 64 MiB)" : "whole number", setting.low, setting.high));
  }
  target = *value;
  return {};
}

Status set(const Setting& setting, std::string_view text, bool* target) {
  const std::string word = lower_case(text);
  const bool yes = word == "true" || word == "on" || word == "yes",
             no = word == "false" || word == "off" || word == "no";
  if (!yes && !no) return invalid(fmt::format("{} is neither true nor false", printable_name(text)));
  static_cast<void>(setting);
  *target = yes;
  return {};
}
Status set(const Setting& setting, std::string_view text, int* target) {
  std::int64_t value = 0;
  SAKER_TRY(set_whole(setting, text, value));
  *target = static_cast<int>(value);
  return {};
}
Status set(const Setting& setting, std::string_view text, std::int64_t* target) {
  return set_whole(setting, text, *target);
}
Status set(const Setting& setting, std::string_view text, double* target) {
  const auto value = parse_number(text);
  if (!value || *value < setting.low || *value > setting.high)
    return invalid(fmt::format("{} is no number from {:g} to {:g}", printable_name(text), setting.low, setting.high));
  *target = *value;
  return {};
}
Status set(const Setting& setting, std::string_view text, std::string* target) {
  const std::vector<std::string> words = split(setting.words, ' ');
  if (*setting.words != '\0' && std::ranges::find(words, text) == words.end())
    return invalid(fmt::format("{} is none of {}", printable_name(text), fmt::join(words, ", ")));
  *target = text;
  return {};
}
Status set(const Setting& setting, std::string_view text, std::vector<std::string>* target) {
  if (text.empty()) return invalid(fmt::format("a {} is missing", setting.value));
  target->emplace_back(text);
  return {};
}

bool names_file(const Setting& setting) {
  const std::string_view value = setting.value;
  return value.ends_with("FILE") || value.ends_with("SOURCE") || value == "DIR";
}

// What a file says, from that file's folder.
std::string from_folder(const fs::path& folder, const Setting& setting, const std::string& text) {
  if (!names_file(setting) || text.empty()) return text;
  const std::size_t equals = text.find('=');  // NAME=FILE
  const std::size_t at = equals == std::string::npos ? 0 : equals + 1;
  if (text.find("://", at) != std::string::npos) return text;       // a camera's address
  return text.substr(0, at) + (folder / text.substr(at)).string();  // an absolute path stays
}

class SettingsFile {
 public:
  SettingsFile(const YamlFile& file, fs::path folder, Settings& settings)
      : file_(file), folder_(std::move(folder)), settings_(settings) {}

  Status read() {
    SAKER_ASSIGN(const std::vector<YamlEntry> entries, file_.entries(file_.root()));
    for (const YamlEntry& entry : entries) SAKER_TRY(take(entry));
    return {};
  }

 private:
  Status take(const YamlEntry& entry) {
    const Setting* setting = find_setting(entry.key);
    if (setting == nullptr) return unknown(entry);
    const bool list = std::holds_alternative<std::vector<std::string>*>(setting->place(settings_));
    if (entry.value.IsScalar()) return put(entry, *setting, entry.value.Scalar());
    if (list && entry.value.IsSequence()) {
      for (std::size_t i = 0; i < entry.value.size(); ++i) {
        const YAML::Node item = entry.value[i];
        if (!item.IsScalar()) return file_.error(tracking::line_of(item, entry.line), "a word is expected here");
        SAKER_TRY(put({entry.key, item, tracking::line_of(item, entry.line)}, *setting, item.Scalar()));
      }
      return {};
    }
    if (list && entry.value.IsMap() && std::string_view(setting->value).find('=') != std::string_view::npos) {
      SAKER_ASSIGN(const std::vector<YamlEntry> named, file_.entries(entry.value));
      for (const YamlEntry& one : named) {
        if (!one.value.IsScalar())
          return file_.error(one.line, fmt::format("`{}` is no path", printable_name(one.key)));
        SAKER_TRY(put({entry.key, one.value, one.line}, *setting, one.key + "=" + one.value.Scalar()));
      }
      return {};
    }
    return file_.error(entry.line, fmt::format("`{}` is {}", entry.key, list ? "no list" : "no single value"));
  }

  Status put(const YamlEntry& entry, const Setting& setting, const std::string& text) {
    const Status status = apply(settings_, setting, from_folder(folder_, setting, text));
    if (status.ok()) return {};
    return file_.error(entry.line, fmt::format("`{}`: {}", entry.key, status.error().message));
  }

  Error unknown(const YamlEntry& entry) const {
    std::vector<std::string> names;
    for (const Setting& setting : kSettings) names.emplace_back(setting.name);
    const auto near = nearest(entry.key, names);
    return file_.error(entry.line, fmt::format("there is no `{}`{}", printable_name(entry.key),
                                               near ? fmt::format("; did you mean `{}`?", *near)
                                                    : "; the flags of the command, with _ for -, are the keys"));
  }

  const YamlFile& file_;
  fs::path folder_;
  Settings& settings_;
};

}  // namespace

std::span<const Setting> settings_table() {
  return kSettings;
}

const Setting* find_setting(std::string_view name) {
  std::string key(name);
  std::ranges::replace(key, '-', '_');
  const auto found = std::ranges::find(kSettings, key, &Setting::name);
  return found == kSettings.end() ? nullptr : &*found;
}

Status apply(Settings& settings, const Setting& setting, std::string_view value) {
  return std::visit([&](auto* target) { return set(setting, value, target); }, setting.place(settings));
}

Status read_settings(const std::string& path, Settings& settings) {
  SAKER_ASSIGN(const YamlFile file, YamlFile::read(path));
  return SettingsFile(file, fs::path(path).parent_path(), settings).read();
}

}  // namespace saker::serve
