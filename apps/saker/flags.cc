// Reading flags: numbers with bounds, sizes, the one --json of all commands, and the look of --help.
#include "flags.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <limits>

#include "api/input_shapes.h"
#include "base/cpu.h"
#include "base/files.h"
#include "base/nearest.h"
#include "base/text.h"
#include "report.h"

namespace saker::cli {
namespace {

constexpr std::int64_t kLargest = 8192;  // pixels of a side

CLI::Validator validator(std::function<std::string(std::string&)> check) {
  CLI::Validator result(std::move(check), "");
  return result;
}

class HelpFormatter : public CLI::Formatter {
 public:
  explicit HelpFormatter(std::string usage) : usage_(std::move(usage)) {
    column_width(30);
    label("Positionals", "Arguments");
  }
  std::string make_usage(const CLI::App* /*app*/, std::string /*name*/) const override {
    return "\nUsage: " + usage_ + "\n";
  }
  std::string make_option_opts(const CLI::Option* option) const override {
    return option->get_option_text().empty() ? "" : " " + option->get_option_text();
  }
  // As the original, without its doubled empty lines.
  std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode /*mode*/) const override {
    std::string text = app->get_description() + "\n" + make_usage(app, std::move(name)) + make_positionals(app);
    for (const std::string& group : app->get_groups()) {
      const auto options = app->get_options(
          [&](const CLI::Option* option) { return option->get_group() == group && option->nonpositional(); });
      if (!group.empty() && !options.empty()) text += make_group(group, false, options);
    }
    return text + "\n" + make_footer(app);
  }

 private:
  std::string usage_;
};

}  // namespace

CLI::Validator number_between(double low, double high) {
  return validator([=](std::string& text) {
    const auto value = parse_number(text);
    if (!value) return fmt::format("'{}' is not a number", text);
    if (*value < low || *value > high) return fmt::format("{} is not between {} and {}", text, low, high);
    return std::string();
  });
}

CLI::Validator whole_number(std::int64_t low, std::int64_t high) {
  return validator([=](std::string& text) {
    const auto value = parse_whole(text);
    if (!value) return fmt::format("'{}' is not a whole number", text);
    if (*value < low || *value > high) return fmt::format("{} is not between {} and {}", text, low, high);
    return std::string();
  });
}

std::optional<Size> parse_size(std::string_view text) {
  const auto parts = split(text, text.find('x') != std::string_view::npos ? 'x' : ',');
  if (parts.size() > 2) return std::nullopt;
  const auto height = parse_whole(parts.front()), width = parse_whole(parts.back());
  if (!height || !width || *height < 1 || *width < 1 || *height > kLargest || *width > kLargest) return std::nullopt;
  return Size{static_cast<int>(*height), static_cast<int>(*width)};
}

std::optional<std::array<float, 3>> parse_triple(std::string_view text) {
  const auto parts = split(text, ',');
  if (parts.size() != 3 && parts.size() != 1) return std::nullopt;
  std::array<float, 3> triple = {};
  for (std::size_t i = 0; i < 3; ++i) {
    const auto value = parse_number(trimmed(parts.size() == 1 ? parts[0] : parts[i]));
    if (!value) return std::nullopt;
    triple[i] = static_cast<float>(*value);
  }
  return triple;
}

CLI::Validator one_of(std::vector<std::string> names) {
  return CLI::Validator(
      [names = std::move(names)](std::string& text) {
        std::string all;
        for (const std::string& name : names) {
          if (text == name) return std::string();
          all += (all.empty() ? "" : ", ") + name;
        }
        return fmt::format("'{}' is not one of {}", text, all);
      },
      "");
}

