// A checkpoint read and written again, or a family's network of 80 classes as it begins: `write_checkpoint IN OUT` and
// `write_checkpoint yolov8n OUT`; as safetensors where OUT ends so, else as .pt.
#include <algorithm>
#include <cstdio>
#include <string_view>

#include "base/files.h"
#include "base/try.h"
#include "model/pt/import.h"
#include "model/pt/write.h"
#include "nets/families.h"

namespace {

saker::Result<saker::nets::Network> network_of(const std::string& from) {
  const std::vector<std::string> families = saker::nets::family_names();
  if (std::ranges::find(families, from) != families.end()) {
    saker::nets::FamilyOptions options;
    for (int i = 0; i < 80; ++i) options.names.push_back(std::to_string(i));
    return saker::nets::make_family(from, options);
  }
  SAKER_ASSIGN(const saker::FileBytes file, saker::read_file(from, std::size_t{1} << 32));
  return saker::pt::read_network(file);
}

saker::Status write(const char* from, const char* to) {
  SAKER_ASSIGN(const saker::nets::Network network, network_of(from));
  const saker::pt::TrainingFacts facts = {
      "2026-11-29T12:00:00", -1, {{"imgsz", "320"}, {"data", "coco128.yaml"}, {"lr0", "0.01"}, {"rect", "false"}}};
  const bool safetensors = std::string_view(to).ends_with(".safetensors");
  SAKER_ASSIGN(const std::vector<std::byte> bytes,
               safetensors ? saker::pt::write_safetensors(network, {{"date", facts.date}, {"epoch", "-1"}})
                           : saker::pt::write_checkpoint(network, facts));
  return saker::write_file(to, bytes);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: write_checkpoint IN OUT\n", stderr);
    return 2;
  }
  const saker::Status status = write(argv[1], argv[2]);
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.error().message.c_str());
  return status.ok() ? 0 : 1;
}
