// Two locks: `loading` is held by whoever changes anything, for as long as that takes, so that one model at a time is
// compiled; `mutex` guards what requests look at, and is held for moments only.
#include "serve/repository.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <iterator>
#include <mutex>
#include <set>

#include "base/clock.h"
#include "base/text.h"
#include "base/try.h"
#include "serve/model_config.h"
#include "serve/model_folder.h"
#include "serve/retired_models.h"

namespace saker::serve {
namespace {

using Lease = RetiredModels::Lease;

enum class Which : std::uint8_t { kAll, kChanged };

struct Wanted {  // a version that is to be served
  std::string path, stamp;
};

struct Plan {  // of a name
  std::map<std::int64_t, Wanted> versions;
  ModelConfig config;
};

struct Served {
  Lease model;
  std::string stamp;
};

struct Known {  // a name
  std::map<std::int64_t, Served> served;
  std::set<std::int64_t> loading;
  std::map<std::int64_t, std::string> failed;  // why
  std::string reason;                          // why none of it can be loaded; else empty
  bool wanted = true;                          // false: it was unloaded
};

struct Watched {      // what poll() knows of a name
  std::string tried;  // the stamp of what was loaded last, or could not be
  std::string seen;   // that of the poll before
};

double seconds_of(const Stopwatch& watch) {
  return watch.ms() / 1000;
}

}  // namespace

struct Repository::State {
  State(const RepositoryOptions& given, Scheduler& used, MetricRegistry* counted)
      : options(given),
        scheduler(used),
        metrics(counted),
        retired([this](const ServedModel& model) { forget_metrics(model.name(), model.version()); }) {
    if (metrics == nullptr) return;
    metrics->gauge("saker_models_ready", "Versions of models that are served.", {},
                   [this] { return static_cast<double>(ready_count.load()); });
  }

  RepositoryOptions options;
  Scheduler& scheduler;
  MetricRegistry* metrics;

  mutable std::shared_mutex mutex;
  std::map<std::string, Known> models;
  bool loaded = false, draining = false;
  std::atomic<std::size_t> ready_count{0};

  std::mutex loading;
  std::map<std::string, Watched> watched;
  std::set<std::string> told;  // of what is skipped

  RetiredModels retired;  // the last one: its thread uses the others

  std::string stamp(const std::string& name) const {
    const auto file = options.files.find(name);
    return stamp_of(file != options.files.end() ? file->second : options.folder / name);
  }

  Result<Plan> plan(const std::string& name) const {
    if (const auto file = options.files.find(name); file != options.files.end()) {
      std::error_code ignored;
      if (std::filesystem::is_directory(file->second, ignored)) return plan_folder(file->second, file->second);
      Plan plan{{{1, {file->second.string(), stamp_of(file->second)}}}, {options.defaults, options.policy}};
      plan.config.options.spec.batch = plan.config.options.lane.max_batch;
      return plan;
    }
    std::error_code ignored;
    const std::filesystem::path folder = options.folder / name;
    if (options.folder.empty() || !is_model_name(name) || !std::filesystem::is_directory(folder, ignored)) {
      const std::shared_lock lock(mutex);
      return Error{ErrorCode::kNotFound, no_model(name)};
    }
    return plan_folder(options.folder, folder);
  }

  // Of versions, or of a single model.
  Result<Plan> plan_folder(const std::filesystem::path& root, const std::filesystem::path& folder) const {
    Plan plan{{}, {options.defaults, options.policy}};
    SAKER_ASSIGN(auto versions, versions_in(root, folder));
    if (versions.empty() && model_in(root, folder).ok()) versions[1] = folder;
    SAKER_ASSIGN(const std::string config, config_in(root, folder));
    if (!config.empty()) {
      SAKER_ASSIGN(plan.config, read_model_config(config, plan.config));
    }
    std::set<std::int64_t> available;
    for (const auto& [version, path] : versions) available.insert(version);
    const auto chosen = choose_versions(plan.config.policy, available);
    if (!chosen.ok()) return chosen.error().with_context(folder.string());
    for (const std::int64_t version : *chosen) {
      SAKER_ASSIGN(const std::string path, model_in(root, versions.at(version)));
      plan.versions[version] = {path, stamp_of(versions.at(version)) + stamp_of(config)};
    }
    plan.config.options.spec.batch = plan.config.options.lane.max_batch;
    return plan;
  }

