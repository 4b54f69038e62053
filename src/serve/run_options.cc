// Settings turned into what the server's parts take.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <thread>

#include "base/files.h"
#include "base/text.h"
#include "base/try.h"
#include "base/usable_cpus.h"
#include "serve/listen_address.h"
#include "serve/model_config.h"
#include "serve/model_folder.h"
#include "serve/settings.h"

namespace saker::serve {
namespace {
namespace fs = std::filesystem;

std::chrono::milliseconds milliseconds(double seconds) {
  return std::chrono::milliseconds(std::llround(seconds * 1000));
}

Duration duration(double ms) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double, std::milli>(ms));
}

Error invalid(std::string what, std::string setting) {
  return {ErrorCode::kInvalid, std::move(what), std::move(setting)};
}

// "signs.int8" of models/signs.int8.onnx; what no name may have becomes '-'.
std::string name_of(const fs::path& path) {
  fs::path shown = path;
  if (!shown.has_filename()) shown = shown.parent_path();
  std::string name = shown.has_extension() ? shown.stem().string() : shown.filename().string();
  for (char& c : name) {
    if (!is_model_name(std::string("a") + c)) c = '-';
  }
  return is_model_name(name) ? name : "model-" + name;
}

Result<std::map<std::string, fs::path>> named_files(const std::vector<std::string>& models) {
  std::map<std::string, fs::path> files;
  for (const std::string& model : models) {
    const std::size_t equals = model.find('=');
    const bool named = equals != std::string::npos && !fs::exists(model);
    const fs::path path = named ? model.substr(equals + 1) : model;
    const std::string name = named ? model.substr(0, equals) : name_of(path);
    if (!is_model_name(name))
      return invalid(fmt::format("{} is no name for a model: letters, digits, '-', '_' and '.'", printable_name(name)),
                     "model");
    if (path.empty()) return invalid(fmt::format("{}: the file is missing behind the '='", model), "model");
    if (!files.emplace(name, path).second)
      return invalid(fmt::format("two models are named {}: give one another name, `model` NAME=FILE", name), "model");
  }
  return files;
}

Result<std::pair<int, int>> height_and_width(const std::string& text) {
  constexpr std::int64_t kLargest = 8192;
  const std::vector<std::string> sides = split(text, 'x');
  const auto height = parse_whole(sides.front()), width = parse_whole(sides.back());
  if (sides.size() > 2 || !height || !width || std::min(*height, *width) < 1 || std::max(*height, *width) > kLargest) {
    return invalid(fmt::format("{} is no size: write 640, or height x width as in 480x640", printable_name(text)),
                   "imgsz");
  }
  return std::pair(static_cast<int>(*height), static_cast<int>(*width));
}

template <typename T>
Status status_of(const Result<T>& result) {
  return result.ok() ? Status() : result.error();
}

Status check_readable(const std::string& path, const char* setting) {
  std::error_code error;
  if (path.empty() || fs::exists(path, error)) return {};
  return invalid(fmt::format("`{}`: {}: no such file", setting, printable_name(path)), setting);
}

}  // namespace

Status check(const Settings& settings) {
  if (settings.models.empty() && settings.repository.empty())
    return invalid("what is to be served? Name a model, or a folder of models: `model` or `repository`", "model");
  if (settings.tls_cert.empty() != settings.tls_key.empty())
    return invalid("TLS needs both `tls_cert` and `tls_key`", "tls_cert");
  for (const auto& [path, setting] :
       {std::pair(settings.token_file, "token_file"), std::pair(settings.admin_token_file, "admin_token_file"),
        std::pair(settings.tls_cert, "tls_cert"), std::pair(settings.tls_key, "tls_key"),
        std::pair(settings.labels, "labels"), std::pair(settings.repository, "repository")})
    SAKER_TRY(check_readable(path, setting));
  if (settings.admin_open && !settings.admin_token_file.empty())
    return invalid("`admin_open` and `admin_token_file` contradict each other", "admin_open");
  if (settings.batch > settings.queue)
    return invalid(
        fmt::format("a queue of {} never fills a batch of {}: a larger `queue`", settings.queue, settings.batch),
        "queue");
  SAKER_TRY(status_of(cameras_options(settings)));
  SAKER_TRY(status_of(parse_version_policy(settings.version_policy)));
  if (!settings.imgsz.empty()) SAKER_TRY(status_of(height_and_width(settings.imgsz)));
  if (!head_from_name(settings.head))
    return invalid(fmt::format("{} is no head: see docs/heads.md", printable_name(settings.head)), "head");
  if (!settings.grpc.empty()) {
    const auto address = parse_listen_address(settings.grpc);
    if (!address) return invalid("`grpc`: " + address.error().message, "grpc");
  }
  return status_of(named_files(settings.models));
}