CLI::Option* add_repeated(CLI::App& app, const std::string& flag, const std::string& value,
                          std::vector<std::string>& target, const std::string& what) {
  return app.add_option(flag, target, what)
      ->option_text(value)
      ->type_name(value)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

CLI::Option* add_list(CLI::App& app, const std::string& flag, const std::string& value,
                      std::vector<std::string>& target, const std::string& what) {
  return add_repeated(app, flag, value, target, what)->delimiter(',');
}

void add_seed(CLI::App& app, std::uint64_t& seed) {
  add_value(app, "--seed", "N", seed, fmt::format("another number, another choice [{}]", seed))
      ->check(whole_number(0, std::numeric_limits<std::int64_t>::max()));
}

void add_size(CLI::App& app, Size& size, const std::string& flag, const std::string& what) {
  app.add_option_function<std::string>(
         flag, [&size](const std::string& text) { size = *parse_size(text); }, what)
      ->option_text("H[xW]")
      ->type_name("H[xW]")
      ->take_last()
      ->check(validator([](std::string& text) {
        if (parse_size(text)) return std::string();
        return fmt::format("'{}' is not a size: write 640, or height x width as in 480x640, each 1 to {}", text,
                           kLargest);
      }));
}

void add_backend(CLI::App& app, std::string& backend, std::string& precision) {
  add_value(app, "--backend", "NAME", backend,
            "the engine: saker, onnxruntime, openvino, torchscript, or auto: saker, or the\n"
            "first installed one that takes what saker lacks and survives a trial of at most 8 s\n"
            "(one more for each 10 MB) in a process of its own [" +
                backend + "]")
      ->check(one_of({"auto", "saker", "onnxruntime", "openvino", "torchscript"}));
  add_value(app, "--precision", "NAME", precision, kPrecisionHelp)->check(precision_name());
}

const char* const kPrecisionHelp =
    "arithmetic of float models: f32; bf16 (saker: convolutions where it is estimated faster,\n"
    "on CPUs with AVX512_BF16); f16; auto: the engine's choice (saker: bf16 where the CPU gains,\n"
    "as measured at mAP within 0.2; else f32) [f32]";

CLI::Validator precision_name() {
  return one_of({"f32", "bf16", "f16", "auto"});
}

void add_shapes(CLI::App& app, std::vector<std::string>& named) {
  add_list(app, "--shape", "INPUT=NxCxHxW", named, "shape of an input that the model leaves open; repeatable")
      ->check(validator([](std::string& text) {
        const auto shapes = parse_shapes({text});
        return shapes.ok() ? std::string() : fmt::format("'{}': write input=1x3x640x640", text);
      }));
}

CLI::Validator input_values_text() {
  return validator([](std::string& text) {
    return parse_values({text}).ok() ? std::string() : fmt::format("'{}': write name=1,2.5", text);
  });
}

void add_isa(CLI::App& app, std::string& isa) {
  add_value(app, "--isa", "LEVEL", isa, isa_names() + " [the best of this CPU]")
      ->check(validator([](std::string& text) {
        return find_isa(text) ? std::string() : fmt::format("no level '{}': use {}", text, isa_names());
      }));
}

void add_kernel_choice(CLI::App& app, bool& low_memory, bool& autotune) {
  app.add_flag("--low-memory", low_memory, "saker: slower kernels where the fast ones keep larger weights");
  app.add_flag("--autotune", autotune,
               "saker: measure the ways to run each convolution, not only estimate them;\n"
               "seconds the first time, then kept in the cache folder");
}

CLI::Option* add_json(CLI::App& app, std::string& target) {
  return app.add_option("--json", target, "JSON to FILE, or to stdout and nothing else there")
      ->option_text("[FILE]")
      ->type_name("FILE")
      ->expected(0, 1)
      ->take_last()
      ->default_str("-");
}

Status check_json(const std::string& target) {
  if (target.empty() || target == "-" || is_special(target)) return {};
  std::error_code ignored;
  const bool named_json = target.ends_with(".json") || target.ends_with(".jsonl");
  if (named_json || !std::filesystem::is_regular_file(target, ignored)) return {};
  const int first = std::ifstream(target).get();
  if (first == '{' || first == '[' || first == std::ifstream::traits_type::eof()) return {};
  return Error{ErrorCode::kInvalid,
               fmt::format("--json would overwrite {}, which is not JSON\nfor JSON on stdout put --json last, or write "
                           "--json=- ; for a file use a name that ends in .json",
                           target)};
}

std::string lost_value(const CLI::Option& option, const std::string& flag, const std::string& value) {
  constexpr std::array<std::pair<std::string_view, const char*>, 5> kPaths = {{{"FILE", "a file"},
                                                                               {"DIR", "a folder"},
                                                                               {"FOLDER", "a folder"},
                                                                               {"PATH", "a path"},
                                                                               {"DATA", "a file or folder"}}};
  if (option.get_delimiter() == ',' && value.find_first_not_of(',') == std::string::npos)
    return fmt::format("{} {}: empty name", flag, value);
  if (!value.empty()) return "";
  const std::string type = option.get_type_name();
  const auto path = std::ranges::find(kPaths, type, &std::pair<std::string_view, const char*>::first);
  return path == kPaths.end() ? "" : fmt::format("{} needs {}", flag, path->second);
}

std::string wrong_flag(const CLI::App& app, const std::vector<std::string>& words) {
  std::vector<std::string> known;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) known.push_back(name);
  }
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--") break;
    const bool letter = word.size() > 1 && (word[1] == '-' || (word[1] >= 'A' && word[1] <= 'z'));
    if (word.size() < 2 || word[0] != '-' || !letter) continue;
    const std::string flag = word.substr(0, word.find('='));
    const CLI::Option* option = app.get_option_no_throw(flag);
    if (option != nullptr) {
      const bool joined = flag.size() < word.size();
      const bool has_value = joined || i + 1 < words.size();
      if (has_value) {
        const std::string lost = lost_value(*option, flag, joined ? word.substr(flag.size() + 1) : words[i + 1]);
        if (!lost.empty()) return lost;
      }
      if (!joined && option->get_items_expected_min() > 0) ++i;  // its value
      continue;
    }
    const auto similar = nearest(flag.substr(flag.find_first_not_of('-')), known);
    return fmt::format("unknown flag {}{}", flag, similar ? fmt::format(": did you mean --{}?", *similar) : "");
  }
  return "";
}

void style_help(CLI::App& app, const std::string& usage) {
  app.formatter(std::make_shared<HelpFormatter>(usage));
  app.set_help_flag("-h,--help", "this text");
}

}  // namespace saker::cli
