// saker pull: official weights by name, kept in a cache and known by their hash.
#include <fmt/format.h>

#include <memory>

#include "base/nearest.h"
#include "base/try.h"
#include "command.h"
#include "flags.h"
#include "output.h"
#include "pull/cache.h"
#include "pull/catalog.h"
#include "pull/download.h"
#include "pull/lock_file.h"
#include "report.h"

namespace saker::cli {
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  saker pull --list\n"
    "  saker pull yolox_nano                                into the current folder\n"
    "  saker detect $(saker pull yolox_nano) bus.jpg        the file's path goes to stdout\n"
    "  saker pull yolov5n.onnx --out models/\n"
    "  saker pull --url https://example.org/best.onnx --name doors.onnx\n"
    "  saker pull yolox_nano --mirror file:///mnt/mirror\n"
    "\n"
    "A mirror has the files under the same paths: the example's last line reads\n"
    "/mnt/mirror/Megvii-BaseDetection/YOLOX/releases/download/0.1.1rc0/yolox_nano.onnx.\n"
    "Files are kept in SAKER_CACHE [~/.cache/saker]; saker-pull.lock there has their hashes. The first time, a file\n"
    "without a known hash is trusted; a different one under the same name is refused from then on.";

struct PullFlags {
  std::string name, url, out, mirror, sha256;
  bool list = false, force = false;
};

Error unknown_name(const std::string& name) {
  std::vector<std::string> known;
  for (const CatalogEntry& entry : catalog()) {
    known.emplace_back(entry.file);
    known.emplace_back(entry.file.substr(0, entry.file.rfind('.')));
  }
  const auto similar = nearest(name, known);
  return {ErrorCode::kNotFound,
          fmt::format("no weights are known as '{}'{}\nsaker pull --list shows the names; --url fetches any file", name,
                      similar ? fmt::format(": did you mean {}?", *similar) : "")};
}

Result<Wanted> from_catalog(const std::string& name) {
  const CatalogEntry* entry = find_weights(name);
  if (entry == nullptr) return unknown_name(name);
  const Release& release = *entry->release;
  return Wanted{std::string(entry->file), fmt::format("{}{}", release.files, entry->file), std::string(release.licence),
                std::string(release.repository), std::string(entry->sha256)};
}

// --url with --name, or with the last part of the address for a name.
Result<Wanted> from_url(const PullFlags& flags) {
  Wanted wanted;
  SAKER_ASSIGN(wanted.url, check_url(flags.url));
  wanted.name = flags.name;
  if (wanted.name.empty()) {
    wanted.name = wanted.url.substr(0, wanted.url.find_first_of("?#"));
    wanted.name.erase(0, wanted.name.rfind('/') + 1);
  }
  if (!is_plain_name(wanted.name))
    return Error{
        ErrorCode::kInvalid,
        fmt::format("'{}' cannot be a file's name here: use letters, digits, '.', '_' and '-' (--name)", wanted.name)};
  if (find_weights(wanted.name) != nullptr)
    return Error{ErrorCode::kInvalid, fmt::format("{} is the name of other weights (saker pull --list): give the file "
                                                  "its own with --name",
                                                  wanted.name)};
  return wanted;
}

Result<std::string> pull(const PullFlags& flags, Wanted wanted) {
  if (!flags.sha256.empty()) wanted.sha256 = flags.sha256;
  const std::string target = target_of(flags.out, wanted.name);
  if (flags.out.ends_with('/')) SAKER_TRY(check_folder("--out", flags.out));
  SAKER_TRY(check_output("--out", target));
  SAKER_ASSIGN(Cache cache, Cache::open([](const std::string& line) { say(line); }));
  if (wanted.licence.empty()) {
    say(fmt::format("{}: licence unknown; ask whoever publishes it", wanted.name));
  } else {
    say(fmt::format("{}: licence {}, see {}", wanted.name, wanted.licence, wanted.repository));
  }
  SAKER_ASSIGN(const std::string cached, cache.provide(wanted, flags.mirror));
  SAKER_TRY(copy_out(cached, target, flags.force));
  if (target.ends_with(".pt")) say("these are PyTorch weights: export them to ONNX with the framework that made them");
  return target;
}

std::string list_text() {
  std::string text = fmt::format("{:<20}{:<14}{}\n", "NAME", "LICENCE", "FROM");
  for (const CatalogEntry& entry : catalog()) {
    text += fmt::format("{:<20}{:<14}{}{}\n", entry.file, entry.release->licence, entry.release->files, entry.file);
  }
  return text;
}

int run_pull(PullFlags flags) {
  if (flags.list) {
    if (auto status = show(list_text()); !status.ok()) return fail(status.error());
    return kSuccess;
  }
  if (flags.name.empty() && flags.url.empty())
    return usage_error("pull", "NAME is missing: saker pull --list shows the names");
  if (!flags.sha256.empty() && !is_sha256(flags.sha256))
    return usage_error("pull", "--sha256: 64 hexadecimal digits in lower case are wanted, as sha256sum prints them");
  if (!flags.mirror.empty()) {
    auto mirror = check_url(flags.mirror);
    if (!mirror.ok()) return usage_error("pull", "--mirror: " + mirror.error().message);
    flags.mirror = *mirror;
  }
  auto wanted = flags.url.empty() ? from_catalog(flags.name) : from_url(flags);
  if (!wanted.ok() && !flags.url.empty()) return usage_error("pull", "--url: " + wanted.error().message);
  if (!wanted.ok()) return fail(wanted.error());
  auto path = pull(flags, *wanted);
  if (!path.ok()) {
    Error error = path.error();  // may name several of its options
    for (const char* setting : {"name", "out", "replace", "sha256"}) error.message = in_flags(error.message, setting);
    return fail(error);
  }
  if (auto status = write_output("-", *path + "\n"); !status.ok()) return fail(status.error());
  return kSuccess;
}

}  // namespace

std::function<int()> add_pull(CLI::App& app) {
  auto flags = std::make_shared<PullFlags>();
  auto* name = app.add_option("NAME", flags->name, "weights that --list shows; the ending may be left out");
  name->option_text(" ");
  app.add_flag("--list", flags->list, "the names, with licences and addresses");
  add_value(app, "--out", "PATH", flags->out, "a file, or a folder [the current folder]");
  app.add_flag("--force", flags->force, "replace another file that is there already");
  add_value(app, "--url", "URL", flags->url, "any file instead (https:// or file://)")->excludes(name);
  add_value(app, "--name", "NAME", flags->name, "what the file of --url is called [as in its address]")->excludes(name);
  add_value(app, "--mirror", "URL", flags->mirror, "fetch from here (https:// or file://) instead of the usual host");
  add_value(app, "--sha256", "HASH", flags->sha256, "the hash the file must have, whatever is recorded");
  app.footer(kExamples);
  return [flags] { return run_pull(*flags); };
}

}  // namespace saker::cli
