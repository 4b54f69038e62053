#include "serve_flags.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "base/try.h"
#include "flags.h"

namespace saker::cli {
namespace {

using serve::Setting;
using serve::Settings;

constexpr const char* kExamples =
    "Examples:\n"
    "  saker serve --model yolov8n.onnx\n"
    "  saker serve --model signs=models/signs.int8.onnx --model yolov8n.onnx --port 9000\n"
    "  saker serve --repository models/ --poll 2 --host 0.0.0.0 --token-file token\n"
    "  saker serve --model yolov8n.onnx --tune --latency-budget 50\n"
    "  saker serve --model yolov8n.onnx --camera yard=rtsp://10.0.0.7/stream --camera-track\n"
    "  saker serve --config /etc/saker/serve.yaml\n"
    "  curl --data-binary @bus.jpg http://127.0.0.1:8080/v1/detect\n"
    "\n"
    "Signals: SIGTERM and SIGINT answer what was accepted and end, a second one ends at once; SIGHUP looks for\n"
    "changed models and reads tokens and certificates again. Exit code: 0 ended when told; 1 failed; 2 wrong flags. "
    "More: docs/how-to/serve.md";

struct Given {
  std::string config;
  std::vector<std::pair<const Setting*, std::string>> values;  // in order
};

std::string flag_of(const Setting& setting) {
  std::string flag = setting.name;
  std::ranges::replace(flag, '_', '-');
  return "--" + flag;
}

CLI::Validator value_of(const Setting& setting) {
  return CLI::Validator(
      [&setting](std::string& text) {
        Settings scratch;
        const Status status = apply(scratch, setting, text);
        return status.ok() ? std::string() : status.error().message;
      },
      "");
}

void add(CLI::App& app, const Setting& setting, Given& given) {
  Settings scratch;
  const serve::Place place = setting.place(scratch);
  const std::string flag = flag_of(setting);
  if (const auto* const truth = std::get_if<bool*>(&place)) {
    // The help shows the one that changes something.
    const auto add_flag = [&](const std::string& name, const char* value) {
      const bool changes = (std::string_view(value) == "true") != **truth;
      const std::string what = **truth ? fmt::format("without {}", setting.what) : setting.what;
      app.add_flag_callback(
             name, [&given, &setting, value] { given.values.emplace_back(&setting, value); }, what)
          ->group(changes ? setting.group : "");
    };
    add_flag(flag, "true");
    add_flag("--no-" + flag.substr(2), "false");
    return;
  }
  const auto take = [&given, &setting](const std::vector<std::string>& values) {
    for (const std::string& value : values) given.values.emplace_back(&setting, value);
  };
  app.add_option_function<std::vector<std::string>>(flag, take, setting.what)
      ->option_text(setting.value)
      ->type_name(setting.value)
      ->allow_extra_args(false)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->check(value_of(setting))
      ->group(setting.group);
}

Result<Settings> combine(const Given& given) {
  Settings settings;
  if (!given.config.empty()) SAKER_TRY(read_settings(given.config, settings));
  std::set<const Setting*> begun;
  for (const auto& [setting, value] : given.values) {
    const serve::Place place = setting->place(settings);
    // A list of flags takes the place of the file's.
    if (auto* const* list = std::get_if<std::vector<std::string>*>(&place)) {
      if (begun.insert(setting).second) (*list)->clear();
    }
    SAKER_TRY(apply(settings, *setting, value));
  }
  SAKER_TRY(check(settings));
  return settings;
}

}  // namespace

std::function<Result<Settings>()> add_serve_flags(CLI::App& app) {
  const auto given = std::make_shared<Given>();
  add_value(app, "--config", "FILE", given->config, "YAML with any of these flags as keys, _ for -; flags win");
  for (const Setting& setting : serve::settings_table()) add(app, setting, *given);
  app.footer(kExamples);
  return [given] { return combine(*given); };
}

std::string serve_flags_in(const Error& error) {
  std::string text = error.message;
  if (error.setting.empty()) return text;
  for (const Setting& setting : serve::settings_table()) {
    const std::string named = fmt::format("`{}`", setting.name);
    for (std::size_t at = 0; (at = text.find(named, at)) != std::string::npos;) {
      const std::string flag = flag_of(setting);
      text.replace(at, named.size(), flag);
      at += flag.size();
    }
  }
  return text;
}

}  // namespace saker::cli
