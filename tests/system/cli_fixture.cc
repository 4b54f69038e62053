// Helper of the system tests: makes models and pictures, and reads JSON.
//
//   cli_fixture model FILE.onnx [open-batch|foreign|gain|batch-of-4]   foreign: with an operator that saker lacks
//   cli_fixture checkpoint FILE.pt MODEL CLASS...                  a checkpoint of 64x64 pixels with random weights;
//                                                                  MODEL: a YAML, or yolox
//   cli_fixture picture FILE.{ppm,png,jpg} [CLASS COLUMN ROW]...   64x64 black, 8x8 blocks of red, green, blue
//   cli_fixture copy FROM TO.{png,jpg} [N CUT]                     a picture in another format, N times as large, less
//                                                                  CUT columns and rows at the end
//   cli_fixture run FOLDER EPOCHS [RESUME_AFTER]                   a run's args.yaml, results.csv and events; adds to
//                                                                  what is there. Epoch N has mAP50-95 N / 100
//   cli_fixture size FILE                                          "64x64"
//   cli_fixture pixel FILE X Y                                     "255 0 0"
//   cli_fixture get FILE.json POINTER...                           a value a line; "#POINTER": number of elements,
//                                                                  "@POINTER": keys in order
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <saker/image.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "model/pt/write.h"
#include "nets/families.h"
#include "runs/run_folder.h"
#include "tiny_model.h"

namespace {

using Json = nlohmann::ordered_json;

[[noreturn]] void stop(const std::string& message) {
  fmt::print(stderr, "cli_fixture: {}\n", message);
  std::exit(1);
}

void write(const std::string& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!file.flush()) stop("cannot write " + path);
}

void make_checkpoint(const std::vector<std::string>& words) {
  const std::string& model = words.at(2);
  saker::nets::FamilyOptions options;
  options.names.assign(words.begin() + 3, words.end());
  std::ifstream yaml(model);
  const std::string text{std::istreambuf_iterator<char>(yaml), {}};
  auto network = model == "yolox" ? saker::nets::yolox_network(0.33, 0.125, false, options)
                                  : saker::nets::network_from_yaml(text, model, options);
  if (!network.ok()) stop(network.error().message);
  const auto bytes = saker::pt::write_checkpoint(*network, {.date = "", .arguments = {{"imgsz", "64"}}});
  if (!bytes.ok()) stop(bytes.error().message);
  write(words[1], {reinterpret_cast<const char*>(bytes->data()), bytes->size()});
}

saker::Image read(const std::string& path) {
  auto image = saker::read_image(path);
  if (!image.ok()) stop(image.error().message);
  return std::move(*image);
}

void write_picture(const std::string& path, const saker::Image& image) {
  if (path.ends_with(".ppm")) {
    write(path, fmt::format("P6\n{} {}\n255\n", image.width, image.height) +
                    std::string(image.pixels.begin(), image.pixels.end()));
  } else if (auto status = saker::write_image(path, image.view()); !status.ok()) {
    stop(status.error().message);
  }
}

saker::Image enlarged(const saker::Image& image, int by, int cut) {
  saker::Image large;
  large.width = image.width * by - cut;
  large.height = image.height * by - cut;
  for (int y = 0; y < large.height; ++y) {
    for (int x = 0; x < large.width; ++x) {
      const auto* pixel = image.pixels.data() + std::ptrdiff_t{3} * (y / by * image.width + x / by);
      large.pixels.insert(large.pixels.end(), pixel, pixel + 3);
    }
  }
  return large;
}

void make_picture(const std::vector<std::string>& words) {
  constexpr std::size_t kSide = 64, kBlock = 8;
  saker::Image image;
  image.width = image.height = kSide;
  image.pixels.assign(kSide * kSide * 3, 0);
  for (std::size_t i = 2; i + 2 < words.size(); i += 3) {
    const std::size_t channel = std::stoul(words[i]), column = std::stoul(words[i + 1]), row = std::stoul(words[i + 2]);
    for (std::size_t k = 0; k < kBlock * kBlock; ++k)
      image.pixels.at(((row * kBlock + k / kBlock) * kSide + column * kBlock + k % kBlock) * 3 + channel) = 255;
  }
  write_picture(words[1], image);
}

