// saker backends: the engines that can run a model, and how to get those that are missing.
#include <fmt/format.h>
#include <saker/backend.h>

#include <algorithm>
#include <memory>

#include "command.h"
#include "facts.h"
#include "flags.h"
#include "output.h"
#include "report.h"

namespace saker::cli {
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  saker backends                           what is installed\n"
    "  saker detect yolov8n.onnx bus.jpg --backend openvino\n"
    "\n"
    "SAKER_BACKENDS names another folder with plug-ins.";

std::string table(const std::vector<BackendInfo>& backends) {
  std::size_t name = 7, version = 7, formats = 5;  // the headings
  for (const BackendInfo& backend : backends) {
    name = std::max(name, backend.name.size());
    version = std::max(version, backend.version.size());
    formats = std::max(formats, backend.formats.size());
  }
  const auto row = [&](const std::string& a, const std::string& b, const std::string& c, const std::string& d) {
    return fmt::format("{:<{}}  {:<{}}  {:<{}}  {}\n", a, name, b, version, c, formats, d);
  };
  std::string text = row("backend", "version", "files", "where"), missing;
  for (const BackendInfo& backend : backends) {
    const std::string where = backend.file.empty() ? "built in" : backend.file;
    text += backend.installed ? row(backend.name, backend.version, backend.formats, where)
                              : row(backend.name, "-", backend.formats, "not available");
    if (!backend.installed) missing += "\n" + backend.remedy + "\n";
  }
  return text + missing;
}

Json to_json(const std::vector<BackendInfo>& backends) {
  Json list = Json::array();
  for (const BackendInfo& backend : backends) {
    list.push_back({{"name", backend.name},
                    {"installed", backend.installed},
                    {"version", backend.version},
                    {"formats", backend.formats},
                    {"file", backend.file},
                    {"remedy", backend.remedy}});
  }
  return {{"backends", list}};
}

int run_backends(const std::string& json) {
  if (auto status = check_json(json); !status.ok()) return usage_error("backends", status.error().message);
  const std::vector<BackendInfo> backends = list_backends();
  if (!json.empty()) {
    if (auto status = write_output(json, dump(to_json(backends))); !status.ok()) return fail(status.error());
  }
  if (json != "-") {
    if (auto status = show(table(backends)); !status.ok()) return fail(status.error());
  }
  return kSuccess;
}

}  // namespace

std::function<int()> add_backends(CLI::App& app) {
  auto json = std::make_shared<std::string>();
  add_json(app, *json);
  app.footer(kExamples);
  return [json] { return run_backends(*json); };
}

}  // namespace saker::cli
