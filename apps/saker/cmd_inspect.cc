// saker inspect: what a model is, and what each stage makes of it.
#include <fmt/format.h>
#include <saker/detector_spec.h>
#include <saker/model.h>

#include <memory>

#include "api/input_shapes.h"
#include "api/internals.h"
#include "base/cpu.h"
#include "base/files.h"
#include "base/knobs.h"
#include "base/nearest.h"
#include "base/try.h"
#include "base/usable_cpus.h"
#include "checkpoint_facts.h"
#include "command.h"
#include "compile/compile.h"
#include "facts.h"
#include "flags.h"
#include "graph/printer.h"
#include "model/read.h"
#include "output.h"
#include "passes/pipeline.h"
#include "plan/bf16.h"
#include "report.h"
#include "sparsity_output.h"

namespace saker::cli {
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  saker inspect yolov8n.onnx                          the file, and the graph after all passes\n"
    "  saker inspect best.pt                               its network, its training, parameters per layer\n"
    "  saker inspect yolov8n.onnx --stop-after fold_constants\n"
    "  saker inspect yolov8n.onnx --passes                 what each pass takes, and what it does\n"
    "  saker inspect yolov8n.onnx --why | less             each layer's kernel, and why not another\n"
    "  saker inspect sparse.onnx --sparsity                zeros, and blocks of zeros, of each layer\n"
    "  saker inspect yolov5n.onnx --imgsz 416 --plan --json plan.json";

struct InspectFlags {
  std::string model, stop_after, isa, precision, json;
  std::vector<std::string> shapes, without;
  Size size;
  bool passes = false, plan = false, why = false, sparsity = false, low_memory = false, autotune = false;
  int threads = 0;
};

void list_passes() {
  for (const Pass& pass : all_passes()) fmt::print("{:<28}{}\n", pass.name, pass.what);
}

Status check_pass(const std::string& flag, const std::string& name) {
  std::vector<std::string> names;
  for (const Pass& pass : all_passes()) {
    if (name == pass.name) return {};
    names.emplace_back(pass.name);
  }
  const auto similar = nearest(name, names);
  return Error{ErrorCode::kInvalid, fmt::format("{}: no pass '{}'{}\nsaker inspect --list-passes lists them", flag,
                                                name, similar ? fmt::format(": did you mean {}?", *similar) : "")};
}

// What `saker detect` would take the outputs for, and why.
struct Head {
  std::string text;
  Json json;
};

std::string named(HeadKind kind, int classes) {
  return classes > 0 ? fmt::format("{}, {} classes", head_name(kind), classes) : head_name(kind);
}

Head head_of(const Model& model, const InspectFlags& flags) {
  SpecOptions options;
  options.height = flags.size.height;
  options.width = flags.size.width;
  const auto spec = DetectorSpec::find(model, options);
  Head head;
  if (!spec.ok()) {
    const std::string why = in_flags(spec.error());
    head.text = "none that saker detect knows: " + why.substr(0, why.find('\n'));
    head.json["against"] = why;
    return head;
  }
  const int classes = spec->head_candidates().empty() ? 0 : spec->class_count();
  head.text = fmt::format("{}\nbecause    {}", named(spec->head(), classes), spec->head_reason());
  head.json["head"] = head_name(spec->head());
  head.json["classes"] = classes;
  head.json["reason"] = spec->head_reason();
  head.json["candidates"] = Json::array();
  for (const HeadCandidate& candidate : spec->head_candidates()) {
    Json entry;
    entry["head"] = head_name(candidate.head);
    entry["classes"] = candidate.classes;
    entry["against"] = candidate.against;
    head.json["candidates"].push_back(std::move(entry));
    if (!candidate.against.empty())
      head.text += fmt::format("\nnot        {}: {}", named(candidate.head, candidate.classes), candidate.against);
  }
  return head;
}

struct Stages {
  std::string text;
  Json json = Json::object();
};

// One line a pass: what it took, and how many nodes it left.
struct PassTable {
  std::string text = fmt::format("{:<28}{:>10}{:>8}{:>8}\n", "pass", "ms", "nodes", "after");
  Json json = Json::array();
  double ms = 0;

