// The saker command: finds the subcommand, parses its flags, runs it.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "base/nearest.h"
#include "base/temporary.h"
#include "command.h"
#include "flags.h"
#include "output.h"
#include "report.h"

namespace saker::cli {
namespace {

constexpr std::array kCommands = {
    Command{"detect", "find objects in pictures", "saker detect MODEL SOURCE... [FLAGS]", add_detect},
    Command{"annotate", "draw boxes on videos, cameras' streams and pictures",
            "saker annotate MODEL --source SOURCE... [FLAGS]", add_annotate},
    Command{"eval", "measure how good its boxes are", "saker eval MODEL --data DATA [FLAGS]", add_eval},
    Command{"bench", "measure the speed and memory of models and engines", "saker bench MODEL... [FLAGS]", add_bench},
    Command{"compare", "size, speed, memory and accuracy side by side", "saker compare MODEL... [FLAGS]", add_compare},
    Command{"memory", "show what a model takes in RAM", "saker memory MODEL... [FLAGS]", add_memory},
    Command{"tune", "find the streams, threads and batch that suit a model on this machine", "saker tune MODEL [FLAGS]",
            add_tune},
    Command{"inspect", "show what a model is and what becomes of it", "saker inspect MODEL [FLAGS]", add_inspect},
    Command{"quantize", "make an 8-bit model from a float one and pictures",
            "saker quantize MODEL --data-dir FOLDER --out FILE [FLAGS]", add_quantize},
    Command{"sparsify", "make most of a model's weights zero, without training",
            "saker sparsify MODEL --sparsity SHARE --out FILE [FLAGS]", add_sparsify},
    Command{"export", "turn a checkpoint or model into a file of another format", "saker export MODEL [FLAGS]",
            add_export},
    Command{"train", "train a detector on labelled pictures", "saker train --data DATA --model MODEL [FLAGS]", nullptr},
    Command{"serve", "answer detection requests over HTTP", "saker serve --model FILE [FLAGS]", nullptr},
    Command{"loadtest", "measure how fast a server answers", "saker loadtest URL [FLAGS]", nullptr},
    Command{"doctor", "find what is wrong with an 8-bit model", "saker doctor MODEL [FLAGS]", add_doctor},
    Command{"backends", "list the engines that can run a model", "saker backends [FLAGS]", add_backends},
    Command{"data classes", "list class names, or some of them drawn at random", "saker data classes [FLAGS]",
            add_data_classes},
    Command{"pull", "download official weights by name", "saker pull NAME [FLAGS]", add_pull},
    Command{"runs", "compare trainings: metrics, losses, arguments", "saker runs DIR... [FLAGS]", add_runs},
    Command{"data calib", "pick pictures to calibrate or evaluate with: so many of each class",
            "saker data calib --data DATA --per-class N --out FOLDER [FLAGS]", add_data_calib},
    Command{"data check", "find what is wrong with pictures and annotations", "saker data check DATA [FLAGS]",
            add_data_check},
    Command{"data convert", "turn COCO, YOLO or VOC annotations into COCO or YOLO ones",
            "saker data convert DATA --to coco|yolo --out PATH [FLAGS]", add_data_convert},
    Command{"data synth", "draw a data set with labels", "saker data synth --theme NAME --out FOLDER [FLAGS]",
            add_data_synth},
    Command{"data sample", "draw a synthetic picture", "saker data sample --out FILE [FLAGS]", add_data_sample},
};

// Commands of two words that share the first.
struct Group {
  std::string_view name;
  const char* what;
};
constexpr std::array kGroups = {Group{"data", "make, convert and check data sets"}};

constexpr const char* kExamples =
    "Examples:\n"
    "  saker detect yolov8n.onnx bus.jpg --save-vis out\n"
    "  saker detect yolov8n.onnx pictures/ --json boxes.json\n"
    "  saker annotate yolov8n.onnx --source street.mp4\n"
    "  saker bench yolov8n.onnx --threads 4\n"
    "  saker inspect yolov8n.onnx --why\n"
    "\n"
    "saker COMMAND --help says more about each.";

// The second word of a group's command; empty for other commands.
std::string_view verb_of(const Command& command, const Group& group) {
  const std::string_view name = command.name;
  if (!name.starts_with(group.name) || name.size() <= group.name.size() || name[group.name.size()] != ' ') return {};
  return name.substr(group.name.size() + 1);
}

bool in_group(const Command& command) {
  return std::ranges::any_of(kGroups, [&](const Group& group) { return !verb_of(command, group).empty(); });
}

int unknown_command(const std::string& word, const std::vector<std::string>& words) {
  std::vector<std::string> names;
  for (const Command& command : kCommands) {
    if (!in_group(command)) names.emplace_back(command.name);
  }
  for (const Group& group : kGroups) names.emplace_back(group.name);
  const bool flag = word.starts_with("-");
  std::string text = fmt::format("unknown {} {}", flag ? "flag" : "command", word);
  if (flag) names = {"help", "version"};
  const std::string bare = flag ? word.substr(std::min(word.find_first_not_of('-'), word.size())) : word;
  if (const auto similar = nearest(bare, names)) {
    text += fmt::format(": did you mean {}{}?", flag ? "--" : "", *similar);
  } else if (word.ends_with(".onnx")) {
    text += fmt::format("\nto find objects: saker detect {}{}", word, words.size() > 1 ? "" : " SOURCE...");
    for (std::size_t i = 1; i < words.size(); ++i) text += " " + words[i];
  }
  return usage_error("", text);
}

std::string explain(const CLI::ParseError& error) {
  std::string text = error.what();
  const std::string subject = text.substr(0, text.find_first_of(": "));
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) return subject + " needs a value";
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
    if (subject == "MODEL") return "MODEL is missing: the .onnx file of a detector";
    if (subject == "SOURCE") return "SOURCE is missing: a picture, a folder, a glob, a list.txt, or - for stdin";
    if (subject == "DIR") return "DIR is missing: the folder of a run, which has a results.csv, or one with several";
    if (subject == "DATA") return "DATA is missing: a COCO .json, a YOLO data.yaml or a folder of VOC .xml files";
    if (subject.starts_with("--")) return subject + " is missing";
  }
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    return "too many arguments: " + text.substr(std::min(text.size(), text.find(": ") + 2));
  }
  return text;
}

