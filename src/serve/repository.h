// The models of a server by name and version, loaded and exchanged while it runs.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <vector>

#include "serve/served_model.h"

namespace saker::serve {

// Which of a model's versions are served.
struct VersionPolicy {
  enum class Kind : std::uint8_t { kLatest, kAll, kSpecific } kind = Kind::kLatest;
  int latest = 1;                           // of kLatest: so many
  std::vector<std::int64_t> versions = {};  // of kSpecific
};

struct RepositoryEntry {  // for the index and pages
  std::string name;
  std::int64_t version = 0;
  std::string state;   // "READY", "LOADING", "UNAVAILABLE"
  std::string reason;  // of the last failure; else empty
};

struct RepositoryOptions {
  // FOLDER/NAME/VERSION/model.onnx (or .xml, .pt, ...) with an optional FOLDER/NAME/config.yaml; empty: none.
  std::filesystem::path folder = {};
  // Single files, by name, as version 1; or folders as those of FOLDER/NAME.
  std::map<std::string, std::filesystem::path> files = {};
  ServedOptions defaults = {};
  VersionPolicy policy = {};                  // of models whose config.yaml names none
  Duration drain = std::chrono::seconds(30);  // how long an old version may go on answering
};

// Thread-safe.
class Repository {
 public:
  Repository(const RepositoryOptions& options, Scheduler& scheduler, MetricRegistry* metrics);
  ~Repository();  // drains

  // All that the folder and the files have. The first error, after the rest was loaded.
  Status load_all();
  // Loads or reloads NAME: the new versions are compiled and warmed before they take the place of the old ones, which
  // then answer what they have taken. On failure the old ones stay.
  Status load(const std::string& name);
  Status unload(const std::string& name);
  // Looks at the folder for new, changed and removed versions, and loads and unloads accordingly; what happened, for a
  // log, one line each.
  std::vector<std::string> poll();

  // version 0: the newest that is served. Refusals: kNotFound, with the names that there are; kUnavailable.
  Outcome<std::shared_ptr<ServedModel>> find(const std::string& name, std::int64_t version = 0) const;
  Outcome<std::shared_ptr<ServedModel>> only() const;  // the single model, where there is but one, or the first by name
  std::vector<RepositoryEntry> index() const;
  std::vector<std::shared_ptr<ServedModel>> ready() const;
  bool all_ready() const;
  void drain_all(Time until);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace saker::serve