  void add(const Pass& pass, const PassRun& run) {
    text += fmt::format("{:<28}{:>10.3f}{:>8}{:>8}\n", pass.name, run.ms, run.nodes_before, run.nodes_after);
    json.push_back(
        {{"name", pass.name}, {"ms", run.ms}, {"nodes_before", run.nodes_before}, {"nodes_after", run.nodes_after}});
    ms += run.ms;
  }
};

Status show_plan(const InspectFlags& flags, const Model& model, std::span<const Shape> shapes, Stages& out) {
  CompileOptions options;
  options.without = flags.without;
  options.autotune = flags.autotune;
  options.cache = knobs().cache;
  SAKER_ASSIGN(options.plan.isa, choose_isa(flags.isa));
  options.plan.bf16 = wants_bf16(flags.precision, options.plan.isa);
  options.plan.low_memory = flags.low_memory;
  options.plan.threads = flags.threads > 0 ? flags.threads : usable_cpus();
  std::vector<std::string> names;
  for (const TensorInfo& output : model.outputs()) names.push_back(output.name);
  auto plan = compile(*graph_of(model), shapes, names, options);
  if (!plan.ok()) return plan.error().with_context(flags.model);
  out.text += print(*plan, flags.why);
  out.json["plan"] = plan_json(*plan, flags.why);
  return {};
}

// Of a checkpoint: what it says besides its network.
Status add_checkpoint(const Model& model, Stages& out) {
  SAKER_ASSIGN(const FileKind kind, recognise_file(model.path()));
  if (kind.format != Format::kPyTorch) return {};
  SAKER_ASSIGN(const FileBytes bytes, read_file(model.path(), ModelOptions{}.max_file_bytes));
  SAKER_ASSIGN(const pt::CheckpointFacts facts, pt::checkpoint_facts(bytes));
  out.text += checkpoint_text(facts);
  out.json["checkpoint"] = checkpoint_json(facts);
  return {};
}

// After the portable passes: as the engine sees the weights.
Status show_sparsity(const InspectFlags& flags, Graph& graph, std::span<const Shape> shapes, Stages& out) {
  PassOptions options;
  options.without = flags.without;
  auto status = bind_input_shapes(graph, shapes);
  if (status.ok()) status = run_passes(graph, portable_passes(), options);
  if (!status.ok()) return status.error().with_context(flags.model);
  const sparsify::SparsityReport report = sparsify::report_sparsity(graph);
  out.text = sparsity_text(report);
  out.json["sparsity"] = sparsity_json(report);
  return {};
}

Result<Stages> inspect(const InspectFlags& flags) {
  SAKER_TRY(check_model_path("inspect", flags.model));
  if (!flags.json.empty()) SAKER_TRY(check_output("--json", flags.json));
  SAKER_ASSIGN(const Model model, Model::load(flags.model));
  SAKER_ASSIGN(auto named, parse_shapes(flags.shapes));
  SAKER_ASSIGN(const ChosenShapes chosen,
               choose_shapes(model, {flags.size.height, flags.size.width, 0, std::move(named)}));
  for (const std::string& note : chosen.notes) say("note: " + note + " (--imgsz or --shape changes that)");
  Stages out;
  out.json = facts_json(model);
  if (flags.plan || flags.why) {
    SAKER_TRY(show_plan(flags, model, chosen.shapes, out));
    return out;
  }
  Graph graph = *graph_of(model);
  if (flags.sparsity) {
    SAKER_TRY(show_sparsity(flags, graph, chosen.shapes, out));
    return out;
  }
  PassTable table;
  PassOptions options;
  options.without = flags.without;
  options.stop_after = flags.stop_after;
  options.observe = [&](const Pass& pass, const PassRun& run) { table.add(pass, run); };
  auto status = bind_input_shapes(graph, chosen.shapes);
  if (status.ok()) status = run_passes(graph, all_passes(), options);
  if (!status.ok()) return status.error().with_context(flags.model);
  if (flags.passes) {
    out.text = table.text + fmt::format("{:<28}{:>10.3f}\n", "all", table.ms);
    out.json["passes"] = std::move(table.json);
    return out;
  }
  out.json["graph"] = graph_json(graph);
  if (flags.stop_after.empty()) {
    Head head = head_of(model, flags);
    out.text = fmt::format("{}head       {}\n", facts_text(model), head.text);
    out.json["head"] = std::move(head.json);
    SAKER_TRY(add_checkpoint(model, out));
    out.text += fmt::format("\nafter all passes: {} nodes\n", graph.nodes.size());
  }
  out.text += print(graph);
  return out;
}

int run_inspect(const InspectFlags& flags) {
  const bool plan = flags.plan || flags.why;
  if (plan && !flags.stop_after.empty())
    return usage_error("inspect", "--stop-after shows a graph; a plan needs all passes: use one of the two");
  if (plan && flags.passes)
    return usage_error("inspect", "--passes shows what leads to a graph, --plan and --why a plan: use one of the two");
  if (flags.sparsity && (plan || flags.passes || !flags.stop_after.empty()))
    return usage_error("inspect",
                       "--sparsity shows the weights; use it without --plan, --why, --passes and --stop-after");
  Status wrong = check_json(flags.json);
  if (wrong.ok() && !flags.stop_after.empty()) wrong = check_pass("--stop-after", flags.stop_after);
  for (const std::string& name : flags.without) {
    if (wrong.ok()) wrong = check_pass("--without", name);
  }
  if (wrong.ok() && !flags.json.empty() && same_file(flags.json, flags.model))
    wrong = Error{ErrorCode::kInvalid, "--json would overwrite the model"};
  if (!wrong.ok()) return usage_error("inspect", wrong.error().message);
  auto stages = inspect(flags);
  if (!stages.ok()) return fail(stages.error());
  if (!flags.json.empty()) {
    if (auto status = write_output(flags.json, dump(stages->json)); !status.ok()) return fail(status.error());
  }
  if (flags.json != "-") {
    if (auto status = show(stages->text); !status.ok()) return fail(status.error());
  }
  return kSuccess;
}

}  // namespace