  // Those that are to be loaded are marked; the others stay as they are.
  std::vector<std::int64_t> begin(const std::string& name, const Plan& plan, Which which) {
    const std::unique_lock lock(mutex);
    Known& known = models[name];
    known.wanted = true;
    known.reason.clear();
    std::vector<std::int64_t> versions;
    for (const auto& [version, wanted] : plan.versions) {
      const auto served = known.served.find(version);
      if (which == Which::kChanged && served != known.served.end() && served->second.stamp == wanted.stamp) continue;
      versions.push_back(version);
    }
    known.loading.insert(versions.begin(), versions.end());
    return versions;
  }

  // The error of a name that cannot even be planned.
  Status refuse(const std::string& name, const Error& error) {
    const std::unique_lock lock(mutex);
    if (error.code != ErrorCode::kNotFound || models.contains(name)) models[name].reason = error.message;
    return error;
  }

  Status load_one(const std::string& name, Which which) {
    const bool is_name = options.files.contains(name) || is_model_name(name);
    const std::string before = is_name ? stamp(name) : "";  // what changes while it is read is seen by poll()
    {
      const std::shared_lock lock(mutex);
      if (draining) return Error{ErrorCode::kUnsupported, "the server is going: it loads no more models"};
    }
    const auto planned = plan(name);
    if (!before.empty()) watched[name].tried = before;
    if (!planned.ok()) return refuse(name, planned.error());
    std::map<std::int64_t, Served> fresh;
    std::map<std::int64_t, Error> failed;
    for (const std::int64_t version : begin(name, *planned, which)) {
      const Wanted& wanted = planned->versions.at(version);
      const Stopwatch watch;
      auto model = ServedModel::load(name, version, wanted.path, planned->config.options, scheduler, metrics);
      count_load(name, model.ok(), seconds_of(watch));
      if (model.ok()) {
        fresh[version] = {retired.lend(*std::move(model)), wanted.stamp};
      } else {
        failed.emplace(version, model.error());
      }
    }
    finish(name, *planned, std::move(fresh), failed);
    if (failed.empty()) return {};
    return failed.begin()->second.with_context(fmt::format("{} version {}", name, failed.begin()->first));
  }

  void count_load(const std::string& name, bool ok, double seconds) {
    if (metrics == nullptr) return;
    metrics
        ->counter("saker_model_loads_total", "Models that were loaded, or could not be.",
                  {{"model", name}, {"result", ok ? "success" : "failure"}})
        .add();
    metrics
        ->histogram("saker_model_load_seconds", "From the file to the warm model.",
                    {0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60}, {{"model", name}})
        .observe(seconds);
  }

  // Puts the new ones in the place of the old ones. A version that could not be loaded stays as it was, and with it
  // those that it would have replaced.
  void finish(const std::string& name, const Plan& plan, std::map<std::int64_t, Served> fresh,
              const std::map<std::int64_t, Error>& failed) {
    std::vector<Lease> old;
    {
      const std::unique_lock lock(mutex);
      Known& known = models[name];
      known.loading.clear();
      known.failed.clear();
      for (const auto& [version, error] : failed) known.failed[version] = error.message;
      for (auto& [version, served] : fresh) std::swap(known.served[version], served);
      for (auto& [version, served] : fresh) old.push_back(std::move(served.model));
      for (auto at = known.served.begin(); failed.empty() && at != known.served.end();) {
        if (plan.versions.contains(at->first)) {
          ++at;
        } else {
          old.push_back(std::move(at->second.model));
          at = known.served.erase(at);
        }
      }
      count_ready();
    }
    retire(old);
    for (const auto& [version, error] : failed) forget_metrics(name, version);
  }

  // With the mutex held.
  void count_ready() {
    std::size_t count = 0;
    for (const auto& [name, known] : models) count += known.served.size();
    ready_count.store(count);
  }

  void retire(std::vector<Lease>& old) {
    const Time latest = std::chrono::steady_clock::now() + options.drain;
    for (Lease& model : old) {
      if (model) retired.retire(std::move(model), latest);
    }
  }

  // What a version that has gone, or never came, counted is shown no more, unless another one counts on.
  void forget_metrics(const std::string& name, std::int64_t version) {
    if (metrics == nullptr) return;
    const std::shared_lock lock(mutex);
    if (const auto known = models.find(name); known != models.end()) {
      if (known->second.served.contains(version) || known->second.loading.contains(version)) return;
    }
    metrics->remove({{"model", name}, {"version", std::to_string(version)}});
  }