int print(std::string_view text) {
  const Status status = show(text);
  return status.ok() ? kSuccess : fail(status.error());
}

int run_command(const Command& command, const std::vector<std::string>& words) {
  CLI::App app(command.what, command.name);
  style_help(app, command.usage);
  const std::function<int()> run = command.add(app);
  if (const std::string wrong = wrong_flag(app, words); !wrong.empty()) return usage_error(command.name, wrong);
  try {
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));  // CLI11 takes them from the back
  } catch (const CLI::CallForHelp&) {
    return print(app.help());
  } catch (const CLI::Success&) {
    return kSuccess;
  } catch (const CLI::ParseError& error) {
    return usage_error(command.name, explain(error));
  }
  return run();
}

std::string group_overview(const Group& group) {
  std::string text =
      fmt::format("saker {0}: {1}.\n\nUsage: saker {0} VERB ... [FLAGS]\n\nVerbs:\n", group.name, group.what);
  for (const Command& command : kCommands) {
    const std::string_view verb = verb_of(command, group);
    if (!verb.empty()) text += fmt::format("  {:<12}{}\n", verb, command.what);
  }
  return text + fmt::format("\nsaker {} VERB --help says more about each.\n", group.name);
}

// words[0] is the group's name, and what follows is none of its commands.
int run_group(const Group& group, const std::vector<std::string>& words) {
  const bool help = words.size() > 1 && (words[1] == "--help" || words[1] == "-h" || words[1] == "help");
  if (help) return print(group_overview(group));
  if (words.size() < 2) {
    std::fputs(group_overview(group).c_str(), stderr);
    return kUsage;
  }
  std::vector<std::string> verbs;
  for (const Command& command : kCommands) {
    const std::string_view verb = verb_of(command, group);
    if (!verb.empty()) verbs.emplace_back(verb);
  }
  const auto similar = nearest(words[1], verbs);
  return usage_error(group.name,
                     fmt::format("unknown command {0} {1}{2}", group.name, words[1],
                                 similar ? fmt::format(": did you mean {} {}?", group.name, *similar) : ""));
}

std::string overview() {
  std::string text = "saker runs YOLO object detectors on CPUs.\n\nUsage: saker COMMAND ... [FLAGS]\n\nCommands:\n";
  for (const Command& command : kCommands) {
    if (!in_group(command)) text += fmt::format("  {:<12}{}\n", command.name, command.what);
  }
  for (const Group& group : kGroups)
    text += fmt::format("  {:<12}{}\n", fmt::format("{} VERB", group.name), group.what);
  return text + "\nOptions:\n  --help      this text\n  --version   version and what this CPU can do\n\n" + kExamples +
         "\n";
}

int run(std::vector<std::string> words) {
  if (words.empty()) {
    std::fputs(overview().c_str(), stderr);
    return kUsage;
  }
  if (words.size() > 1 && words[0] == "help") {
    words.erase(words.begin());
    words.emplace_back("--help");
  }
  const std::string first = words[0];
  if (first == "--help" || first == "-h" || first == "help") return print(overview());
  if (first == "--version" || first == "version" || first == "-V") return print(version_line() + "\n");
  if (first == "bench-child") return bench_child();
  for (const Command& command : kCommands) {
    if (first == command.name && command.add == nullptr) return start_program(first, {words.begin() + 1, words.end()});
    if (first == command.name) return run_command(command, {words.begin() + 1, words.end()});
    if (words.size() > 1 && command.name == first + " " + words[1])
      return run_command(command, {words.begin() + 2, words.end()});
  }
  for (const Group& group : kGroups) {
    if (first == group.name) return run_group(group, words);
  }
  return unknown_command(first, words);
}

// Some destructors and noexcept functions of libraries allocate (std::filesystem, nlohmann::json): without memory they
// end the program, and that is a failure like others.
[[noreturn]] void end_without_memory() {
  try {
    if (const auto problem = std::current_exception()) std::rethrow_exception(problem);
  } catch (const std::bad_alloc&) {
    remove_temporaries();
    constexpr std::string_view kMessage = "saker: not enough memory\n";
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, kMessage.data(), kMessage.size());
    ::_exit(kFailure);
  } catch (...) {
  }
  std::abort();
}

}  // namespace
}  // namespace saker::cli

int main(int argc, char** argv) {
  if (!saker::cli::open_standard_streams()) return saker::cli::kFailure;  // there is nowhere to say so
  saker::remove_temporaries_on_signals();
  std::set_terminate(saker::cli::end_without_memory);
  try {
    return saker::cli::run({argv + 1, argv + argc});
  } catch (const std::bad_alloc&) {
    saker::cli::say("not enough memory");
  } catch (const std::exception& e) {
    saker::cli::say(fmt::format("internal error: {}", e.what()));
  }
  return saker::cli::kFailure;
}