void get(const std::vector<std::string>& words) {
  std::ifstream file(words[1]);
  const Json document = Json::parse(file);
  for (std::size_t i = 2; i < words.size(); ++i) {
    const bool count = words[i].starts_with("#"), keys = words[i].starts_with("@");
    const Json& value = document.at(Json::json_pointer(words[i].substr(count || keys ? 1 : 0)));
    std::vector<std::string> names;
    if (keys) {
      for (const auto& [key, ignored] : value.items()) names.push_back(key);
      fmt::print("{}\n", fmt::join(names, " "));
    } else if (count) {
      fmt::print("{}\n", value.size());
    } else if (value.is_number_float()) {
      fmt::print("{:.5g}\n", value.get<double>());
    } else if (value.is_string()) {
      fmt::print("{}\n", value.get<std::string>());
    } else {
      fmt::print("{}\n", value.dump());
    }
  }
}

void make_run(const std::vector<std::string>& words) {
  namespace runs = saker::runs;
  const std::int64_t last = std::stoi(words.at(2)), first = words.size() > 3 ? std::stoi(words[3]) : 0;
  saker::Status status =
      runs::write_args(words[1], {{"model", "yolov8n.yaml"}, {"epochs", words[2]}, {"name", "x: y"}});
  auto log = runs::RunLog::open(words[1], first);
  if (!status.ok() || !log.ok()) stop(status.ok() ? log.error().message : status.error().message);
  for (std::int64_t epoch = first + 1; epoch <= last; ++epoch) {
    const auto x = static_cast<double>(epoch);
    status = log->add({.epoch = epoch,
                       .seconds = 10 * x,
                       .train_losses = {{"box_loss", 4 / x}, {"cls_loss", 3 / x}, {"dfl_loss", 2 / x}},
                       .precision = 0.5,
                       .recall = 0.25,
                       .map50 = x / 50,
                       .map50_95 = x / 100,
                       .val_losses = {{"box_loss", 5 / x}, {"cls_loss", 4 / x}, {"dfl_loss", 3 / x}},
                       .learning_rates = {0.01, 0.01, 0.1},
                       .sparsity = {}});
    if (!status.ok()) stop(status.error().message);
  }
}

void run(const std::vector<std::string>& words) {
  if (words.size() < 2) stop("see the first lines of cli_fixture.cc");
  if (words[0] == "model") {
    const std::string variant = words.size() > 2 ? words[2] : "";
    write(words[1], saker::testing::tiny_detector({.open_batch = variant == "open-batch",
                                                   .foreign = variant == "foreign",
                                                   .gain = variant == "gain",
                                                   .batch = variant == "batch-of-4" ? 4 : 1}));
  } else if (words[0] == "checkpoint") {
    make_checkpoint(words);
  } else if (words[0] == "picture") {
    make_picture(words);
  } else if (words[0] == "copy") {
    const bool larger = words.size() > 4;
    write_picture(words.at(2),
                  enlarged(read(words[1]), larger ? std::stoi(words[3]) : 1, larger ? std::stoi(words[4]) : 0));
  } else if (words[0] == "run") {
    make_run(words);
  } else if (words[0] == "size") {
    const saker::Image image = read(words[1]);
    fmt::print("{}x{}\n", image.width, image.height);
  } else if (words[0] == "pixel") {
    const saker::Image image = read(words[1]);
    const std::size_t at =
        (std::stoul(words.at(3)) * static_cast<std::size_t>(image.width) + std::stoul(words.at(2))) * 3;
    fmt::print("{} {} {}\n", image.pixels.at(at), image.pixels.at(at + 1), image.pixels.at(at + 2));
  } else if (words[0] == "get") {
    get(words);
  } else {
    stop("unknown: " + words[0]);
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    run({argv + 1, argv + argc});
  } catch (const std::exception& e) {
    stop(e.what());
  }
}