  Status unload_one(const std::string& name, bool forget) {
    std::vector<Lease> old;
    {
      const std::unique_lock lock(mutex);
      const auto known = models.find(name);
      if (known == models.end()) return Error{ErrorCode::kNotFound, no_model(name)};
      for (auto& [version, served] : known->second.served) old.push_back(std::move(served.model));
      known->second = {};
      known->second.wanted = false;
      known->second.reason = "it was unloaded";
      if (forget) models.erase(known);
      count_ready();
    }
    retire(old);
    return {};
  }

  // With the mutex held.
  std::string no_model(const std::string& name) const {
    std::string all;
    for (const auto& [known, what] : models) {
      if (!what.served.empty()) all += (all.empty() ? "" : ", ") + known;
    }
    return fmt::format("there is no model {}; {}", printable_name(name),
                       all.empty() ? "none is loaded" : fmt::format("there are {}", all));
  }

  Outcome<std::shared_ptr<ServedModel>> find(const std::string& name, std::int64_t version) const {
    const std::shared_lock lock(mutex);
    const auto found = models.find(name);
    if (found == models.end()) return Refusal{Reason::kNotFound, no_model(name)};
    const Known& known = found->second;
    if (known.served.empty()) {
      if (!known.loading.empty()) return Refusal{Reason::kUnavailable, fmt::format("{} is being loaded", name), 1};
      if (!known.wanted) return Refusal{Reason::kNotFound, no_model(name) + fmt::format("; {} was unloaded", name)};
      return Refusal{Reason::kUnavailable, fmt::format("{} could not be loaded: {}", name, why(known))};
    }
    if (version == 0) return known.served.rbegin()->second.model;
    if (const auto served = known.served.find(version); served != known.served.end()) return served->second.model;
    if (known.loading.contains(version))
      return Refusal{Reason::kUnavailable, fmt::format("{} version {} is being loaded", name, version), 1};
    std::string all;
    for (const auto& [number, served] : known.served) all += fmt::format("{}{}", all.empty() ? "" : ", ", number);
    return Refusal{Reason::kNotFound, fmt::format("{} has no version {}; it has {}", name, version, all)};
  }

  static std::string why(const Known& known) {
    return known.failed.empty() ? known.reason : known.failed.begin()->second;
  }

  Result<std::vector<std::string>> names(std::vector<std::string>& lines) {
    std::vector<std::string> all;
    for (const auto& [name, path] : options.files) all.push_back(name);
    if (options.folder.empty()) return all;
    SAKER_ASSIGN(const FolderNames found, names_in(options.folder));
    for (const std::string& line : found.skipped) {
      if (told.insert(line).second) lines.push_back("skipped " + line);
    }
    for (const std::string& name : found.models) {
      const bool twice = options.files.contains(name);
      if (!twice) all.push_back(name);
      if (twice && told.insert(name).second)
        lines.push_back(fmt::format("skipped {}: a file has been given that name", (options.folder / name).string()));
    }
    return all;
  }

  // Loads what has changed and was the same the last time.
  void poll_name(const std::string& name, std::vector<std::string>& lines) {
    Watched& watch = watched[name];
    const std::string now = stamp(name);
    const bool settled = now == watch.seen;
    watch.seen = now;
    if (now == watch.tried || !settled || (now.empty() && options.files.contains(name))) return;
    const auto before = versions(name);
    const Status status = load_one(name, Which::kChanged);
    if (status.ok()) {
      lines.push_back(fmt::format("loaded {}: version {}", name, listed(versions(name))));
      return;
    }
    lines.push_back(fmt::format("could not load {}: {}{}", name, status.error().message,
                                before.empty() ? "" : fmt::format("; version {} is served on", listed(before))));
  }

  std::vector<std::int64_t> versions(const std::string& name) const {
    const std::shared_lock lock(mutex);
    std::vector<std::int64_t> all;
    if (const auto known = models.find(name); known != models.end()) {
      for (const auto& [version, served] : known->second.served) all.push_back(version);
    }
    return all;
  }

  static std::string listed(const std::vector<std::int64_t>& versions) {
    std::string all;
    for (const std::int64_t version : versions) all += fmt::format("{}{}", all.empty() ? "" : ", ", version);
    return all;
  }

