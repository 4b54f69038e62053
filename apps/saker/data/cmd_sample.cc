// saker data sample: a synthetic picture to try things on.
#include <fmt/format.h>

#include <memory>

#include "command.h"
#include "flags.h"
#include "report.h"
#include "synth/sample.h"

namespace saker::cli {
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  saker data sample --out sample.jpg\n"
    "  saker data sample --out wide.png --size 480x800 --seed 7\n"
    "\n"
    "The same seed and size give the same picture on every machine. There are shapes on it, not things that a\n"
    "detector knows: it shows that a model runs, not how well.";

struct SampleFlags {
  std::string out;
  Size size = {640, 640};
  std::uint64_t seed = 1;
};

int run_sample(const SampleFlags& flags) {
  constexpr int kSmallest = 32;
  if (flags.size.height < kSmallest || flags.size.width < kSmallest)
    return usage_error("data sample", fmt::format("--size: at least {0}x{0}", kSmallest));
  if (auto status = check_output("--out", flags.out); !status.ok()) return fail(status.error());
  const Image image = synth::sample_picture({flags.size.width, flags.size.height, flags.seed});
  if (auto status = write_image(flags.out, image.view()); !status.ok()) return fail(status.error());
  return kSuccess;
}

}  // namespace

std::function<int()> add_data_sample(CLI::App& app) {
  auto flags = std::make_shared<SampleFlags>();
  add_value(app, "--out", "FILE", flags->out, "the picture: .jpg or .png")->required();
  add_size(app, flags->size, "--size", "height x width in pixels [640]");
  add_seed(app, flags->seed);
  app.footer(kExamples);
  return [flags] { return run_sample(*flags); };
}

}  // namespace saker::cli
