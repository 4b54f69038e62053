// planes_lab: a decoder's planes into a model's input, at once and by way of an RGB picture.
//
//   planes_lab [--size 1920 1080] [--input 640] [--threads 1] [--rounds 100] [--json FILE]
//
// A round runs every way once; figures are medians, in brackets the first and the last decile. Frames change from run
// to run, so that none lies in L2. RGB pictures are made by to_rgb, its rows shared by the threads, or by libswscale,
// if the build found it, with as many threads.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <stdexcept>

#include "base/clock.h"
#include "base/cpu.h"
#include "base/files.h"
#include "base/statistics.h"
#include "base/version.h"
#include "detect/letterbox.h"
#include "media/yuv.h"
#include "swscale.h"

namespace saker::lab {
namespace {

struct LabFlags {
  std::vector<int> size = {1920, 1080};
  int input = 640, threads = 1, rounds = 100, frames = 4;
  std::string isa, json;
  bool stretch = false;
};

const std::map<std::string, PlanarLayout> kLayouts = {{"i420", PlanarLayout::kI420},
                                                      {"nv12", PlanarLayout::kNv12},
                                                      {"i010", PlanarLayout::kI010},
                                                      {"p010", PlanarLayout::kP010}};

// Smooth, with some noise, as pictures are.
struct Frame {
  std::vector<std::uint8_t> samples;
  PlanarView view;
};

Frame make_frame(PlanarLayout layout, int width, int height, std::uint32_t seed) {
  const bool pairs = layout == PlanarLayout::kNv12 || layout == PlanarLayout::kP010;
  const std::ptrdiff_t bytes = layout == PlanarLayout::kI010 || layout == PlanarLayout::kP010 ? 2 : 1;
  const std::ptrdiff_t luma = bytes * width, chroma = bytes * ((width + 1) / 2) * (pairs ? 2 : 1);
  const std::ptrdiff_t chroma_size = chroma * ((height + 1) / 2);
  Frame frame;
  frame.samples.resize(static_cast<std::size_t>(luma * height + chroma_size * (pairs ? 1 : 2)));
  std::minstd_rand random(seed);
  for (std::size_t i = 0; i < frame.samples.size(); ++i)
    frame.samples[i] = static_cast<std::uint8_t>(90 + (i / 64 + seed * 31) % 80 + random() % 32);
  if (layout == PlanarLayout::kI010) {
    for (std::size_t i = 1; i < frame.samples.size(); i += 2) frame.samples[i] &= 3;
  }
  const std::uint8_t* at = frame.samples.data();
  frame.view = {layout, width, height, {at, at + luma * height, nullptr}, {luma, chroma, 0}, true, false};
  if (!pairs) {
    frame.view.data[2] = frame.view.data[1] + chroma_size;
    frame.view.stride_bytes[2] = chroma;
  }
  return frame;
}

// Rows first..last-1; first is even.
PlanarView rows_of(const PlanarView& picture, int first, int last) {
  PlanarView part = picture;
  part.height = last - first;
  part.data[0] += first * part.stride_bytes[0];
  for (std::size_t p = 1; p < 3; ++p) {
    if (part.data[p] != nullptr) part.data[p] += first / 2 * part.stride_bytes[p];
  }
  return part;
}

struct Way {
  std::string name;
  std::function<void(std::size_t frame)> run;
  std::vector<double> ms = {};
};

class Lab {
 public:
  Lab(const LabFlags& flags, const std::string& layout, Isa isa) : flags_(flags), pool_(flags.threads) {
    Preprocess preprocess;
    if (flags.stretch) preprocess.fit = Fit::kStretch;
    letterbox_ = Letterbox::make(preprocess, DType::kFloat32, flags.input, flags.input, isa).value();
    for (int i = 0; i < flags.frames; ++i)
      frames_.push_back(
          make_frame(kLayouts.at(layout), flags.size[0], flags.size[1], static_cast<std::uint32_t>(i + 1)));
    tensor_.resize(std::size_t{3} * static_cast<std::size_t>(flags.input) * static_cast<std::size_t>(flags.input));
    bands_.resize(static_cast<std::size_t>(flags.threads));
    for (const Frame& frame : frames_) images_.push_back(to_rgb(frame.view));
    swscale_ = Swscale::make(frames_[0].view, flags.threads);
  }

  std::vector<Way> measure() {
    std::vector<Way> ways = {
        {"planes", [&](std::size_t i) { write(frames_[i].view); }},
        {"letterbox of RGB", [&](std::size_t i) { write(images_[i].view()); }},
        {"to_rgb", [&](std::size_t i) { convert(frames_[i].view); }},
        {"copy_planes", [&](std::size_t i) { copy_planes(frames_[i].view, copy_); }},
    };
    if (swscale_) {
      ways.push_back({"swscale", [&](std::size_t) { swscale_->run(); }});
      ways.push_back({"swscale, letterbox", [&](std::size_t) {
                        swscale_->run();
                        write(swscale_->image());
                      }});
    }
    for (int round = -3; round < flags_.rounds; ++round) {
      for (Way& way : ways) {
        const std::size_t frame = next_++ % frames_.size();
        if (swscale_) swscale_->load(frames_[frame].view);
        Stopwatch watch;
        way.run(frame);
        if (round >= 0) way.ms.push_back(watch.lap());
      }
    }
    return ways;
  }