std::function<int()> add_inspect(CLI::App& app) {
  auto flags = std::make_shared<InspectFlags>();
  app.add_option("MODEL", flags->model, "an ONNX file, a checkpoint (.pt, .pth, .safetensors), or an OpenVINO .xml")
      ->option_text(" ")
      ->required();
  add_value(app, "--stop-after", "PASS", flags->stop_after, "the graph after this pass instead of the last one");
  app.add_flag_callback(
      "--list-passes",
      [] {
        list_passes();
        throw CLI::Success();
      },
      "the passes, in their order");
  app.add_flag("--passes", flags->passes, "what each pass took, and the nodes before and after it");
  add_list(app, "--without", "PASS", flags->without, "passes to leave out; repeatable");
  app.add_flag("--plan", flags->plan, "the steps that are run, with their kernels");
  app.add_flag("--why", flags->why, "the plan, and for each step why other kernels were refused");
  app.add_flag("--sparsity", flags->sparsity, "how many of each convolution's weights are zero, and in which patterns");
  add_size(app, flags->size);
  add_shapes(app, flags->shapes);
  add_isa(app, flags->isa);
  add_value(app, "--precision", "NAME", flags->precision, "f32, bf16 or auto, for the plan [f32]")
      ->check(one_of({"f32", "bf16", "auto"}));
  add_kernel_choice(app, flags->low_memory, flags->autotune);
  add_value(app, "--threads", "N", flags->threads, "CPU threads to plan for [all CPUs]")->check(whole_number(1, 1024));
  add_json(app, flags->json);
  app.footer(kExamples);
  return [flags] { return run_inspect(*flags); };
}

}  // namespace saker::cli
