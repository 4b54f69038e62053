// The machine a benchmark ran on: what somebody needs to know before comparing the figures with others.
#include "measure/machine.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <charconv>
#include <ctime>
#include <fstream>
#include <optional>
#include <set>

#include "base/cpu.h"
#include "base/text.h"
#include "base/usable_cpus.h"
#include "base/version.h"

namespace saker {
namespace {

std::optional<std::string> first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  return std::string(trimmed(line));
}

Json text_or_null(const std::optional<std::string>& text) {
  return text && !text->empty() ? Json(*text) : Json(nullptr);
}

std::optional<double> parse_double(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  return value;
}

// The value of "key<separator> value" in a file of such lines.
std::optional<std::string> value_of(const std::string& path, const std::string& key, char separator) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const std::size_t at = line.find(separator);
    if (at == std::string::npos || trimmed(std::string_view(line).substr(0, at)) != key) continue;
    std::string value(trimmed(std::string_view(line).substr(at + 1)));
    if (value.size() > 1 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
    return value;
  }
  return std::nullopt;
}

// Distinct cores among the CPUs this process may use.
Json cores(const std::string& devices) {
  std::set<std::string> seen;
  for (const int cpu : cpus_in_mask()) {
    const std::string topology = fmt::format("{}/cpu{}/topology/", devices, cpu);
    const auto package = first_line(topology + "physical_package_id"), core = first_line(topology + "core_id");
    if (!package || !core) return nullptr;
    seen.insert(*package + ":" + *core);
  }
  return seen.empty() ? Json(nullptr) : Json(seen.size());
}

Json smt(const std::string& devices) {
  const auto active = first_line(devices + "/smt/active");
  return active ? Json(*active == "1") : Json(nullptr);
}

// {"L1d": "32K", "L2": "1024K", "L3": "33M"} of the first CPU.
Json caches(const std::string& devices) {
  Json found = Json::object();
  for (int i = 0; i < 10; ++i) {
    const std::string cache = fmt::format("{}/cpu0/cache/index{}/", devices, i);
    const auto level = first_line(cache + "level"), type = first_line(cache + "type"),
               size = first_line(cache + "size");
    if (!level || !size) break;
    const std::string suffix = type == "Data" ? "d" : type == "Instruction" ? "i" : "";
    found["L" + *level + suffix] = *size;
  }
  return found.empty() ? Json(nullptr) : found;
}

Json turbo(const std::string& devices) {
  if (const auto off = first_line(devices + "/intel_pstate/no_turbo")) return *off == "0";
  if (const auto boost = first_line(devices + "/cpufreq/boost")) return *boost == "1";
  return nullptr;
}

Json memory_megabytes(const std::string& root) {
  const auto text = value_of(root + "/proc/meminfo", "MemTotal", ':');
  const auto kibibytes = text ? parse_double(*text) : std::nullopt;
  return kibibytes ? Json(*kibibytes * 1024 / 1e6) : Json(nullptr);
}

Json load_average(const std::string& root) {
  const auto load = parse_double(first_line(root + "/proc/loadavg").value_or(""));
  return load ? Json(*load) : Json(nullptr);
}

Json kernel() {
  utsname names = {};
  if (::uname(&names) != 0) return nullptr;
  return fmt::format("{} {} {}", names.sysname, names.release, names.machine);
}

std::string now_utc() {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
}

}  // namespace

Json machine_json(const std::string& root) {
  const std::string devices = root + "/sys/devices/system/cpu";
  Json machine = Json::object();
  machine["cpu"] = text_or_null(value_of(root + "/proc/cpuinfo", "model name", ':'));
  machine["cpus"] = usable_cpus();
  machine["cores"] = cores(devices);
  machine["smt"] = smt(devices);
  machine["isa"] = isa_name(best_isa());
  machine["caches"] = caches(devices);
  machine["memory_mb"] = memory_megabytes(root);
  machine["governor"] = text_or_null(first_line(devices + "/cpu0/cpufreq/scaling_governor"));
  machine["turbo"] = turbo(devices);
  machine["microcode"] = text_or_null(value_of(root + "/proc/cpuinfo", "microcode", ':'));
  const std::optional<double> quota = cpu_quota(root);
  machine["container_cpus"] = quota ? Json(*quota) : Json(nullptr);
  machine["load_average"] = load_average(root);
  machine["kernel"] = kernel();
  machine["os"] = text_or_null(value_of(root + "/etc/os-release", "PRETTY_NAME", '='));
  machine["saker"] = version();
  machine["commit"] = text_or_null(std::string(commit()));
  machine["date"] = now_utc();
  return machine;
}

std::string machine_line(const Json& machine) {
  const auto text = [&](const char* key) {
    const Json& value = machine.at(key);
    return value.is_string() ? value.get<std::string>() : std::string("unknown");
  };
  std::string line = fmt::format("{}, {} CPUs", text("cpu"), machine.at("cpus").get<int>());
  if (machine.at("cores").is_number()) line += fmt::format(" on {} cores", machine.at("cores").get<int>());
  if (machine.at("container_cpus").is_number())
    line += fmt::format(" (limited to {:.1f})", machine.at("container_cpus").get<double>());
  line += fmt::format(", governor {}, saker {}", text("governor"), text("saker"));
  if (machine.at("commit").is_string()) line += fmt::format(" ({})", text("commit"));
  return line;
}

std::vector<std::string> machine_warnings(const Json& machine, int threads) {
  std::vector<std::string> warnings;
  const Json& governor = machine.at("governor");
  if (governor.is_string() && governor != "performance")
    warnings.push_back(
        fmt::format("the CPU governor is '{}': clocks may change while measuring", governor.get<std::string>()));
  const Json& limit = machine.at("container_cpus");
  if (limit.is_number() && limit.get<double>() < threads)
    warnings.push_back(fmt::format("this container may use {:.1f} CPUs, fewer than {} threads: it will be held up",
                                   limit.get<double>(), threads));
  const Json& load = machine.at("load_average");
  constexpr double kBusy = 0.5;  // of its CPUs
  if (load.is_number() && load.get<double>() > kBusy * machine.at("cpus").get<double>())
    warnings.push_back(fmt::format("other programs are running (load average {:.1f})", load.get<double>()));
  return warnings;
}

}  // namespace saker
