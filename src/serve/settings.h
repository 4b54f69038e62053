// All that the server can be told: one table, from which come the command's flags and the keys of its config file.
#pragma once

#include <saker/result.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "serve/api/api.h"
#include "serve/grpc/grpc_server.h"
#include "serve/http/server.h"
#include "serve/repository.h"

namespace saker::serve {

// As people write them. Times are in the unit that the name or the table says.
struct Settings {
  std::vector<std::string> models;  // FILE or NAME=FILE
  std::string repository;
  std::string version_policy = "latest";
  double poll_s = 0;  // 0: the repository is looked at on SIGHUP only

  std::string host = "127.0.0.1";
  int port = 8080;
  bool page = true;
  std::string zmq;   // endpoint; empty: none
  std::string grpc;  // ADDRESS:PORT; empty: none

  std::string mode = "throughput";
  int streams = 0, threads = 0, batch = 0;  // 0: by the mode, or as measured
  bool tune = false;
  double latency_budget_ms = 0;  // 0: none
  double max_delay_ms = 0;
  int queue = 64;              // pictures
  double timeout_ms = 10'000;  // of waiting; 0: none

  std::string backend = "auto", precision, isa, head = "auto", labels;
  std::string imgsz;
  bool low_memory = false, autotune = false;
  double conf = 0.25, iou = 0;  // iou 0: the head's own
  int max_det = 300;

  std::string token_file, admin_token_file, tls_cert, tls_key;
  std::vector<std::string> cors;
  bool admin_open = false;

  std::int64_t max_body = 64 << 20, max_bodies = 1 << 30, max_header = 16 << 10;  // bytes
  std::int64_t max_pixels = ImageReadOptions{}.max_pixels;
  int max_connections = 1024, max_connections_per_peer = 0;
  double header_timeout_s = 10, body_timeout_s = 60, idle_timeout_s = 75, write_timeout_s = 30;
  int http_threads = 0;  // 0: by the number of CPUs
  double drain_s = 30;

  std::vector<std::string> cameras, camera_models;
  bool camera_track = false;
  double camera_fps = 0;  // 0: all frames
  int max_watchers = 256;

  std::string log_format = "text", log_level = "info";
  bool access_log = true;
};

// Where a setting's value lies.
using Place = std::variant<bool*, int*, std::int64_t*, double*, std::string*, std::vector<std::string>*>;

struct Setting {
  const char* name;   // of the key; of the flag with hyphens for underscores
  const char* value;  // "FILE", as the help shows it; of whole numbers "BYTES": 64M is taken, too
  const char* group;
  const char* what;   // one line for people
  double low, high;   // of numbers
  const char* words;  // those that are allowed, separated by spaces; empty: any
  Place (*place)(Settings&);
};

std::span<const Setting> settings_table();
// With hyphens for underscores; null: none.
const Setting* find_setting(std::string_view name);

// Lists grow. Errors kInvalid: no such value.
Status apply(Settings& settings, const Setting& setting, std::string_view value);

// Keys as in the table; a `model` may be a map of names to files, too. Files that it names are looked for from its own
// folder. Errors: kNotFound, kIo, kLimit, kInvalid; they name file and line.
Status read_settings(const std::string& path, Settings& settings);

// What cannot be seen from one setting alone. Error kInvalid.
Status check(const Settings& settings);

// A file's first line. Errors: kNotFound, kIo, kInvalid (empty, or more than printable ASCII).
Result<std::string> read_token(const std::string& path);

// The forms in which the parts take them.
HttpOptions http_options(const Settings& settings);
GrpcOptions grpc_options(const Settings& settings);
Result<ApiOptions> api_options(const Settings& settings);  // reads the tokens; cameras: all but the library
Result<CamerasOptions> cameras_options(const Settings& settings);
Result<RepositoryOptions> repository_options(const Settings& settings);

}  // namespace saker::serve
