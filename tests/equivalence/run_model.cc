// Runs a model on raw inputs and writes its raw outputs, for compare.py.
//   run_model MODEL OUT_PREFIX THREADS (SHAPE FILE)...     SHAPE as 1x3x640x640
// Prints one JSON line: the outputs' dtypes and shapes, and how long reading and compiling took.
#include <saker/session.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "base/clock.h"

namespace {

[[noreturn]] void die(const std::string& message) {
  std::fprintf(stderr, "%s\n", message.c_str());
  std::exit(1);
}

saker::Shape parse_shape(const std::string& text) {
  saker::Shape shape;
  for (const char* p = text.c_str(); *p != '\0';) {
    char* end = nullptr;
    shape.push_back(std::strtoll(p, &end, 10));
    p = *end == 'x' ? end + 1 : end;
  }
  return shape;
}

void fill(saker::Tensor input, const char* path) {
  std::ifstream file(path, std::ios::binary);
  if (!file.read(static_cast<char*>(input.raw()), static_cast<std::streamsize>(input.bytes()))) die(std::string(path) + ": too short");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 6 || argc % 2 != 0) die("usage: run_model MODEL OUT_PREFIX THREADS (SHAPE FILE)...");
  saker::SessionOptions options;
  options.threads = std::atoi(argv[3]);
  for (int i = 4; i < argc; i += 2) options.input_shapes.push_back(parse_shape(argv[i]));
  saker::Stopwatch watch;
  auto model = saker::Model::load(argv[1]);
  if (!model.ok()) die(model.error().message);
  auto session = saker::Session::create(*model, options);
  if (!session.ok()) die(session.error().message);
  const double load_ms = watch.lap();
  for (std::size_t i = 0; i < session->input_count(); ++i) fill(session->input(i), argv[5 + 2 * i]);
  if (auto status = session->run(); !status.ok()) die(status.error().message);
  nlohmann::json outputs = nlohmann::json::array();
  for (std::size_t i = 0; i < session->output_count(); ++i) {
    const saker::Tensor dense = saker::to_dense(session->output(i)).value();
    std::ofstream file(argv[2] + std::to_string(i), std::ios::binary);
    file.write(static_cast<const char*>(dense.raw()), static_cast<std::streamsize>(dense.bytes()));
    outputs.push_back({{"name", session->output_name(i)}, {"dtype", saker::dtype_name(dense.dtype())}, {"shape", dense.shape()}});
  }
  std::printf("%s\n", nlohmann::json{{"outputs", outputs}, {"load_ms", load_ms}}.dump().c_str());
}
