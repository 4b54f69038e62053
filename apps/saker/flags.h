// Reading flags: numbers with bounds, sizes, the one --json of all commands, and the look of --help.
#pragma once

#include <saker/result.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace saker::cli {

CLI::Validator number_between(double low, double high);
CLI::Validator whole_number(std::int64_t low, std::int64_t high);
CLI::Validator one_of(std::vector<std::string> names);

struct Size {
  int height = 0, width = 0;  // 0: not given
};

// "640" or "480x640" (height x width).
std::optional<Size> parse_size(std::string_view text);
// "a,b,c", or one number for all three.
std::optional<std::array<float, 3>> parse_triple(std::string_view text);

// Adds an option that takes one value and shows `value` for it in the help.
template <typename T>
CLI::Option* add_value(CLI::App& app, const std::string& flag, const std::string& value, T& target,
                       const std::string& what) {
  return app.add_option(flag, target, what)->option_text(value)->type_name(value)->take_last();
}
// One that may be repeated, each time with one value.
CLI::Option* add_repeated(CLI::App& app, const std::string& flag, const std::string& value,
                          std::vector<std::string>& target, const std::string& what);
// The same with values joined by commas.
CLI::Option* add_list(CLI::App& app, const std::string& flag, const std::string& value,
                      std::vector<std::string>& target, const std::string& what);
constexpr const char* kSizeFlag = "--imgsz,--img,--img-size";  // the training frameworks' names for it
void add_size(CLI::App& app, Size& size, const std::string& flag = kSizeFlag,
              const std::string& what = "size of the model's input, for models that leave it open");
void add_seed(CLI::App& app, std::uint64_t& seed);
// Adds --backend and --precision.
void add_backend(CLI::App& app, std::string& backend, std::string& precision);
extern const char* const kPrecisionHelp;  // of --precision, one or several
CLI::Validator precision_name();
// Adds --shape.
void add_shapes(CLI::App& app, std::vector<std::string>& named);
// Of texts such as size=640,640.
CLI::Validator input_values_text();
void add_isa(CLI::App& app, std::string& isa);
// Adds --low-memory and --autotune.
void add_kernel_choice(CLI::App& app, bool& low_memory, bool& autotune);

// --json [FILE]: empty when not given, "-" for stdout, else the file.
CLI::Option* add_json(CLI::App& app, std::string& target);
// The word after --json was taken as FILE: refuses one that exists and is not JSON, such as a picture or the model.
Status check_json(const std::string& target);

// What is wrong with an empty value, which CLI11 takes for none: the path of an unset variable, a list of commas.
// Empty: nothing is.
std::string lost_value(const CLI::Option& option, const std::string& flag, const std::string& value);

// The words after the subcommand, checked for what CLI11 would complain about in what follows: flags it does not have,
// of which it knows no similar names, and values of which it sees nothing. Empty: nothing is wrong.
std::string wrong_flag(const CLI::App& app, const std::vector<std::string>& words);

void style_help(CLI::App& app, const std::string& usage);

}  // namespace saker::cli
