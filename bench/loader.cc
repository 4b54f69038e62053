// How many augmented pictures a second the training batches make. By hand:
//   loader_lab pistols/train --size 320 --workers 2 --sheet batch.jpg
#include <saker/image.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>

#include "augment/batch_loader.h"
#include "augment/draw_batch.h"
#include "data/dataset.h"

namespace {

namespace augment = saker::augment;

struct Flags {
  std::string data, sheet;
  std::string split = "train";
  augment::LoaderOptions loader;
  augment::Augmentation augmentation;
  std::size_t cache_mib = 512;
  std::size_t batches = SIZE_MAX;
  int epochs = 1;
  bool plain = false;
};

int fail(const saker::Error& error) {
  std::fprintf(stderr, "%s\n", error.message.c_str());
  return 1;
}

int run(Flags& flags) {
  saker::DatasetOptions reading;
  reading.split = flags.split;
  const auto dataset = saker::read_dataset(flags.data, reading);
  if (!dataset.ok()) return fail(dataset.error());
  flags.loader.cache_bytes = flags.cache_mib << 20;
  flags.loader.warn = [](const std::string& message) { std::fprintf(stderr, "%s\n", message.c_str()); };
  auto loader = augment::BatchLoader::create(*dataset, flags.loader);
  if (!loader.ok()) return fail(loader.error());
  if (flags.plain) flags.augmentation = augment::no_augmentation();
  for (int epoch = 0; epoch < flags.epochs; ++epoch) {
    const auto start = std::chrono::steady_clock::now();
    const auto seconds = [&] {
      return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    };
    std::size_t pictures = 0, boxes = 0;
    double first = 0;
    loader->begin(epoch, flags.augmentation);
    for (std::size_t i = 0; i < flags.batches; ++i) {
      auto batch = loader->next();
      if (!batch.ok()) return fail(batch.error());
      if (!batch->has_value()) break;
      if (pictures == 0) first = seconds();
      if (pictures == 0 && epoch == 0 && !flags.sheet.empty()) {
        const saker::Image sheet = augment::draw_batch(**batch, *dataset);
        if (const auto written = saker::write_image(flags.sheet, sheet.view()); !written.ok())
          return fail(written.error());
      }
      pictures += (*batch)->pictures.size();
      boxes += (*batch)->boxes.size();
    }
    std::printf("epoch %d: %zu pictures, %zu boxes, first batch after %.3f s, %.1f pictures/s\n", epoch, pictures,
                boxes, first, static_cast<double>(pictures) / seconds());
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Flags flags;
  CLI::App app("Pictures per second of the training batches.");
  app.add_option("data", flags.data, "annotations: a COCO JSON, a data.yaml, a folder")->required();
  app.add_option("--split", flags.split);
  app.add_option("--size", flags.loader.size);
  app.add_option("--batch", flags.loader.batch);
  app.add_option("--workers", flags.loader.workers);
  app.add_option("--ahead", flags.loader.ahead);
  app.add_option("--cache-mib", flags.cache_mib);
  app.add_option("--epochs", flags.epochs);
  app.add_option("--batches", flags.batches, "of each epoch, at most");
  app.add_option("--seed", flags.loader.seed);
  app.add_option("--multi-scale", flags.loader.multi_scale);
  app.add_option("--degrees", flags.augmentation.degrees);
  app.add_option("--shear", flags.augmentation.shear);
  app.add_option("--perspective", flags.augmentation.perspective);
  app.add_option("--mosaic", flags.augmentation.mosaic);
  app.add_option("--mixup", flags.augmentation.mixup);
  app.add_flag("--yolox", flags.augmentation.yolox);
  app.add_flag("--rect", flags.loader.rect);
  app.add_flag("--plain", flags.plain, "no augmentation");
  app.add_option("--sheet", flags.sheet, "write the first batch here");
  CLI11_PARSE(app, argc, argv);
  return run(flags);
}