Result<std::string> read_token(const std::string& path) {
  constexpr std::size_t kLongest = 4096;
  SAKER_ASSIGN(const FileBytes bytes, read_named_file(path, kLongest));
  const std::string_view text(reinterpret_cast<const char*>(bytes.data.get()), bytes.size);
  const std::string token(trimmed(text.substr(0, text.find('\n'))));
  if (token.empty()) return Error{ErrorCode::kInvalid, fmt::format("{}: there is no token in its first line", path)};
  if (std::ranges::any_of(token, [](char c) { return c < '!' || c > '~'; }))
    return Error{ErrorCode::kInvalid, fmt::format("{}: a token is printable ASCII without spaces", path)};
  return token;
}

HttpOptions http_options(const Settings& settings) {
  HttpOptions options;
  options.address = settings.host;
  options.port = static_cast<std::uint16_t>(settings.port);
  options.threads = settings.http_threads > 0 ? settings.http_threads : std::clamp(usable_cpus() / 4, 1, 4);
  options.max_body = static_cast<std::size_t>(settings.max_body);
  options.max_bodies = static_cast<std::size_t>(settings.max_bodies);
  options.max_header = static_cast<std::size_t>(settings.max_header);
  options.max_connections = settings.max_connections;
  options.max_connections_per_peer = settings.max_connections_per_peer;
  options.header_timeout = milliseconds(settings.header_timeout_s);
  options.body_timeout = milliseconds(settings.body_timeout_s);
  options.idle_timeout = milliseconds(settings.idle_timeout_s);
  options.write_timeout = milliseconds(settings.write_timeout_s);
  options.certificate = settings.tls_cert, options.key = settings.tls_key;
  return options;
}

GrpcOptions grpc_options(const Settings& settings) {
  GrpcOptions options;
  options.address = settings.grpc;
  options.max_message = static_cast<std::size_t>(settings.max_body);
  options.max_header = static_cast<std::size_t>(settings.max_header);
  options.handshake_timeout = milliseconds(settings.header_timeout_s);
  options.idle_timeout = milliseconds(settings.idle_timeout_s);
  options.certificate = settings.tls_cert, options.key = settings.tls_key;
  return options;
}

Result<ApiOptions> api_options(const Settings& settings) {
  ApiOptions options;
  if (!settings.token_file.empty()) {
    SAKER_ASSIGN(options.token, read_token(settings.token_file));
  }
  if (!settings.admin_token_file.empty()) {
    SAKER_ASSIGN(options.admin_token, read_token(settings.admin_token_file));
  }
  options.admin_open = settings.admin_open;
  options.cors_origins = settings.cors;
  options.page = settings.page;
  SAKER_ASSIGN(options.cameras, cameras_options(settings));
  return options;
}

Result<RepositoryOptions> repository_options(const Settings& settings) {
  RepositoryOptions options;
  options.folder = settings.repository;
  SAKER_ASSIGN(options.files, named_files(settings.models));
  SAKER_ASSIGN(options.policy, parse_version_policy(settings.version_policy));
  options.drain = duration(settings.drain_s * 1000);
  ServedOptions& served = options.defaults;
  served.model.backend = settings.backend;
  served.session.precision = settings.precision;
  served.session.isa = settings.isa;
  served.session.low_memory = settings.low_memory;
  served.session.autotune = settings.autotune;
  served.session.threads = settings.threads;
  served.spec.isa = settings.isa;
  served.spec.head = *head_from_name(settings.head);
  if (!settings.imgsz.empty()) {
    SAKER_ASSIGN(const auto sides, height_and_width(settings.imgsz));
    served.spec.height = sides.first, served.spec.width = sides.second;
  }
  if (!settings.labels.empty()) {
    SAKER_ASSIGN(served.spec.labels, read_labels(settings.labels));
  }
  served.boxes.conf = static_cast<float>(settings.conf);
  if (settings.iou > 0) served.boxes.iou = static_cast<float>(settings.iou);
  served.boxes.max_det = settings.max_det;
  served.lane.max_batch = std::max(1, settings.batch);
  served.lane.max_delay = duration(settings.max_delay_ms);
  served.lane.max_queue = static_cast<std::size_t>(settings.queue);
  if (settings.timeout_ms > 0) served.lane.time_limit = duration(settings.timeout_ms);
  served.max_pixels = settings.max_pixels;
  return options;
}

}  // namespace saker::serve