  // Of 255: how far the tensor is from the one by way of RGB, and of swscale's.
  double difference(bool swscale) {
    write(frames_[0].view);
    const std::vector<float> direct = tensor_;
    if (swscale) {
      swscale_->load(frames_[0].view);
      swscale_->run();
    }
    write(swscale ? swscale_->image() : images_[0].view());
    double worst = 0;
    for (std::size_t i = 0; i < direct.size(); ++i)
      worst = std::max(worst, std::fabs(static_cast<double>(direct[i] - tensor_[i])) * 255);
    return worst;
  }
  bool has_swscale() const { return swscale_ != nullptr; }

 private:
  template <typename View>
  void write(const View& view) {
    const auto placed = letterbox_->write(view, tensor_.data(), &pool_);
    if (!placed.ok()) throw std::runtime_error(placed.error().message);
  }
  void convert(const PlanarView& view) {
    const int rows = (view.height / flags_.threads + 1) / 2 * 2;
    pool_.run(flags_.threads, [&](std::int64_t i, int) {
      const int first = static_cast<int>(i) * rows;
      bands_[static_cast<std::size_t>(i)] = to_rgb(rows_of(view, first, std::min(first + rows, view.height)));
    });
  }

  const LabFlags& flags_;
  ThreadPool pool_;
  std::optional<Letterbox> letterbox_;
  std::vector<Frame> frames_;
  std::vector<Image> images_, bands_;
  std::vector<float> tensor_;
  std::unique_ptr<Swscale> swscale_;
  I420Image copy_;
  std::size_t next_ = 0;
};

using Times = std::map<std::string, std::vector<double>>;  // of each way, sorted

// Planes at once as a share of other ways one after the other, of medians and of first deciles, which a busy machine
// moves less.
void report_ratio(const Times& times, const std::string& layout, const std::vector<std::string>& others,
                  double difference, nlohmann::json& json) {
  const auto ratio = [&](double share) {
    const auto at = [&](const std::string& way) { return percentile(times.at(way), share); };
    double sum = 0;
    for (const std::string& other : others) sum += at(other);
    return at("planes") / sum;
  };
  fmt::print("{:5} planes / ({}): {:.2f}, of first deciles {:.2f}; tensors differ by {:.2f} of 255 at most\n", layout,
             fmt::join(others, " + "), ratio(0.5), ratio(0.1), difference);
  json[others[0]] = {{"ratio_of_medians", ratio(0.5)}, {"ratio_of_deciles", ratio(0.1)}, {"difference", difference}};
}

nlohmann::json report(Lab& lab, const std::string& layout) {
  Times times;
  nlohmann::json json;
  for (Way& way : lab.measure()) {
    std::sort(way.ms.begin(), way.ms.end());
    fmt::print("{:5} {:18} {:6.3f} ms ({:.3f} to {:.3f})\n", layout, way.name, percentile(way.ms, 0.5),
               percentile(way.ms, 0.1), percentile(way.ms, 0.9));
    for (const double ms : way.ms) json["ms"][way.name].push_back(std::round(ms * 1000) / 1000);
    times[way.name] = std::move(way.ms);
  }
  report_ratio(times, layout, {"to_rgb", "letterbox of RGB"}, lab.difference(false), json);
  if (lab.has_swscale()) report_ratio(times, layout, {"swscale, letterbox"}, lab.difference(true), json);
  return json;
}

int run(const LabFlags& flags) {
  const auto isa = choose_isa(flags.isa);
  if (!isa.ok()) {
    fmt::print(stderr, "planes_lab: {}\n", isa.error().message);
    return 1;
  }
  nlohmann::json json = {{"cpu", cpu_model_name()}, {"isa", isa_name(*isa)}, {"threads", flags.threads},
                         {"commit", commit()},      {"size", flags.size},    {"input", flags.input}};
  fmt::print("{}, {}, {} threads, {}x{} into {}\n", cpu_model_name(), isa_name(*isa), flags.threads, flags.size[0],
             flags.size[1], flags.input);
  for (const auto& [name, layout] : kLayouts) {
    Lab lab(flags, name, *isa);
    json["layouts"][name] = report(lab, name);
  }
  if (flags.json.empty()) return 0;
  const Status written = write_file(flags.json, json.dump() + "\n");
  if (!written.ok()) fmt::print(stderr, "planes_lab: {}\n", written.error().message);
  return written.ok() ? 0 : 1;
}

}  // namespace
}  // namespace saker::lab

int main(int argc, char** argv) {
  CLI::App app("A decoder's planes into a model's input, at once and by way of an RGB picture.");
  saker::lab::LabFlags flags;
  app.add_option("--size", flags.size, "width and height of the picture [1920 1080]")
      ->expected(2)
      ->check(CLI::Range(1, 1 << 14));
  app.add_option("--input", flags.input, "side of the model's input [640]")->check(CLI::Range(1, 1 << 14));
  app.add_option("--threads", flags.threads, "[1]")->check(CLI::Range(1, 64));
  app.add_option("--rounds", flags.rounds, "[100]")->check(CLI::Range(1, 1 << 20));
  app.add_option("--frames", flags.frames, "[4]")->check(CLI::Range(1, 64));
  app.add_option("--isa", flags.isa, saker::isa_names() + " [the best of this CPU]");
  app.add_flag("--stretch", flags.stretch, "fill the whole input");
  app.add_option("--json", flags.json, "all times to this file");
  CLI11_PARSE(app, argc, argv);
  return saker::lab::run(flags);
}