  // Those whose folders have gone, twice in a row.
  void poll_removed(const std::vector<std::string>& names, std::vector<std::string>& lines) {
    for (auto at = watched.begin(); at != watched.end();) {
      const std::string name = at->first;
      if (std::ranges::find(names, name) != names.end()) {
        ++at;
        continue;
      }
      if (!at->second.seen.empty()) {
        at->second.seen.clear();
        ++at;
        continue;
      }
      at = watched.erase(at);
      if (unload_one(name, true).ok()) lines.push_back(fmt::format("unloaded {}: its folder has gone", name));
    }
  }
};

Repository::Repository(const RepositoryOptions& options, Scheduler& scheduler, MetricRegistry* metrics)
    : state_(std::make_unique<State>(options, scheduler, metrics)) {}

Repository::~Repository() {
  drain_all(std::chrono::steady_clock::now() + state_->options.drain);
  if (state_->metrics != nullptr) state_->metrics->gauge("saker_models_ready", "", {}, [] { return 0.0; });
}

Status Repository::load_all() {
  const std::lock_guard loading(state_->loading);
  std::vector<std::string> lines;
  const auto names = state_->names(lines);
  Status first = names.ok() ? Status() : names.error();
  for (const std::string& name : names.ok() ? *names : std::vector<std::string>()) {
    const Status status = state_->load_one(name, Which::kAll);
    if (first.ok()) first = status;
  }
  if (first.ok() && !lines.empty()) first = Error{ErrorCode::kInvalid, lines[0]};
  const std::unique_lock lock(state_->mutex);
  state_->loaded = true;
  return first;
}

Status Repository::load(const std::string& name) {
  const std::lock_guard loading(state_->loading);
  return state_->load_one(name, Which::kAll);
}

Status Repository::unload(const std::string& name) {
  const std::lock_guard loading(state_->loading);
  return state_->unload_one(name, false);
}

std::vector<std::string> Repository::poll() {
  const std::lock_guard loading(state_->loading);
  std::vector<std::string> lines;
  const auto names = state_->names(lines);
  if (!names.ok()) {  // a folder that is away for a while is no reason to unload everything
    if (state_->told.insert(names.error().message).second) lines.push_back(names.error().message);
    return lines;
  }
  for (const std::string& name : *names) state_->poll_name(name, lines);
  state_->poll_removed(*names, lines);
  return lines;
}

Outcome<std::shared_ptr<ServedModel>> Repository::find(const std::string& name, std::int64_t version) const {
  return state_->find(name, version);
}

Outcome<std::shared_ptr<ServedModel>> Repository::only() const {
  std::string first;
  {
    const std::shared_lock lock(state_->mutex);
    if (state_->models.empty()) return Refusal{Reason::kNotFound, "no model is loaded"};
    const auto served = std::ranges::find_if(state_->models, [](const auto& m) { return !m.second.served.empty(); });
    first = served == state_->models.end() ? state_->models.begin()->first : served->first;
  }
  return state_->find(first, 0);
}

std::vector<RepositoryEntry> Repository::index() const {
  const std::shared_lock lock(state_->mutex);
  std::vector<RepositoryEntry> all;
  for (const auto& [name, known] : state_->models) {
    std::map<std::int64_t, RepositoryEntry> versions;
    for (const std::int64_t version : known.loading) versions[version] = {name, version, "LOADING", ""};
    for (const auto& [version, why] : known.failed) versions[version] = {name, version, "UNAVAILABLE", why};
    for (const auto& [version, served] : known.served) {
      versions[version].name = name, versions[version].version = version;
      versions[version].state = "READY";  // though a newer file of it may have failed: then it has the reason
    }
    if (versions.empty()) versions[0] = {name, 0, "UNAVAILABLE", known.reason};
    for (auto& [version, entry] : versions) all.push_back(std::move(entry));
  }
  return all;
}

std::vector<std::shared_ptr<ServedModel>> Repository::ready() const {
  const std::shared_lock lock(state_->mutex);
  std::vector<std::shared_ptr<ServedModel>> all;
  for (const auto& [name, known] : state_->models) {
    for (const auto& [version, served] : known.served) all.push_back(served.model);
  }
  return all;
}

bool Repository::all_ready() const {
  const std::shared_lock lock(state_->mutex);
  return state_->loaded && !state_->draining && std::ranges::all_of(state_->models, [](const auto& model) {
           return !model.second.wanted || !model.second.served.empty();
         });
}

void Repository::drain_all(Time until) {
  {
    const std::unique_lock lock(state_->mutex);
    state_->draining = true;
  }
  const std::lock_guard loading(state_->loading);  // a load that runs is waited for; no other begins
  std::vector<Lease> all;
  {
    const std::unique_lock lock(state_->mutex);
    for (auto& [name, known] : state_->models) {
      for (auto& [version, served] : known.served) all.push_back(std::move(served.model));
      known.served.clear();
    }
    state_->count_ready();
  }
  for (Lease& model : all) state_->retired.retire(std::move(model), until);
  state_->retired.finish(until);
}

}  // namespace saker::serve
